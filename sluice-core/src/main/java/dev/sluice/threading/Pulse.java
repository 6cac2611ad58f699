package dev.sluice.threading;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;

/**
 * What the {@link Watchdog} knows a loop by. The loop counts what it begins and ends, which is one opaque store each and no look at a
 * clock; the watchdog counts how often, and for how long, it found the loop held by the same thing.
 */
final class Pulse {
    private static final VarHandle COUNT;

    static {
        try {
            COUNT = MethodHandles.lookup().findVarHandle(Pulse.class, "count", long.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    /** Of {@link #count}: its low bits say how much is under way, the others count. */
    private static final int DEPTH_BITS = 16;

    private static final long BEGUN = (1L << DEPTH_BITS) + 1;
    private static final long ENDED = (1L << DEPTH_BITS) - 1;

    /** Changes whenever a callback or task begins or ends; written by the loop only. */
    private long count;

    // Written by the watchdog only.
    private volatile long blocked;
    private volatile long blockedBefore;
    private volatile long blockedNow;

    // ---- on the loop

    /** A callback or task begins, perhaps inside of another one. */
    void begins() {
        COUNT.setOpaque(this, count + BEGUN);
    }

    void ends() {
        COUNT.setOpaque(this, count + ENDED);
    }

    // ---- for the watchdog

    /** What changes with each callback or task; from any thread. */
    long count() {
        return (long) COUNT.getOpaque(this);
    }

    /** Whether a count was read in the middle of a callback or task. */
    static boolean isAtWork(long count) {
        return (count & ((1L << DEPTH_BITS) - 1)) != 0;
    }

    @SuppressWarnings("NonAtomicVolatileUpdate") // written by the watchdog only
    void blockBegan() {
        blocked++;
    }

    void blockedSince(long sinceNanos, long nowNanos) {
        blockedNow = nowNanos - sinceNanos;
    }

    @SuppressWarnings("NonAtomicVolatileUpdate") // written by the watchdog only
    void blockEnded() {
        blockedBefore += blockedNow;
        blockedNow = 0;
    }

    // ---- for whoever asks; from any thread

    /** How often the watchdog found the loop held. */
    long blockedCount() {
        return blocked;
    }

    /** For how long it was held then. */
    long blockedNanos() {
        return blockedBefore + blockedNow;
    }
}
