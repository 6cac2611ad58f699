package dev.sluice.proxy;

import java.time.Duration;

/**
 * When a back end is passed over since requests to it fail; immutable. The time grows with each ejection that follows another
 * without a whole response between them, up to eight times.
 *
 * @param failures as many in a row; 0: never
 * @param time how long it is passed over, the first time
 * @param sharePercent of the back ends that may be ejected at once; one always may where there are others, since a fault that
 *     all have is not theirs
 */
public record Ejection(int failures, Duration time, int sharePercent) {
    /** Checks each value. */
    public Ejection {
        PoolOptions.atLeast("failures", failures, 0);
        PoolOptions.atLeast("ejection time", time.toNanos(), 1);
        if (sharePercent < 0 || sharePercent > 100) {
            throw new IllegalArgumentException("the ejected share is " + sharePercent + " %, must be from 0 to 100");
        }
    }

    public static Ejection standard() {
        return new Ejection(5, Duration.ofSeconds(10), 50);
    }

    public static Ejection never() {
        return new Ejection(0, Duration.ofSeconds(10), 50);
    }
}
