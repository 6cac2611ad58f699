package dev.sluice.http;

/**
 * Why a client has no whole response.
 *
 * @param kind what happened, and so whether the server may have begun to act on the request
 * @param detail one line for a log
 */
public record RequestFailure(Kind kind, String detail) {
    /** What happened. */
    public enum Kind {
        /** There was no connection: refused, or the server can't be reached. */
        CONNECT,
        /** The connection was not established in time. */
        CONNECT_TIMEOUT,
        /** The server had ended the connection before a byte of the request left this side. */
        UNSENT,
        /** The connection ended or broke before the response was whole. */
        CLOSED,
        /** What came is no response, or one whose end can't be known. */
        MALFORMED,
        /** A deadline passed. */
        TIMEOUT
    }

    /** Whether no server can have seen the request, so that it may be sent again whatever it asks (RFC 9110 section 9.2.2). */
    public boolean isUnseen() {
        return kind == Kind.CONNECT || kind == Kind.CONNECT_TIMEOUT || kind == Kind.UNSENT;
    }
}
