package dev.sluice.observe;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;

/**
 * Durations in buckets of half an octave, from a microsecond to half a minute: a percentile read from it is off by a half at
 * most. Recording allocates nothing and takes no lock; threads share a few stripes. Safe for use from any thread.
 */
public final class LatencyHistogram {
    private static final VarHandle CELL = MethodHandles.arrayElementVarHandle(long[].class);
    private static final long NANOS_A_MICRO = 1_000;
    private static final int OCTAVES = 25;
    /** Those with a bound; one more holds what is above. */
    private static final int BOUNDED = 2 * OCTAVES;

    private static final int SUM = BOUNDED + 1;
    private static final int STRIDE = 64;
    private static final int STRIPES = 8;

    private final long[] cells = new long[STRIPES * STRIDE];

    /** Monotonic nanoseconds, for what is to be recorded: real time, also where sessions live in another. */
    public static long now() {
        return System.nanoTime();
    }

    public void record(long nanos) {
        int stripe = (int) (Thread.currentThread().threadId() & (STRIPES - 1)) * STRIDE;
        CELL.getAndAdd(cells, stripe + bucket(nanos), 1L);
        CELL.getAndAdd(cells, stripe + SUM, nanos);
    }

    /** The bucket of a duration: the first whose bound is not below it. */
    static int bucket(long nanos) {
        long micros = (Math.max(nanos, 1) - 1) / NANOS_A_MICRO;
        if (micros == 0) {
            return 0;
        }
        int octave = 63 - Long.numberOfLeadingZeros(micros);
        int half = octave == 0 ? 1 : (int) (micros >> (octave - 1)) & 1;
        return Math.min(2 * octave + half, BOUNDED);
    }

    /** Upper bounds of the buckets in nanoseconds, without the last, which has none. */
    public static long[] boundsNanos() {
        long[] bounds = new long[BOUNDED];
        bounds[0] = NANOS_A_MICRO;
        bounds[1] = 2 * NANOS_A_MICRO;
        for (int i = 2; i < BOUNDED; i++) {
            long octave = NANOS_A_MICRO << (i / 2);
            bounds[i] = (i & 1) == 0 ? octave + octave / 2 : 2 * octave;
        }
        return bounds;
    }

    /** How many durations fell into each bucket; the last is above all bounds. */
    public long[] counts() {
        long[] counts = new long[BOUNDED + 1];
        for (int i = 0; i < cells.length; i++) {
            int at = i & (STRIDE - 1);
            if (at <= BOUNDED) {
                counts[at] += (long) CELL.getOpaque(cells, i);
            }
        }
        return counts;
    }

    /** The durations, added up. */
    public long sumNanos() {
        long sum = 0;
        for (int i = SUM; i < cells.length; i += STRIDE) {
            sum += (long) CELL.getOpaque(cells, i);
        }
        return sum;
    }
}
