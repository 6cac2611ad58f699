package dev.sluice.threading;

import java.util.concurrent.TimeUnit;

/**
 * The time of a turn: read from the environment when somebody asks, and kept until it is forgotten, so that a turn costs one
 * look at the clock. For one thread at a time.
 */
final class TurnClock {
    /** A wall clock that is set is noticed after so long. */
    private static final long COMPARE_NANOS = TimeUnit.MILLISECONDS.toNanos(50);

    private final Environment environment;
    /** The time of this turn, once somebody asked; 0 until then. */
    private long now;
    /** When somebody first asked in this turn of the loop; 0 until then. */
    private long began;
    /** By how much the wall clock is ahead of the other, as of {@link #comparedAt}: reading one is enough for most turns. */
    private long aheadNanos;

    private long comparedAt;

    TurnClock(Environment environment) {
        this.environment = environment;
    }

    /** A turn took long: the next who asks is told anew. */
    void forget() {
        now = 0;
    }

    /** A turn of the loop begins. */
    void begin() {
        now = 0;
        began = 0;
    }

    /** How long this turn of the loop has gone on since somebody first asked; looks anew, and tells nobody else. */
    long turnNanos() {
        return began == 0 ? 0 : environment.nanoTime() - began;
    }

    /** Whether it had gone on for so long when somebody asked since it was last forgotten; doesn't look. */
    boolean wasPast(long nanos) {
        return now != 0 && now - began >= nanos;
    }

    /** Monotonic nanoseconds as of this turn. */
    long nanoTime() {
        long time = now;
        if (time == 0) {
            time = environment.nanoTime();
            now = time;
            if (began == 0) {
                began = time;
            }
        }
        return time;
    }

    /** Wall-clock milliseconds as of this turn. */
    long currentTimeMillis() {
        long time = nanoTime();
        if (comparedAt == 0 || time - comparedAt > COMPARE_NANOS) {
            comparedAt = time;
            // In this order it is never ahead of the wall clock.
            aheadNanos = TimeUnit.MILLISECONDS.toNanos(environment.currentTimeMillis()) - environment.nanoTime();
        }
        return TimeUnit.NANOSECONDS.toMillis(time + aheadNanos);
    }
}
