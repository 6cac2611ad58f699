package dev.sluice.http;

import java.nio.ByteBuffer;

/** A response's body that the connection's end ends (RFC 9112 section 6.3). */
final class EndDecoder implements BodyDecoder {
    @Override
    public int available(ByteBuffer in) {
        int there = in.remaining();
        return there == 0 ? NEED_MORE : there;
    }

    @Override
    public void consumed(int count) {}

    @Override
    public String problem() {
        return "";
    }
}
