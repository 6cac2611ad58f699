package dev.sluice.proxy;

import java.nio.ByteBuffer;
import java.util.Arrays;

/** A request's body so far, kept for another try while it is short. */
final class Replay {
    private static final byte[] NOTHING = new byte[0];

    private final int most;
    private byte[] bytes = NOTHING;
    private int length;
    private boolean whole = true;

    Replay(int mostBytes) {
        this.most = mostBytes;
    }

    /** Copies what is about to be sent. */
    void keep(ByteBuffer sent) {
        int count = sent.remaining();
        if (!whole || length + count > most) {
            drop();
            whole = false;
            return;
        }
        if (length + count > bytes.length) {
            bytes = Arrays.copyOf(bytes, Math.min(most, Math.max(length + count, bytes.length * 2)));
        }
        sent.get(sent.position(), bytes, length, count);
        length += count;
    }

    /** Whether all that was sent is here. */
    boolean isWhole() {
        return whole;
    }

    int length() {
        return length;
    }

    ByteBuffer bytes() {
        return ByteBuffer.wrap(bytes, 0, length);
    }

    /** It is needed no more. */
    void drop() {
        bytes = NOTHING;
        length = 0;
    }
}
