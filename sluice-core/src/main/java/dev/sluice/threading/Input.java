package dev.sluice.threading;

import dev.sluice.engine.Chunk;
import dev.sluice.engine.ChunkPool;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/** What a connection knows of its input: bytes that the session left unread, and how far the peer is. */
final class Input {
    private final ChunkPool pool;
    /** Unread bytes from position to limit; null where there is none, so that an idle connection holds no buffer. */
    private @Nullable ByteBuffer kept;
    /** The pool's chunk beneath, unless there is too much for one. */
    private @Nullable Chunk chunk;

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
        this.pool = pool;
    }

    boolean isEmpty() {
        return kept == null;
    }

    boolean isEnded() {
        return ended;
    }

    int bytes() {
        return kept == null ? 0 : kept.remaining();
    }

    @Nullable ByteBuffer kept() {
        return kept;
    }

    void ended() {
        armed = false;
        ended = true;
    }

    /** Copies what a session left unread, behind what is kept already. */
    void keep(ByteBuffer bytes) {
        fresh = true;
        ByteBuffer old = kept;
        int needed = bytes.remaining() + (old == null ? 0 : old.remaining());
        if (old != null && needed <= old.capacity()) {
            old.compact().put(bytes).flip();
            return;
        }
        Chunk oldChunk = chunk;
        ByteBuffer larger = buffer(needed);
        if (old != null) {
            larger.put(old);
        }
        kept = larger.put(bytes).flip();
        if (oldChunk != null) {
            pool.release(oldChunk);
        }
    }

    private ByteBuffer buffer(int bytes) {
        if (bytes <= ChunkPool.CHUNK_BYTES && chunk == null) {
            Chunk fresh = pool.acquire();
            chunk = fresh;
            return fresh.buffer.clear();
        }
        chunk = null;
        return ByteBuffer.allocateDirect(Integer.highestOneBit(bytes - 1) << 1);
    }

    /** After the session saw the kept bytes: forgets them where it read them all. */
    void afterOffer() {
        if (kept != null && !kept.hasRemaining()) {
            forget();
        }
    }

    void clear() {
        forget();
        fresh = false;
    }

    private void forget() {
        kept = null;
        if (chunk != null) {
            pool.release(chunk);
            chunk = null;
        }
    }
}
