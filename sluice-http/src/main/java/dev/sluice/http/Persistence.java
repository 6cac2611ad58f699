package dev.sluice.http;

/** Whether a connection lives on behind a response, and what its head says about that (RFC 9112 section 9.3). */
enum Persistence {
    /** It lives on, which HTTP/1.1 need not say. */
    IMPLIED,
    /** It lives on, which HTTP/1.0 must say. */
    STATED,
    CLOSE
}
