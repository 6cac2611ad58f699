package dev.sluice.sim;

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

    /** The fault that was found, in one line and without the story. */
    public String what() {
        return what;
    }

    public long seed() {
        return seed;
    }
}
