package dev.sluice.lab.compare;

import dev.sluice.lab.load.LoadResult;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * All that one comparison measured: the content of {@code results.json}. Field names end in their unit. What this machine
 * could not measure is null.
 *
 * @param schema version of this format; see docs/results-schema.md
 * @param command the command line that makes these results again
 * @param startedAt ISO 8601, UTC
 * @param complete false when the run was ended before its last round
 * @param machine what it ran on
 * @param workload what was asked of each server
 * @param servers each server that was compared, in the order of the table
 */
public record Results(
        int schema,
        String command,
        String startedAt,
        boolean complete,
        Machine machine,
        Workload workload,
        List<ServerResult> servers) {

    public static final int SCHEMA = 1;

    /** These, with further rounds of some of the servers, of the same workload without a sweep. */
    public Results with(Results more) {
        List<ServerResult> all = new ArrayList<>();
        for (ServerResult server : servers) {
            List<ServerResult> both = Stream.concat(
                            Stream.of(server), more.servers.stream().filter(s -> s.name.equals(server.name)))
                    .toList();
            List<Round> rounds = new ArrayList<>();
            both.stream().flatMap(s -> s.points.stream()).forEach(point -> rounds.addAll(point.rounds));
            all.add(new ServerResult(
                    server.name,
                    server.family,
                    server.line,
                    server.features,
                    both.stream()
                            .map(ServerResult::skipped)
                            .filter(why -> !why.isEmpty())
                            .distinct()
                            .collect(Collectors.joining("; ")),
                    rounds.isEmpty() ? List.of() : List.of(Point.of(0, rounds))));
        }
        return new Results(schema, command, startedAt, complete && more.complete, machine, workload, all);
    }

    /** The machine, its kernel and its Java. */
    public record Machine(
            String os, String kernel, String cpu, int coresCount, long memoryBytes, String jdk, String pinning) {}

    /**
     * What was asked of each server.
     *
     * @param preset its name, or "custom"
     * @param words what it is, for people
     * @param sweep what the points differ in, "connections" for example; empty when there is one point only
     * @param settings every setting that shapes the load and the server, by name
     */
    public record Workload(String preset, String words, String sweep, Map<String, String> settings) {
        /** What the name of a disk's workload begins with, by which readers of results tell it. */
        public static final String DISK_PRESET = "disk-";
    }

    /**
     * One server.
     *
     * @param name the model's name, or a reference server's
     * @param family of the model; "reference" for another's server
     * @param line the command that starts such a server by hand
     * @param features kernel features that were really active
     * @param skipped why it, or a value of the sweep, or a round of it was not measured; empty when all was
     * @param points one for each value of the sweep that was measured
     */
    public record ServerResult(
            String name, String family, String line, List<String> features, String skipped, List<Point> points) {}

    /**
     * The rounds at one value of the sweep.
     *
     * @param value of what is swept (0 without a sweep)
     * @param rounds in the order in which they ran
     * @param median each figure's median over the rounds
     */
    public record Point(double value, List<Round> rounds, Figures median) {
        /** With the medians of what some rounds saw, at least one. */
        public static Point of(double value, List<Round> rounds) {
            return new Point(
                    value,
                    List.copyOf(rounds),
                    Medians.of(rounds.stream().map(Round::figures).toList()));
        }
    }

    /** One round: what the generator saw, and what the kernel and the runtime said of the server meanwhile. */
    public record Round(int order, LoadResult load, Figures figures) {}

    /**
     * The figures of a round, or their medians.
     *
     * @param userMicros user CPU time of the server, a request
     * @param systemMicros system CPU time of the server, a request
     * @param systemCallsPerRequest by the runtime's counters
     * @param contextSwitchesPerRequest voluntary and involuntary, of all its threads
     * @param residentBytes at the end of the round
     * @param connectionBytes growth of resident memory for each connection held
     * @param allocatedBytesPerRequest on the Java heap, as its JVM counts for each thread
     * @param gcPauseMicros all collection pauses of the round
     * @param bytesPerSecond read and written, of a disk
     * @param cachedShare of the bytes read from a disk, what came out of the page cache
     * @param patternMicros what filling and checking a disk's block took, an operation; a part of cpuMicros
     */
    public record Figures(
            double requestsPerSecond,
            double p50Micros,
            double p90Micros,
            double p99Micros,
            double p999Micros,
            double maxMicros,
            long errorsCount,
            @Nullable Double cpuMicros,
            @Nullable Double userMicros,
            @Nullable Double systemMicros,
            @Nullable Double systemCallsPerRequest,
            @Nullable Double contextSwitchesPerRequest,
            @Nullable Double residentBytes,
            @Nullable Double connectionBytes,
            @Nullable Double allocatedBytesPerRequest,
            @Nullable Double gcPauseMicros,
            @Nullable Double threadsCount,
            @Nullable Double bytesPerSecond,
            @Nullable Double cachedShare,
            @Nullable Double patternMicros) {}
}
