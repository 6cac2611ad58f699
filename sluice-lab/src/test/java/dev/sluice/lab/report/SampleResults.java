package dev.sluice.lab.report;

import dev.sluice.lab.compare.Results;
import dev.sluice.lab.compare.Results.Figures;
import dev.sluice.lab.compare.Results.Point;
import dev.sluice.lab.compare.Results.Round;
import dev.sluice.lab.compare.Results.ServerResult;
import dev.sluice.lab.load.LoadResult;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.function.Function;
import org.HdrHistogram.Histogram;
import org.HdrHistogram.HistogramIterationValue;

/** Results as a comparison would have them: made up, but with real histograms, gaps and noise. Seeded. */
public final class SampleResults {
    /** A server's nature: answers a second at its best, CPU microseconds a request, the connections at which it bends. */
    private record Nature(String name, String family, double best, double cpuMicros, double bend) {}

    private static final List<Nature> NATURES = List.of(
            new Nature("threads", "blocking", 118_000, 9.1, 300),
            new Nature("virtual", "blocking", 151_000, 7.4, 8000),
            new Nature("prefork", "blocking", 96_000, 10.9, 60),
            new Nature("busy-poll", "polling", 149_500, 12.8, 200),
            new Nature("sleep-poll", "polling", 41_000, 4.2, 4000),
            new Nature("select", "reactor", 122_000, 8.3, 120),
            new Nature("poll", "reactor", 127_000, 8.0, 150),
            new Nature("epoll", "reactor", 158_000, 6.3, 9000),
            new Nature("epoll-et", "reactor", 157_300, 6.4, 9000),
            new Nature("nio", "reactor", 131_000, 7.9, 7000),
            new Nature("aio", "proactor", 102_000, 11.2, 5000),
            new Nature("io_uring", "proactor", 171_000, 5.2, 12_000));

    private final Random random;

    private SampleResults(long seed) {
        random = new Random(seed);
    }

    /** Twelve models, a reference server of whom less is known, one skipped; three rounds, no sweep. */
    static Results plaintext(long seed) {
        return new SampleResults(seed).run("", List.of(0.0));
    }

    /** The same over a sweep of connections; select has no point beyond its limit. */
    static Results sweep(long seed) {
        return new SampleResults(seed).run("connections", List.of(1.0, 10.0, 100.0, 1000.0, 10_000.0));
    }

    /** A closed-loop run of what {@link #server} makes. */
    public static Results of(ServerResult... servers) {
        return results("", List.of(servers));
    }

    /** A server with a round for each figure of throughput; the rest follows from it. */
    public static ServerResult server(String name, double... requestsPerSecond) {
        SampleResults sample = new SampleResults(name.hashCode());
        List<Round> rounds = new ArrayList<>();
        for (double each : requestsPerSecond) {
            rounds.add(sample.round(rounds.size(), each, 5, 64, true, false));
        }
        return server(name, point(0, rounds));
    }

    static ServerResult server(String name, Point... points) {
        return new ServerResult(name, "reactor", "sluice serve --model " + name, List.of(), "", List.of(points));
    }

    /** A server whose rounds, and with them their medians, are changed. */
    static ServerResult changed(ServerResult server, Function<Round, Round> change) {
        return new ServerResult(
                server.name(),
                server.family(),
                server.line(),
                server.features(),
                server.skipped(),
                server.points().stream()
                        .map(point -> point(
                                point.value(),
                                point.rounds().stream().map(change).toList()))
                        .toList());
    }

    public static ServerResult skipped(String name, String why) {
        return new ServerResult(name, "reactor", "sluice serve --model " + name, List.of(), why, List.of());
    }

    static Round generatorBound(Round round, String words) {
        LoadResult load = round.load();
        LoadResult.Generator generator = new LoadResult.Generator(1, 0.99, 0, true, words);
        return withLoad(round, load(load, "closed", 0, load.errorsCount(), generator));
    }

    static Round open(Round round, double askedPerSecond) {
        LoadResult load = round.load();
        return withLoad(round, load(load, "open", askedPerSecond, load.errorsCount(), load.generator()));
    }

    static Round errors(Round round, Map<String, Long> errors) {
        LoadResult load = round.load();
        return withLoad(round, load(load, load.loop(), load.askedPerSecond(), errors, load.generator()));
    }

    static Round p99(Round round, double micros) {
        Figures f = round.figures();
        return new Round(
                round.order(),
                round.load(),
                new Figures(
                        f.requestsPerSecond(),
                        f.p50Micros(),
                        f.p90Micros(),
                        micros,
                        f.p999Micros(),
                        f.maxMicros(),
                        f.errorsCount(),
                        f.cpuMicros(),
                        f.userMicros(),
                        f.systemMicros(),
                        f.systemCallsPerRequest(),
                        f.contextSwitchesPerRequest(),
                        f.residentBytes(),
                        f.connectionBytes(),
                        f.allocatedBytesPerRequest(),
                        f.gcPauseMicros(),
                        f.threadsCount(),
                        f.bytesPerSecond(),
                        f.cachedShare(),
                        f.patternMicros()));
    }

