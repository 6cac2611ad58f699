package dev.sluice.style;

import dev.sluice.Cause;
import java.nio.channels.ClosedChannelException;

/** An operation found its connection closed, or the connection closed while it waited. */
public final class ConnectionClosedException extends ClosedChannelException {
    private static final long serialVersionUID = 1;

    @SuppressWarnings("serial") // for a reader of the exception, who is in this process
    private final Cause cause;

    ConnectionClosedException(Cause cause) {
        this.cause = cause;
    }

    /** Why it closed. */
    public Cause why() {
        return cause;
    }

    @Override
    public String getMessage() {
        return "the connection is closed (" + cause + ")";
    }
}
