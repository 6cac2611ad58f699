package dev.sluice.proxy;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * How back ends are checked; immutable.
 *
 * @param path what is asked for by GET; null: being connected is enough
 * @param statusLeast the least status that is well
 * @param statusMost the greatest status that is well
 * @param interval from the end of a check to the next one, give or take a tenth, so that checks of many proxies don't meet
 * @param timeout of a whole check
 * @param rise so many good ones in a row bring a back end back
 * @param fall so many bad ones in a row take it out
 */
public record HealthOptions(
        @Nullable String path,
        int statusLeast,
        int statusMost,
        Duration interval,
        Duration timeout,
        int rise,
        int fall) {
    /** Checks each value. */
    public HealthOptions {
        if (path != null && !(path.startsWith("/") && path.chars().allMatch(c -> c > ' ' && c < 0x7F))) {
            throw new IllegalArgumentException(
                    "the path to check is '" + path + "', must begin with / and be visible ASCII, as in /health");
        }
        if (statusLeast < 200 || statusMost > 599 || statusLeast > statusMost) {
            throw new IllegalArgumentException("the status to expect is " + statusLeast + "-" + statusMost
                    + ", must be within 200-599, as in 200-299");
        }
        PoolOptions.atLeast("interval of checks", interval.toNanos(), 1);
        PoolOptions.atLeast("timeout of checks", timeout.toNanos(), 1);
        PoolOptions.atLeast("rise", rise, 1);
        PoolOptions.atLeast("fall", fall, 1);
    }

    /** @param path null: being connected is enough */
    public static HealthOptions standard(@Nullable String path) {
        return new HealthOptions(path, 200, 399, Duration.ofSeconds(2), Duration.ofSeconds(1), 2, 3);
    }

    public HealthOptions withStatus(int least, int most) {
        return new HealthOptions(path, least, most, interval, timeout, rise, fall);
    }

    public HealthOptions withTimes(Duration every, Duration within) {
        return new HealthOptions(path, statusLeast, statusMost, every, within, rise, fall);
    }

    public HealthOptions withCounts(int good, int bad) {
        return new HealthOptions(path, statusLeast, statusMost, interval, timeout, good, bad);
    }
}
