package dev.sluice.lab.compare;

/** A server that could not be measured: it didn't start, didn't answer, or ended midway. The message is for users. */
public final class ServerException extends Exception {
    private static final long serialVersionUID = 1L;

    ServerException(String message) {
        super(message);
    }
}
