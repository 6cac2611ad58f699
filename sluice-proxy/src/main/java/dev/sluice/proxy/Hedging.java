package dev.sluice.proxy;

/**
 * After how long another back end is asked as well. Follows the 95th percentile of what responses take by small steps, up by
 * 19 where one took longer and down by 1 where not; these balance where one in twenty takes longer. For one domain.
 */
final class Hedging {
    /** A step, as a part of what is estimated now. */
    private static final double STEP = 0.002;

    private static final int UP = 19;

    private final long leastNanos;
    private final boolean percentile;
    private double estimateNanos;

    Hedging(RetryOptions options) {
        this.leastNanos = options.hedgeDelay().toNanos();
        this.percentile = options.hedgePercentile();
        this.estimateNanos = Math.max(leastNanos, 1_000_000);
    }

    boolean isOn() {
        return leastNanos > 0;
    }

    /** A response's head came after so long. */
    void took(long nanos) {
        double step = estimateNanos * STEP;
        estimateNanos += nanos > estimateNanos ? step * UP : -step;
    }

    long delayNanos() {
        return percentile ? Math.max(leastNanos, (long) estimateNanos) : leastNanos;
    }
}
