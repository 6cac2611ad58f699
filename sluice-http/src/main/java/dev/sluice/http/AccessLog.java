package dev.sluice.http;

/** Is told of each answered request. Called in the session's serialization domain; must not block. */
@FunctionalInterface
public interface AccessLog {
    /**
     * A response has been handed to the connection, or was cut short.
     *
     * @param request lent for the length of the call. Of a malformed request only {@link Request#requestLine}, {@link
     *     Request#remoteAddress} and {@link Request#receivedMillis} tell anything, and all is as the client sent it
     * @param status the response's status
     * @param bodyBytes bytes of the body that were queued
     * @param elapsedNanos from the head's arrival to the body's end, in the loop's time
     */
    void answered(Request request, int status, long bodyBytes, long elapsedNanos);
}
