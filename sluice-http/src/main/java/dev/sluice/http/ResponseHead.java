package dev.sluice.http;

import java.nio.ByteBuffer;

/** The head of a response, as a client has received it. Lent for the length of a call. */
public final class ResponseHead extends MessageHead {
    /** The body ends where the connection does. */
    static final long UNTIL_CLOSE = -2;

    int status;

    ResponseHead() {}

    @Override
    void reset(ByteBuffer from, int at) {
        super.reset(from, at);
        status = 0;
    }

    /** 100 to 999. */
    public int status() {
        return status;
    }

    /** Whether it is one that goes ahead of the response proper (RFC 9110 section 15.2). */
    public boolean isInformational() {
        return status < 200;
    }

    /** The body's length in bytes, 0 for none, -1 where it is not known beforehand. */
    public long length() {
        return Math.max(contentLength, -1);
    }
}
