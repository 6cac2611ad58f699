package dev.sluice.http;

import java.nio.ByteBuffer;

/** A body of a known length. */
final class LengthDecoder implements BodyDecoder {
    private long remaining;

    LengthDecoder(long length) {
        this.remaining = length;
    }

    long remaining() {
        return remaining;
    }

    @Override
    public int available(ByteBuffer in) {
        if (remaining == 0) {
            return END;
        }
        int there = (int) Math.min(remaining, in.remaining());
        return there == 0 ? NEED_MORE : there;
    }

    @Override
    public void consumed(int count) {
        remaining -= count;
    }

    @Override
    public String problem() {
        return "";
    }
}
