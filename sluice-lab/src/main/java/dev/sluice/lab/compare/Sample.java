package dev.sluice.lab.compare;

import dev.sluice.lab.compare.ProcessTree.Usage;
import dev.sluice.lab.compare.Results.Figures;
import dev.sluice.lab.load.LoadResult;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * A server at one moment, as the kernel and as itself sees it.
 *
 * @param nanos when, of {@link System#nanoTime}
 * @param usage null where there is no /proc
 * @param counters null of a server that isn't Sluice's
 */
record Sample(long nanos, @Nullable Usage usage, @Nullable Counters counters) {
    /** From so many connections on, their memory stands out from what a heap grows by meanwhile. */
    static final int CONNECTIONS_THAT_SHOW = 500;

    static Sample of(ServerProcess server) throws ServerException, InterruptedException {
        return new Sample(System.nanoTime(), ProcessTree.usage(server.handle()), server.counters());
    }

    /**
     * A round's figures. What a request cost is the server's use of something in a second by the generator's requests in
     * a second, since the two count from moments that lie a little apart.
     *
     * @param bare before the connections were there
     * @param start when measuring began
     * @param end when measuring ended, the connections still there
     * @param heldCount the connections
     */
    static Figures figures(LoadResult load, Sample bare, Sample start, Sample end, int heldCount) {
        double requests = load.requestsPerSecond() * (end.nanos - start.nanos) / 1e9;
        Usage before = start.usage;
        Usage after = end.usage;
        Double user = null;
        Double system = null;
        Double resident = null;
        Double connection = null;
        Double threads = null;
        if (before != null && after != null) {
            user = share(after.userMicros() - before.userMicros(), requests);
            system = share(after.systemMicros() - before.systemMicros(), requests);
            resident = (double) after.residentBytes();
            threads = (double) after.threadsCount();
            if (bare.usage != null && heldCount >= CONNECTIONS_THAT_SHOW) {
                connection = (double) Math.max(0, after.residentBytes() - bare.usage.residentBytes()) / heldCount;
            }
        }
        return new Figures(
                load.requestsPerSecond(),
                load.latency().p50Micros(),
                load.latency().p90Micros(),
                load.latency().p99Micros(),
                load.latency().p999Micros(),
                load.latency().maxMicros(),
                load.errorsCount().values().stream().mapToLong(Long::longValue).sum(),
                user == null || system == null ? null : user + system,
                user,
                system,
                aRequest(load, start, end, Counters::systemCallsCount),
                switches(load, start, end, requests),
                resident,
                connection,
                aRequest(load, start, end, Counters::allocatedBytes),
                counted(start, end, Counters::gcPauseMicros),
                threads,
                null,
                null,
                null);
    }

    /**
     * A Sluice process knows those of its ended threads as well; of others and of several processes only /proc tells, where
     * a thread that ends takes its count along: so they must be the same threads before and after.
     */
    private static @Nullable Double switches(LoadResult load, Sample start, Sample end, double requests) {
        Double own = aRequest(load, start, end, Counters::switchesCount);
        if (own != null) {
            return own;
        }
        return start.usage != null && end.usage != null && start.usage.threads().equals(end.usage.threads())
                ? share(end.usage.switchesCount() - start.usage.switchesCount(), requests)
                : null;
    }

    /** Connections that the server refused in between, as far as it tells. */
    static long refused(Sample start, Sample end) {
        Double count = counted(start, end, Counters::refusedCount);
        return count == null ? 0 : count.longValue();
    }

    private static @Nullable Double aRequest(
            LoadResult load, Sample start, Sample end, Function<Counters, @Nullable Long> count) {
        Double sum = counted(start, end, count);
        if (sum == null || start.counters == null || end.counters == null) {
            return null;
        }
        double seconds = (end.counters.readNanos() - start.counters.readNanos()) / 1e9;
        double requests = load.requestsPerSecond() * seconds;
        return requests == 0 ? null : sum / requests;
    }

    private static @Nullable Double counted(Sample start, Sample end, Function<Counters, @Nullable Long> count) {
        if (start.counters == null || end.counters == null) {
            return null;
        }
        Long from = count.apply(start.counters);
        Long to = count.apply(end.counters);
        return from == null || to == null ? null : (double) (to - from);
    }

    /** Nothing is known of a request where there was none. */
    private static @Nullable Double share(long sum, double requests) {
        return requests == 0 ? null : (double) sum / requests;
    }
}
