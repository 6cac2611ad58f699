package dev.sluice.http;

/** A failure that has an HTTP status: thrown by a handler it becomes the answer. Carries no stack trace. */
public final class HttpException extends Exception {
    private static final long serialVersionUID = 1L;

    private final int status;
    private final String why;

    /**
     * A failure to be answered with a status.
     *
     * @param status 400 to 599
     * @param message for the log, and in the body of the answer
     */
    public HttpException(int status, String message) {
        super(message, null, false, false);
        if (status < 400 || status > 599) {
            throw new IllegalArgumentException("status " + status + " is not that of a failure");
        }
        this.status = status;
        this.why = message;
    }

    @Override
    public String getMessage() {
        return why;
    }

    public int status() {
        return status;
    }
}
