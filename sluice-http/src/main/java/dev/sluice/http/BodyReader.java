package dev.sluice.http;

import java.nio.ByteBuffer;

/** Takes a request's body as it arrives. Called in the session's serialization domain; must not block. */
public interface BodyReader {
    /**
     * Lends bytes of the body, chunked coding removed. What is left unread is offered again, in front of what arrives
     * next or after {@link RequestBody#resume}; meanwhile the connection's own bounds hold the sender back.
     *
     * @param bytes lent for the length of this call
     */
    void received(ByteBuffer bytes) throws Exception;

    /** The body has arrived whole. Called once, last, unless {@link #failed} is. */
    void ended() throws Exception;

    /** The body will not arrive whole: the connection ended, a deadline passed, or it is malformed or too large. */
    void failed(HttpException cause);
}
