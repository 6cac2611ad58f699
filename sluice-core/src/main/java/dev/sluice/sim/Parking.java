package dev.sluice.sim;

/**
 * Where a loop waits that has no thread to block. What it waits with (a poller, an engine) parks it instead of waiting and
 * returns with nothing; the loop's driver then leaves the turn where it is, and polls again once the loop is unparked.
 */
final class Parking {
    /**
     * Leaves a wait that is not over: thrown from where a call would block. What it passes through must go on, when the loop
     * polls again, as if the call returned then.
     */
    static final class Waits extends RuntimeException {
        private static final long serialVersionUID = 1L;

        Waits() {
            super("the call waits, and the loop with it", null, false, false);
        }
    }

    private final Runnable onUnpark;
    private boolean parked;
    private boolean woken;
    private long waitNanos;

    Parking(Runnable onUnpark) {
        this.onUnpark = onUnpark;
    }

    /** There is nothing: waits, unless told not to by a wait of 0. */
    void park(long nanos) {
        parked = nanos != 0;
        waitNanos = nanos;
    }

    boolean isParked() {
        return parked;
    }

    /** How long at most; negative without a bound. */
    long waitNanos() {
        return waitNanos;
    }

    /** There is something, or the time is over. */
    void unpark() {
        if (parked) {
            parked = false;
            onUnpark.run();
        }
    }

    /** Ends the wait that is under way, or the next one. */
    void wake() {
        woken = true;
        unpark();
    }

    /** Whether it was woken since this was last asked. */
    boolean takeWake() {
        boolean was = woken;
        woken = false;
        return was;
    }
}