    static Round unknown(Round round) {
        return new Round(round.order(), round.load(), unknown(round.figures()));
    }

    static Results incomplete(Results results) {
        return new Results(
                results.schema(),
                results.command(),
                results.startedAt(),
                false,
                results.machine(),
                results.workload(),
                results.servers());
    }

    static Point point(double value, List<Round> rounds) {
        return new Point(
                value, rounds, median(rounds.stream().map(Round::figures).toList()));
    }

    static Point pointOf(double value, double... requestsPerSecond) {
        return point(value, server("x", requestsPerSecond).points().getFirst().rounds());
    }

    static Results results(String sweep, List<ServerResult> servers) {
        Map<String, String> settings = new TreeMap<>(Map.of(
                "connections",
                sweep.isEmpty() ? "64" : "1,10,100,1000,10000",
                "duration",
                "8s",
                "warmup",
                "2s",
                "seed",
                "42",
                "rounds",
                "3",
                "loop",
                "closed",
                "pipeline",
                "1",
                "loops",
                "1",
                "workers",
                "none"));
        return new Results(
                Results.SCHEMA,
                "sluice compare --preset plaintext --seed 42"
                        + (sweep.isEmpty() ? "" : " --connections 1,10,100,1000,10000"),
                "2026-11-25T02:47:51Z",
                true,
                new Results.Machine(
                        "Debian GNU/Linux 12",
                        "6.1.0-28-amd64",
                        "AMD EPYC 7763 64-Core Processor",
                        2,
                        8L << 30,
                        "Temurin 25.0.1+8",
                        "server on core 0, generator on core 1"),
                new Results.Workload(
                        "plaintext",
                        "13 bytes of text over HTTP/1.1 with keep-alive, one request at a time on each connection",
                        sweep,
                        settings),
                servers);
    }

    private Results run(String sweep, List<Double> values) {
        List<ServerResult> servers = new ArrayList<>();
        for (Nature nature : NATURES) {
            List<Point> points = new ArrayList<>();
            for (double value : values) {
                if (!(nature.name().equals("select") && value > 1000)
                        && !(nature.name().equals("prefork") && value > 1000)) {
                    points.add(point(value, rounds(nature, value == 0 ? 64 : value, true)));
                }
            }
            List<String> features = nature.name().equals("io_uring")
                    ? List.of("SINGLE_ISSUER", "DEFER_TASKRUN", "multishot accept", "multishot recv", "buffer ring")
                    : List.of();
            servers.add(new ServerResult(
                    nature.name(),
                    nature.family(),
                    "sluice serve --respond hello --model " + nature.name(),
                    features,
                    "",
                    points));
        }
        Nature nginx = new Nature("nginx", "reference", 148_000, 5.6, 9000);
        servers.add(new ServerResult(
                "nginx",
                "reference",
                "nginx -c nginx.conf",
                List.of(),
                "",
                values.stream()
                        .map(value -> point(value, rounds(nginx, value == 0 ? 64 : value, false)))
                        .toList()));
        servers.add(skipped("kqueue", "libkqueue.so.0 is not installed; install it with: apt-get install libkqueue0"));
        return results(sweep, servers);
    }

