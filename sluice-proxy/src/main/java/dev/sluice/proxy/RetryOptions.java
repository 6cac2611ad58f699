package dev.sluice.proxy;

import java.time.Duration;

/**
 * When a request is sent again; immutable. See {@link Retry} for what is safe.
 *
 * @param triesMost tries of one request, the first included
 * @param budgetRatio retries and hedges, as a part of all requests
 * @param budgetReserve so many of them are free while few requests come
 * @param replayBytes a longer body is not kept, and its request not sent again once a part of it went out
 * @param hedgeDelay after so long without a response's head another back end is asked as well; zero: never
 * @param hedgePercentile asks it after the delay within which 95 % of the responses come, but not before {@code hedgeDelay}
 */
public record RetryOptions(
        int triesMost,
        double budgetRatio,
        int budgetReserve,
        int replayBytes,
        Duration hedgeDelay,
        boolean hedgePercentile) {
    /** Checks each value. */
    public RetryOptions {
        PoolOptions.atLeast("tries", triesMost, 1);
        PoolOptions.atLeast("budget's reserve", budgetReserve, 0);
        PoolOptions.atLeast("replayed bytes", replayBytes, 0);
        PoolOptions.atLeast("hedge delay", hedgeDelay.toNanos(), 0);
        if (!(budgetRatio >= 0 && budgetRatio <= 1)) {
            throw new IllegalArgumentException("the retry budget is " + budgetRatio + ", must be from 0 to 1");
        }
    }

    public static RetryOptions standard() {
        return new RetryOptions(3, 0.2, 10, 64 * 1024, Duration.ZERO, false);
    }

    public RetryOptions withTries(int most) {
        return new RetryOptions(most, budgetRatio, budgetReserve, replayBytes, hedgeDelay, hedgePercentile);
    }

    public RetryOptions withBudget(double ratio, int reserve) {
        return new RetryOptions(triesMost, ratio, reserve, replayBytes, hedgeDelay, hedgePercentile);
    }

    public RetryOptions withReplay(int bytes) {
        return new RetryOptions(triesMost, budgetRatio, budgetReserve, bytes, hedgeDelay, hedgePercentile);
    }

    /** Hedges after a delay, or where {@code percentile} after the time that 95 % of the responses take, if that is longer. */
    public RetryOptions withHedging(Duration delay, boolean percentile) {
        return new RetryOptions(triesMost, budgetRatio, budgetReserve, replayBytes, delay, percentile);
    }
}
