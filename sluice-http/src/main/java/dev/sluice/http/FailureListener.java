package dev.sluice.http;

/** Is told what went wrong in a handler. Called in the session's serialization domain or on a worker; must not block. */
@FunctionalInterface
public interface FailureListener {
    /**
     * A handler, or the source of a body, threw.
     *
     * @param requestLine as the client sent it; escape before logging
     */
    void failed(String requestLine, Throwable failure);
}
