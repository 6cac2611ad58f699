package dev.sluice.engine;

import org.jspecify.annotations.Nullable;

/** An engine that a loop turns. */
public interface LoopEngine extends Engine {
    /**
     * Submits what was started, waits until something completes, the time is over or {@link #wake} is called, and tells
     * the results that are there.
     *
     * @param timeoutNanos 0 returns at once, negative waits without a bound
     */
    void poll(long timeoutNanos);

    /**
     * Tells results of calls that ended at once, so that the loop can see what follows from them before it asks for a wait;
     * otherwise the next poll does, and doesn't wait.
     *
     * @return whether there were any
     */
    default boolean tellResults() {
        return false;
    }

    /** Whether {@link #poll} sleeps when it has nothing to do: if not, its loop's processor time says nothing of its work. */
    default boolean sleeps() {
        return true;
    }

    /** A way into its ring for operations that are no sockets'; null where it has none. */
    default @Nullable RingPort port() {
        return null;
    }

    /** Ends the poll that is under way, or the next one. From any thread. */
    void wake();
}
