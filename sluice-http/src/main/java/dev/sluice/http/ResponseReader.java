package dev.sluice.http;

import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * Takes the response to a request that an {@link HttpClientSession} sends. Called in the connection's serialization domain;
 * must not block. {@link #ended} or {@link #failed} comes last, once, unless the request is cancelled.
 */
public interface ResponseReader {
    /** The connection is established: a body may be written from now on. Comes at once where it was before. */
    default void ready() {}

    /** A response of 1xx that goes ahead; lent for the call. Not called for 101. */
    default void informational(ResponseHead head) {}

    /**
     * The response's head; lent for the call. One of 101 comes only where the request asked for it: then the bytes that
     * follow are the other protocol's, and {@link #ended} says that the server has sent its last one.
     */
    void head(ResponseHead head);

    /**
     * Lends bytes of the body, chunked coding removed. What is left unread is offered again, in front of what arrives next
     * or after {@link HttpClientSession#resume}.
     */
    void received(ByteBuffer bytes);

    /**
     * The response is whole.
     *
     * @param trailers the field lines behind a chunked body, each with its line end; lent for the call, null for none
     */
    void ended(@Nullable HeadBytes trailers);

    /** There will be no whole response. */
    void failed(RequestFailure failure);

    /** The request's output is low again, after a write had returned false. */
    default void drained() {}
}
