package dev.sluice.kv.log;

import java.util.function.LongSupplier;

/**
 * How a compaction shares a processor and a disk with the commands, which come first: it works for a step, and then rests for a
 * multiple of what the step took, its write included. So a step that had to wait makes the next one later. In the log's domain.
 */
public final class Pace {
    /** Runs tasks later. */
    public interface Timer {
        /** Runs a task in the log's domain, once; a task that finds no room there may be dropped ({@link Compaction#tick}). */
        void after(long nanos, Runnable task);
    }

    /** A step takes no further record once it has so much, or has taken so long: commands wait meanwhile. */
    static final int STEP_BYTES = 64 << 10;

    static final long STEP_NANOS = 50_000;

    /** So many times what a step took: a fifth of a core at most, and less where the step waited for it. */
    private static final int RESTS = 4;
    /** A slow disk doesn't stretch it without end: 6 MB/s or so at least. */
    private static final long REST_NANOS_MOST = 10_000_000;

    private final LongSupplier clock;
    private final Timer timer;
    private long began;

    /** @param clock nanoseconds, of any clock that never goes back */
    public Pace(LongSupplier clock, Timer timer) {
        this.clock = clock;
        this.timer = timer;
    }

    /** A step begins. */
    void begin() {
        began = clock.getAsLong();
    }

    /** Whether the step that goes on is to take no further record. */
    boolean isOver(int bytes) {
        return bytes >= STEP_BYTES || clock.getAsLong() - began >= STEP_NANOS;
    }

    /**
     * Runs the next step when it may begin.
     *
     * @param hurry 0 where there is time, up to 1, where there is none and it doesn't rest
     */
    void rest(double hurry, Runnable next) {
        long took = clock.getAsLong() - began;
        long rest = (long) (Math.min(took * RESTS, REST_NANOS_MOST) * (1 - Math.clamp(hurry, 0, 1)));
        timer.after(rest, next);
    }
}
