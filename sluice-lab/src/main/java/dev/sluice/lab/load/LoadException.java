package dev.sluice.lab.load;

import org.jspecify.annotations.Nullable;

/** A load that can't be offered: the server is not reachable, or the machine's limits forbid it. The message is for users. */
public final class LoadException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    public LoadException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}
