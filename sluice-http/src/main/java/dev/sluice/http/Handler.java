package dev.sluice.http;

/**
 * Answers one whole request: its body, if any, has arrived and stands in {@link Request#content()}.
 *
 * <p>Runs on the connection's loop, where it must not block and the request is lent for the length of the call; or on a
 * worker ({@link HttpService.Builder#workers}), where it may block and the request is its own. Several calls run at once
 * where there are several loops or workers.
 */
@FunctionalInterface
public interface Handler {
    /**
     * Answers.
     *
     * @return the response; an exception is answered with 500 and told to {@link HttpService.Builder#onFailure}
     */
    Response handle(Request request) throws Exception;
}
