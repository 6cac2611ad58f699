package dev.sluice.lab.load;

import java.util.SplittableRandom;

/**
 * When the requests of an open loop are due, for one lane of several that share the rate. Times are of {@link
 * System#nanoTime}. Each is computed from the start, so that errors of rounding don't add up. For one thread.
 */
final class Schedule {
    private static final double NANOS_PER_SECOND = 1e9;

    private final boolean even;
    private final int burst;
    /** Between two bursts of this lane. */
    private final double gapNanos;

    private final double offsetNanos;
    private final SplittableRandom random;
    private long startNanos;
    private long bursts;
    private int leftOfBurst;
    private double poissonNanos;
    private long next;

    /**
     * A lane's part of an open loop.
     *
     * @param seed of the exponential gaps
     */
    Schedule(double ratePerSecond, Arrivals arrivals, int burst, int lane, int lanes, long seed) {
        this.even = arrivals == Arrivals.EVEN;
        this.burst = burst;
        this.gapNanos = NANOS_PER_SECOND * burst * lanes / ratePerSecond;
        this.offsetNanos = gapNanos * lane / lanes; // evenly spaced lanes make an even whole
        this.random = new SplittableRandom(seed);
    }

    void start(long now) {
        startNanos = now;
        bursts = 0;
        poissonNanos = even ? 0 : exponential();
        leftOfBurst = burst;
        place();
    }

    /** When the next request is due. */
    long next() {
        return next;
    }

    /** The next request is sent: the one behind it is the next. */
    void advance() {
        if (--leftOfBurst == 0) {
            leftOfBurst = burst;
            bursts++;
            if (!even) {
                poissonNanos += exponential();
            }
            place();
        }
    }

    private void place() {
        next = startNanos + (long) (even ? offsetNanos + bursts * gapNanos : poissonNanos);
    }

    private double exponential() {
        return -Math.log1p(-random.nextDouble()) * gapNanos;
    }

    /** How many are due and not sent; where arrivals are random, how many are to be expected. */
    long overdueCount(long now) {
        if (next - now > 0) {
            return 0;
        }
        long missed = (long) ((now - next) / gapNanos);
        return leftOfBurst + missed * burst;
    }
}
