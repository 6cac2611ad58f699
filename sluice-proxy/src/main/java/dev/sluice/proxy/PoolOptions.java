package dev.sluice.proxy;

import java.time.Duration;

/**
 * Bounds of the connections to back ends; immutable. Each loop has a pool of its own, and each of these holds for one back end in
 * one pool. On {@code threads} and {@code virtual} every client's connection has its own.
 *
 * @param connectionsMost open ones, those that are being dialled included
 * @param idleMost open ones that carry no request
 * @param idleTimeout an idle one is closed after so long; below what the back ends do, or they close it under a request
 * @param maxAge one that is older carries no further request; zero: never
 * @param waitingMost requests that wait for a connection; a further one is answered with 503
 * @param waitTimeout a request that has waited for so long is answered with 503
 */
public record PoolOptions(
        int connectionsMost,
        int idleMost,
        Duration idleTimeout,
        Duration maxAge,
        int waitingMost,
        Duration waitTimeout) {
    /** Checks each value. */
    public PoolOptions {
        atLeast("connections", connectionsMost, 1);
        atLeast("idle connections", idleMost, 0);
        atLeast("idle timeout", idleTimeout.toNanos(), 1);
        atLeast("maximal age", maxAge.toNanos(), 0);
        atLeast("waiting requests", waitingMost, 0);
        atLeast("wait timeout", waitTimeout.toNanos(), 1);
    }

    static void atLeast(String what, long value, long least) {
        if (value < least) {
            throw new IllegalArgumentException(what + " is " + value + ", must be at least " + least);
        }
    }

    public static PoolOptions standard() {
        return new PoolOptions(256, 64, Duration.ofSeconds(30), Duration.ofMinutes(10), 1024, Duration.ofSeconds(1));
    }

    public PoolOptions withConnections(int most, int idle) {
        return new PoolOptions(most, idle, idleTimeout, maxAge, waitingMost, waitTimeout);
    }

    public PoolOptions withWaiting(int most, Duration timeout) {
        return new PoolOptions(connectionsMost, idleMost, idleTimeout, maxAge, most, timeout);
    }

    public PoolOptions withAges(Duration idle, Duration age) {
        return new PoolOptions(connectionsMost, idleMost, idle, age, waitingMost, waitTimeout);
    }
}
