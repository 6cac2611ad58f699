package dev.sluice.http;

/** Passes requests on to other servers, and their responses back: what RFC 9110 section 3.7 calls a gateway. */
@FunctionalInterface
public interface GatewayHandler {
    /**
     * Called in the session's serialization domain when a request's head is there; must not block.
     *
     * @param exchange to be answered once, now or later. What this throws is answered with 500
     */
    void handle(GatewayExchange exchange) throws Exception;
}
