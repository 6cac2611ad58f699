package dev.sluice.lab.disk;

import dev.sluice.lab.compare.Results.Figures;
import dev.sluice.lab.compare.Results.Round;
import dev.sluice.lab.load.LoadResult;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What a measurement saw, in the terms of the lab's results: operations are its requests, and what is under way connections. */
final class DiskFigures {
    private static final double NANOS_PER_MICRO = 1e3;

    private DiskFigures() {}

    static Round round(int order, DiskPlan plan, DiskChoice choice, int depth, Measurement.Seen seen) {
        double seconds = (seen.to().nanos() - seen.from().nanos()) / 1e9;
        long operations = seen.latencies().getTotalCount();
        LoadResult.Latency latency = LoadResult.Latency.of(seen.latencies());
        LoadResult load = new LoadResult(
                plan.folder().toAbsolutePath().normalize().toUri().toString(),
                choice.engine(),
                "closed",
                depth,
                0,
                1,
                seconds,
                0,
                true,
                operations,
                operations / seconds,
                seen.readBytes(),
                seen.writtenBytes(),
                latency,
                Map.of(),
                Map.of(),
                0,
                0,
                0,
                LoadResult.IdleAnswers.NONE,
                new LoadResult.Generator(1, 0, 0, false, ""));
        return new Round(order, load, figures(latency, seen, seconds, operations));
    }

    private static Figures figures(LoadResult.Latency latency, Measurement.Seen seen, double seconds, long operations) {
        double user = (double) (seen.to().userMicros() - seen.from().userMicros()) / operations;
        double system = (double) (seen.to().systemMicros() - seen.from().systemMicros()) / operations;
        return new Figures(
                operations / seconds,
                latency.p50Micros(),
                latency.p90Micros(),
                latency.p99Micros(),
                latency.p999Micros(),
                latency.maxMicros(),
                0,
                user + system,
                user,
                system,
                (double) (seen.to().systemCallsCount() - seen.from().systemCallsCount()) / operations,
                null,
                null,
                null,
                null,
                null,
                null,
                (seen.readBytes() + seen.writtenBytes()) / seconds,
                cached(seen),
                seen.patternNanos() / NANOS_PER_MICRO / operations);
    }

    /** What of the bytes read did not have to come from storage; null where nothing was read, or the kernel doesn't tell. */
    private static @Nullable Double cached(Measurement.Seen seen) {
        if (seen.readBytes() == 0 || seen.from().storageBytes() < 0 || seen.to().storageBytes() < 0) {
            return null;
        }
        double fetched = seen.to().storageBytes() - seen.from().storageBytes();
        return Math.clamp(1 - fetched / seen.readBytes(), 0, 1); // reading ahead fetches more than was asked for
    }
}
