package dev.sluice;

import org.jspecify.annotations.Nullable;

/**
 * Why a connection closed.
 *
 * @param kind what happened
 * @param detail one line for a log: the system call and errno, or the limit that was reached; may be empty
 * @param error the exception behind {@link Kind#FAILURE}, else null
 */
public record Cause(Kind kind, String detail, @Nullable Throwable error) {
    /** What ended a connection. */
    public enum Kind {
        /** Both sides sent their last byte. */
        END,
        /** This side asked with {@link Connection#close} or {@link Connection#abort}. */
        LOCAL,
        /** The peer reset the connection (ECONNRESET, EPIPE). */
        RESET,
        /** Dialling failed. */
        CONNECT,
        /** Another error of the kernel; the detail names the call and errno. */
        ERROR,
        /** Queued output passed the hard limit. */
        OUTPUT_LIMIT,
        /** A deadline passed: idle or write stall. */
        TIMEOUT,
        /** The session or its service threw. */
        FAILURE,
        /** The server stopped before the connection had ended. */
        STOPPED,
        /** The model can't hold this connection (select beyond FD_SETSIZE). */
        REFUSED
    }

    public static final Cause END = new Cause(Kind.END, "", null);
    public static final Cause LOCAL = new Cause(Kind.LOCAL, "", null);
    public static final Cause STOPPED = new Cause(Kind.STOPPED, "the server stopped", null);

    public static Cause of(Kind kind, String detail) {
        return new Cause(kind, detail, null);
    }

    public static Cause failure(Throwable error) {
        return new Cause(Kind.FAILURE, String.valueOf(error), error);
    }

    @Override
    public String toString() {
        return detail.isEmpty() ? kind.name() : kind.name() + ": " + detail;
    }
}
