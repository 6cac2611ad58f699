package dev.sluice.cli;

import dev.sluice.http.Handler;
import java.time.Duration;
import java.util.concurrent.ThreadLocalRandom;

/**
 * What a handler of {@code sluice serve} does beside answering, so that a real service's cost can be tried out.
 *
 * @param cpu that it computes for, of one core's time
 * @param block that it waits for, as for a database
 * @param oneIn one request in so many does that, at random; 1: each
 */
record HandlerCost(Duration cpu, Duration block, int oneIn) {
    private static final int PROBE_STEPS = 200_000;
    private static final int PROBES = 20;

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
     * How fast this core is, measured by the quickest of several probes: a clock would count what other threads take of
     * the core meanwhile as work, so the work is a number of steps.
     */
    private static double stepsPerNano() {
        long least = Long.MAX_VALUE;
        for (int i = 0; i < PROBES; i++) {
            long begun = System.nanoTime();
            compute(PROBE_STEPS);
            least = Math.min(least, System.nanoTime() - begun);
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
