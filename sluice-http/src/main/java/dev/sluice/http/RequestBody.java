package dev.sluice.http;

import java.io.InputStream;
import java.util.concurrent.CompletionStage;

/**
 * A request's body, read once in one of three ways: offered to a {@link BodyReader}, collected by {@link #bytes}, or
 * sequentially through {@link #stream}. A client that waits for {@code 100 (Continue)} gets it when reading starts. A body
 * that nobody reads is discarded where it is short, else the connection closes behind the response.
 *
 * <p>Any thread may call these methods; a {@link BodyReader} is called in the session's serialization domain.
 */
public interface RequestBody {
    /** The length that the request states, 0 for no body, -1 where it is chunked. */
    long length();

    /** Offers the body to a reader. */
    void read(BodyReader reader);

    /** Stops offering bytes, until {@link #resume}. */
    void pause();

    /** Offers again what was left unread. */
    void resume();

    /**
     * Collects the body.
     *
     * @param limitBytes above it the stage fails with an {@link HttpException} of status 413
     * @return completed in the session's serialization domain; failed with an {@link HttpException} as by {@link
     *     BodyReader#failed}
     */
    CompletionStage<byte[]> bytes(int limitBytes);

    /**
     * The body as a stream whose reads block; for code that runs on a worker.
     *
     * @throws IllegalStateException on the connection's own loop, which must not block: give the service workers
     */
    InputStream stream();
}
