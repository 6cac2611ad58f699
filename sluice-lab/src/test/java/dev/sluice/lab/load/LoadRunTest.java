package dev.sluice.lab.load;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.sluice.Model;
import dev.sluice.Models;
import dev.sluice.Server;
import dev.sluice.http.HttpService;
import dev.sluice.http.Response;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Runs against Sluice's own servers: every shape of load, on every model that can dial. */
@Timeout(60)
@Tag("slow")
class LoadRunTest {
    private final AtomicLong served = new AtomicLong();
    private final Map<String, AtomicLong> requestLines = new ConcurrentHashMap<>();

    private Server server() {
        HttpService service = HttpService.of(request -> {
            served.incrementAndGet();
            requestLines
                    .computeIfAbsent(request.method() + " " + request.target(), line -> new AtomicLong())
                    .incrementAndGet();
            return Response.text("ok");
        });
        return Server.builder(service).model("epoll").start();
    }

    static Load.Builder load(Server server) {
        return Load.of("http://127.0.0.1:" + server.port() + "/a?b=c")
                .connections(4)
                .warmup(Duration.ZERO)
                .duration(Duration.ofMillis(400));
    }

    static LoadResult runWell(Load load) {
        LoadResult result = new LoadRun(load).run();
        assertThat(LoadText.errors(result.errorsCount()))
                .as("%s", result.errorExamples())
                .isEmpty();
        assertThat(result.requestsCount()).isPositive();
        return result;
    }

    private static void await(String what, BooleanSupplier condition) {
        long deadline = System.nanoTime() + Duration.ofSeconds(15).toNanos();
        while (!condition.getAsBoolean()) {
            if (System.nanoTime() > deadline) {
                throw new AssertionError("waited in vain for " + what);
            }
            LockSupport.parkNanos(1_000_000);
        }
    }

    static Stream<String> models() {
        return Models.all().stream()
                .filter(model ->
                        model.can(Model.Ability.DIAL) && model.availability().available())
                .map(Model::name);
    }

    @ParameterizedTest
    @MethodSource("models")
    void everyModelOffersClosedAndOpenLoops(String model) {
        try (Server server = server()) {
            LoadResult closed = runWell(load(server).model(model).pipeline(2).build());
            assertThat(closed.model()).isEqualTo(model);
            assertThat(requestLines).containsOnlyKeys("GET /a?b=c");
            assertThat(closed.requestsCount()).isBetween(served.get() * 9 / 10, served.get());

            LoadResult open =
                    runWell(load(server).model(model).rate(200).idle(3).build());
            assertThat(open.requestsPerSecond()).isBetween(100.0, 320.0);
            assertThat(open.idleCount()).isEqualTo(3);
        }
    }

    @ParameterizedTest
    @MethodSource("models")
    void descriptorsAndThreadsComeBack(String model) throws IOException {
        try (Server server = server()) {
            runWell(load(server).model(model).build()); // what the JVM opens once and keeps
            await("the server's side closed", () -> server.stats().open() == 0);
            long descriptors = descriptors();
            for (int i = 0; i < 3; i++) {
                runWell(load(server)
                        .model(model)
                        .idle(20)
                        .churn(i == 1)
                        .duration(Duration.ofMillis(100))
                        .build());
            }
            await("descriptors to come back", () -> descriptors() <= descriptors);
            await(
                    "threads to end",
                    () -> Thread.getAllStackTraces().keySet().stream()
                            .noneMatch(t -> t.getName().startsWith("sluice-" + model)
                                    && !t.getName().startsWith("sluice-epoll")));
        }
        await(
                "all loops to end",
                () -> Thread.getAllStackTraces().keySet().stream()
                        .noneMatch(t -> t.getName().startsWith("sluice-epoll")));
    }

