package dev.sluice.sim;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** What went wrong in a world: the message carries seed, time, and the last lines of its story. */
public final class WorldFailure extends AssertionError {
    private static final long serialVersionUID = 1L;

    private final String what;
    private final long seed;

    WorldFailure(String what, long seed, String text, @Nullable Throwable cause) {
        super(text, cause);
        this.what = what;
        this.seed = seed;
    }

    /**
     * Of a world that never ends, because something in it goes round in circles within one event.
     *
     * @param where the stack of the world's thread
     */
    public static WorldFailure endless(long seed, Duration soFar, StackTraceElement[] where) {
        Throwable cause = new IllegalStateException("here it is");
        cause.setStackTrace(where);
        String place = where.length == 0 ? "" : ", in " + where[0].getClassName() + "." + where[0].getMethodName();
        String what = "no end: it has gone on for " + soFar.toSeconds() + " s of real time" + place;
        return new WorldFailure(what, seed, what + "\n  seed " + seed, cause);
    }

    /** The fault that was found, in one line and without the story. */
    public String what() {
        return what;
    }

    public long seed() {
        return seed;
    }
}
