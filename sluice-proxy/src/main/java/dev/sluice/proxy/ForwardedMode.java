package dev.sluice.proxy;

/** What becomes of fields that tell a server who the client is. Whatever a client says of itself may be a lie. */
public enum ForwardedMode {
    /** What the client sent is left out, and nothing is said. */
    DROP,
    /** What the client sent is left out, and the truth as seen from here takes its place. */
    REPLACE,
    /** What is seen from here is added: for a proxy behind another one that is trusted. */
    APPEND
}