    private static long descriptors() {
        try (Stream<Path> open = Files.list(Path.of("/proc/self/fd"))) {
            return open.count();
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    @Test
    void severalThreadsShareTheLoad() {
        try (Server server = server()) {
            LoadResult result = runWell(load(server)
                    .threads(3)
                    .connections(7)
                    .rate(600)
                    .arrivals(Arrivals.EVEN)
                    .build());

            assertThat(result.generator().threadsCount()).isEqualTo(3);
            assertThat(result.requestsPerSecond()).isBetween(500.0, 660.0);
        }
    }

    @Test
    void warmUpIsNotCounted() {
        try (Server server = server()) {
            LoadResult result = runWell(load(server)
                    .warmup(Duration.ofMillis(600))
                    .duration(Duration.ofMillis(300))
                    .build());

            assertThat(result.requestsCount()).isLessThan(served.get() * 3 / 4);
            assertThat(result.durationSeconds()).isBetween(0.29, 1.0);
        }
    }

    @Test
    void stopEndsWithTheResultsSoFar() throws Exception {
        try (Server server = server()) {
            LoadRun run = new LoadRun(load(server).duration(Duration.ofHours(1)).build());
            AtomicInteger stopped = new AtomicInteger();
            Thread stopper = Thread.ofPlatform().start(() -> {
                await("answers", () -> served.get() > 100);
                stopped.incrementAndGet();
                run.stop();
            });
            LoadResult result = run.run();
            stopper.join();

            assertThat(stopped).hasValue(1);
            assertThat(result.requestsCount()).isGreaterThan(90);
            assertThat(result.durationSeconds()).isLessThan(20);
        }
    }

    @Test
    void interruptEndsWithTheResultsSoFarAndStaysSet() {
        try (Server server = server()) {
            Thread runner = Thread.currentThread();
            Thread stopper = Thread.ofPlatform().start(() -> {
                await("answers", () -> served.get() > 100);
                runner.interrupt();
            });
            LoadResult result =
                    new LoadRun(load(server).duration(Duration.ofHours(1)).build()).run();

            assertThat(Thread.interrupted()).isTrue();
            assertThat(result.requestsCount()).isGreaterThan(90);
            await("the stopper to end", () -> !stopper.isAlive());
        }
    }

    @Test
    void jsonFieldsAreNamedWithTheirUnits() throws IOException {
        try (Server server = server()) {
            LoadResult result = runWell(load(server).rate(200).build());
            JsonNode json = new ObjectMapper().readTree(result.toJson());

            assertThat(names(json))
                    .containsExactly(
                            "url",
                            "model",
                            "loop",
                            "connectionsCount",
                            "idleCount",
                            "pipelineCount",
                            "durationSeconds",
                            "askedPerSecond",
                            "rateHeld",
                            "requestsCount",
                            "requestsPerSecond",
                            "receivedBytes",
                            "sentBytes",
                            "latency",
                            "errorsCount",
                            "errorExamples",
                            "unansweredCount",
                            "oldestUnansweredMicros",
                            "connectSeconds",
                            "idleAnswers",
                            "generator");
            assertThat(names(json.get("latency")))
                    .containsExactly(
                            "meanMicros", "p50Micros", "p90Micros", "p99Micros", "p999Micros", "maxMicros", "curve");
            assertThat(names(json.get("latency").get("curve").get(0))).containsExactly("percentile", "micros");
            assertThat(names(json.get("errorsCount"))).containsExactly("connect", "reset", "timeout", "status", "body");
            assertThat(names(json.get("generator")))
                    .containsExactly("threadsCount", "cpuShare", "slippedMicros", "bottleneck", "words");
            assertThat(new ObjectMapper().readValue(result.toJson(), LoadResult.class))
                    .isEqualTo(result);
            List<LoadResult.Point> curve = result.latency().curve();
            assertThat(curve).isSortedAccordingTo((a, b) -> Double.compare(a.percentile(), b.percentile()));
            assertThat(curve).isSortedAccordingTo((a, b) -> Double.compare(a.micros(), b.micros()));
            assertThat(curve.getLast())
                    .isEqualTo(new LoadResult.Point(100, result.latency().maxMicros()));
        }
    }

    private static List<String> names(JsonNode object) {
        List<String> names = new ArrayList<>();
        for (Iterator<String> all = object.fieldNames(); all.hasNext(); ) {
            names.add(all.next());
        }
        return names;
    }

    /**
     * An answer's own task is all that is allocated. The server is another process, so that what the loop allocates is
     * the generator's.
     */
    @Test
    void aRequestAllocatesNoMoreThanItsTask() throws IOException {
        var threads = (com.sun.management.ThreadMXBean) ManagementFactory.getThreadMXBean();
        List<Long> allocated = new ArrayList<>();
        List<Double> requests = new ArrayList<>();
        try (ServerProcess server = ServerProcess.start(0)) {
            Load load = Load.of(server.url())
                    .connections(4)
                    .pipeline(4)
                    .warmup(Duration.ofSeconds(2))
                    .duration(Duration.ofMillis(2100))
                    .build();
            LoadResult result = new LoadRun(load, progress -> {
                        long loop = Thread.getAllStackTraces().keySet().stream()
                                .filter(thread -> thread.getName().equals("sluice-epoll-0"))
                                .findFirst()
                                .orElseThrow()
                                .threadId();
                        allocated.add(threads.getThreadAllocatedBytes(loop));
                        requests.add(progress.requestsPerSecond());
                    })
                    .run();

            assertThat(result.requestsCount()).isGreaterThan(1000);
            double bytes = allocated.getLast() - allocated.get(allocated.size() - 2);
            assertThat(bytes / requests.getLast()).as("bytes a request").isLessThan(48);
        }
    }

    @Test
    void distributionIsInMicrosecondsForHdrHistogramsPlotter() {
        try (Server server = server()) {
            LoadRun run = new LoadRun(load(server).build());
            LoadResult result = run.run();
            ByteArrayOutputStream bytes = new ByteArrayOutputStream();
            run.writeDistribution(new PrintStream(bytes, true, StandardCharsets.UTF_8));
            String text = bytes.toString(StandardCharsets.UTF_8);

            assertThat(text).contains("Value", "Percentile", "TotalCount", "1/(1-Percentile)", "#[Mean");
            assertThat(text).containsPattern("Total count +=\\s+" + result.requestsCount());
            assertThat(text)
                    .contains(String.format(
                            java.util.Locale.ROOT, "%.3f", result.latency().maxMicros()));
        }
    }
}
