package dev.sluice.http;

/** Starts a response's body that is written as it comes to be; must not block. */
@FunctionalInterface
public interface BodySource {
    /** Called once, in the session's serialization domain, when the response's head has been queued. */
    void start(BodyWriter writer) throws Exception;
}
