package dev.sluice.style;

import org.jspecify.annotations.Nullable;

/**
 * Where an operation was started: a stack trace that is attached, as suppressed, to what its later stages throw. Off unless
 * the system property {@value #PROPERTY} is {@code true} or {@link #record} says so: it costs a stack walk an operation.
 */
public final class Origin extends Exception {
    /** The property that is looked at when the class is first used. */
    public static final String PROPERTY = "sluice.origins";

    private static final long serialVersionUID = 1;

    private static volatile boolean recording = Boolean.getBoolean(PROPERTY);

    private Origin(String operation) {
        super(operation + " was started here");
    }

    /** Whether operations that start from now on remember where; from any thread. */
    public static void record(boolean on) {
        recording = on;
    }

    /** Whether operations remember where they were started. */
    public static boolean isRecording() {
        return recording;
    }

    /** The caller's place; null where none are recorded. */
    static @Nullable Origin of(String operation) {
        return recording ? new Origin(operation) : null;
    }

    /** Attaches a place to an exception, once. */
    static void attach(Throwable error, @Nullable Origin origin) {
        if (origin != null && origin != error) {
            for (Throwable known : error.getSuppressed()) {
                if (known == origin) {
                    return;
                }
            }
            error.addSuppressed(origin);
        }
    }
}
