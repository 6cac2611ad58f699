package dev.sluice.proxy;

import dev.sluice.http.RequestFailure;

/** When a request may be sent again (RFC 9110 section 9.2.2). */
final class Retry {
    private Retry() {}

    /** Whether doing it twice is the same as doing it once. */
    static boolean isIdempotent(String method) {
        return switch (method) {
            case "GET", "HEAD", "PUT", "DELETE", "OPTIONS", "TRACE" -> true;
            default -> false;
        };
    }

    /** Whether a try that ended so may be followed by another one: no server has seen the request, or it may see it twice. */
    static boolean isSafe(String method, RequestFailure failure) {
        return failure.isUnseen() || isIdempotent(method);
    }

    /** What a client is told, where no try is left: a gateway's own answers (RFC 9110 sections 15.6.3 and 15.6.5). */
    static int status(RequestFailure failure) {
        return switch (failure.kind()) {
            case TIMEOUT, CONNECT_TIMEOUT -> 504;
            case CONNECT, UNSENT, CLOSED, MALFORMED -> 502;
        };
    }
}
