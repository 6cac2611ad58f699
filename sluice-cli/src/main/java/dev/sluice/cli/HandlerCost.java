package dev.sluice.cli;

import dev.sluice.http.Handler;
import java.time.Duration;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;

/**
 * What a handler of {@code sluice serve} does beside answering, so that a real service's cost can be tried out.
 *
 * @param cpu that it computes for, of one core's time
 * @param block that it waits for, as for a database
 * @param oneIn one request in so many does that, at random; 1: each
 */
record HandlerCost(Duration cpu, Duration block, int oneIn) {
    private static final int PROBE_STEPS = 200_000;
    /** So many probes in a row that are no quicker: on a busy core the compiler takes its time. */
    private static final int SETTLED_PROBES = 500;

    private static final double QUICKER = 0.98;
    private static final long MOST_NANOS = TimeUnit.SECONDS.toNanos(10);

    /** Keeps the compiler from leaving the work out. */
    private static volatile long sink;

    /** The handler, after the work. */
    Handler before(Handler handler) {
        if (cpu.isZero() && block.isZero()) {
            return handler;
        }
        long steps = cpu.isZero() ? 0 : Math.round(cpu.toNanos() * stepsPerNano());
        return request -> {
            if (oneIn == 1 || ThreadLocalRandom.current().nextInt(oneIn) == 0) {
                compute(steps);
                if (!block.isZero()) {
                    Thread.sleep(block);
                }
            }
            return handler.handle(request);
        };
    }

    /**
     * How fast this core is, measured by the quickest of many probes: a clock would count what other threads take of the
     * core meanwhile as work, so the work is a number of steps. They go on until the code is compiled, which shows in that
     * they get no quicker any more: interpreted steps take some forty times as long.
     */
    private static double stepsPerNano() {
        long least = Long.MAX_VALUE;
        long first = System.nanoTime();
        for (int settled = 0; settled < SETTLED_PROBES && System.nanoTime() - first < MOST_NANOS; settled++) {
            long begun = System.nanoTime();
            compute(PROBE_STEPS);
            long took = System.nanoTime() - begun;
            if (took < least * QUICKER) {
                least = took;
                settled = 0;
            }
        }
        return (double) PROBE_STEPS / Math.max(1, least);
    }

    /** Each step needs the one before, so that neither compiler can shorten it. */
    private static void compute(long steps) {
        long x = sink + 1;
        for (long i = 0; i < steps; i++) {
            x = x * 6_364_136_223_846_793_005L + 1_442_695_040_888_963_407L;
        }
        sink = x;
    }
}
