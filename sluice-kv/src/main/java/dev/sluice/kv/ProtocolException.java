package dev.sluice.kv;

/** What a client sent is no request; its connection is closed behind the error. */
final class ProtocolException extends Exception {
    private static final long serialVersionUID = 1L;

    ProtocolException(String message) {
        super(message, null, false, false);
    }
}
