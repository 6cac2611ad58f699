package dev.sluice.http;

import java.util.concurrent.CompletionStage;

/**
 * Answers a request later. Called when the head has arrived, always on the connection's loop; the request is the
 * handler's own, and its body comes through {@link Request#body()}.
 */
@FunctionalInterface
public interface AsyncHandler {
    /**
     * Starts to answer; must not block.
     *
     * @return the stage that brings the response, completed on any thread; one that fails, or an exception, is answered
     *     with 500 and told to {@link HttpService.Builder#onFailure}
     */
    CompletionStage<Response> handle(Request request) throws Exception;
}
