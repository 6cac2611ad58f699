package dev.sluice.threading;

import dev.sluice.engine.ChunkPool;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/** What a connection knows of its input: bytes that the session left unread, and how far the peer is. */
final class Input {
    private final KeptBytes kept;
    private boolean ended;
    /** Kept bytes were not offered as they are now. */
    boolean fresh;
    /** The session wants no input. */
    boolean paused;
    /** The engine is receiving. */
    boolean armed;
    /** The session was told of the end. */
    boolean endTold;

    Input(ChunkPool pool) {
        this.kept = new KeptBytes(pool);
    }

    boolean isEmpty() {
        return kept.buffer() == null;
    }

    boolean isEnded() {
        return ended;
    }

    int bytes() {
        return kept.count();
    }

    @Nullable ByteBuffer kept() {
        return kept.buffer();
    }

    void ended() {
        armed = false;
        ended = true;
    }

    /** Copies what a session left unread, or was not offered, behind what is kept already. */
    void keep(ByteBuffer bytes, boolean offered) {
        fresh |= !offered;
        kept.add(bytes);
    }

    /** After the session saw the kept bytes: forgets them where it read them all. */
    void afterOffer() {
        if (kept.count() == 0) {
            kept.clear();
        }
    }

    void clear() {
        kept.clear();
        fresh = false;
    }
}