    private List<Round> rounds(Nature nature, double connections, boolean ours) {
        double rise = connections / (connections + 4);
        double fall = connections <= nature.bend() ? 1 : Math.pow(connections / nature.bend(), -0.35);
        boolean bound = nature.name().equals("io_uring") && connections >= 64;
        List<Round> rounds = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            double rate = nature.best() * rise * fall * (1 + 0.006 * random.nextGaussian());
            rounds.add(round(i, rate, nature.cpuMicros() / fall, connections, ours, bound));
        }
        return rounds;
    }

    private Round round(int order, double rate, double cpu, double connections, boolean ours, boolean bound) {
        Histogram histogram = new Histogram(3);
        double middle = Math.max(12, 1e6 * connections / rate);
        for (int i = 0; i < 20_000; i++) {
            double tail = random.nextInt(400) == 0 ? 4 + 8 * random.nextDouble() : 1;
            histogram.recordValue((long) (middle * tail * Math.exp(0.18 * random.nextGaussian())));
        }
        List<LoadResult.Point> curve = new ArrayList<>();
        for (HistogramIterationValue value : histogram.percentiles(5)) {
            curve.add(new LoadResult.Point(value.getPercentileLevelIteratedTo(), value.getValueIteratedTo()));
        }
        double[] at = Arrays.stream(new double[] {50, 90, 99, 99.9})
                .map(histogram::getValueAtPercentile)
                .toArray();
        LoadResult.Latency latency =
                new LoadResult.Latency(histogram.getMean(), at[0], at[1], at[2], at[3], histogram.getMaxValue(), curve);
        LoadResult load = new LoadResult(
                "http://127.0.0.1:8080/",
                "epoll",
                "closed",
                (int) connections,
                0,
                1,
                8,
                0,
                true,
                (long) (rate * 8),
                rate,
                (long) (rate * 8 * 130),
                (long) (rate * 8 * 60),
                latency,
                Map.of(),
                Map.of(),
                0,
                0,
                0,
                LoadResult.IdleAnswers.NONE,
                new LoadResult.Generator(1, bound ? 0.99 : 0.71, 0, bound, bound ? "its core was 99 % busy" : ""));
        double noisy = cpu * (1 + 0.01 * random.nextGaussian());
        Figures figures = new Figures(
                rate,
                at[0],
                at[1],
                at[2],
                at[3],
                histogram.getMaxValue(),
                0,
                noisy,
                noisy * 0.28,
                noisy * 0.72,
                2.0 + 0.1 * random.nextDouble(),
                0.02 * random.nextDouble(),
                80e6 + connections * 3000,
                2900 + 100 * random.nextDouble(),
                24.0,
                1800 * random.nextDouble(),
                12.0,
                null,
                null,
                null);
        return new Round(order, load, ours ? figures : unknown(figures));
    }

    private static Figures unknown(Figures f) {
        return new Figures(
                f.requestsPerSecond(),
                f.p50Micros(),
                f.p90Micros(),
                f.p99Micros(),
                f.p999Micros(),
                f.maxMicros(),
                f.errorsCount(),
                f.cpuMicros(),
                f.userMicros(),
                f.systemMicros(),
                null,
                f.contextSwitchesPerRequest(),
                f.residentBytes(),
                f.connectionBytes(),
                null,
                null,
                f.threadsCount(),
                f.bytesPerSecond(),
                f.cachedShare(),
                f.patternMicros());
    }

    private static Round withLoad(Round round, LoadResult load) {
        return new Round(round.order(), load, round.figures());
    }

    private static LoadResult load(
            LoadResult load, String loop, double asked, Map<String, Long> errors, LoadResult.Generator generator) {
        return new LoadResult(
                load.url(),
                load.model(),
                loop,
                load.connectionsCount(),
                load.idleCount(),
                load.pipelineCount(),
                load.durationSeconds(),
                asked,
                load.requestsPerSecond() >= asked * 0.99,
                load.requestsCount(),
                load.requestsPerSecond(),
                load.receivedBytes(),
                load.sentBytes(),
                load.latency(),
                errors,
                load.errorExamples(),
                load.unansweredCount(),
                load.oldestUnansweredMicros(),
                load.connectSeconds(),
                load.idleAnswers(),
                generator);
    }

    private static Figures median(List<Figures> rounds) {
        Function<Function<Figures, Double>, Double> of = figure -> {
            double[] known = rounds.stream()
                    .map(figure)
                    .filter(value -> value != null)
                    .mapToDouble(value -> value)
                    .sorted()
                    .toArray();
            return known.length == 0 ? null : known[known.length / 2];
        };
        return new Figures(
                of.apply(Figures::requestsPerSecond),
                of.apply(Figures::p50Micros),
                of.apply(Figures::p90Micros),
                of.apply(Figures::p99Micros),
                of.apply(Figures::p999Micros),
                of.apply(Figures::maxMicros),
                of.apply(figures -> (double) figures.errorsCount()).longValue(),
                of.apply(Figures::cpuMicros),
                of.apply(Figures::userMicros),
                of.apply(Figures::systemMicros),
                of.apply(Figures::systemCallsPerRequest),
                of.apply(Figures::contextSwitchesPerRequest),
                of.apply(Figures::residentBytes),
                of.apply(Figures::connectionBytes),
                of.apply(Figures::allocatedBytesPerRequest),
                of.apply(Figures::gcPauseMicros),
                of.apply(Figures::threadsCount),
                of.apply(Figures::bytesPerSecond),
                of.apply(Figures::cachedShare),
                of.apply(Figures::patternMicros));
    }

    /**
     * Writes samples to look at: results and reports.
     *
     * @param arguments the folder
     */
    public static void main(String[] arguments) throws IOException {
        Path folder = Path.of(arguments[0]);
        Results plaintext = plaintext(1);
        Results again = plaintext(2);
        Results sweep = sweep(1);
        ResultsFile.write(plaintext, folder.resolve("plaintext.json"));
        ResultsFile.write(again, folder.resolve("again.json"));
        ResultsFile.write(sweep, folder.resolve("sweep.json"));
        Report.write(List.of(plaintext), folder.resolve("plaintext.html"));
        Report.write(List.of(plaintext, again), folder.resolve("two.html"));
        Report.write(List.of(incomplete(sweep)), folder.resolve("sweep.html"));
    }
}
