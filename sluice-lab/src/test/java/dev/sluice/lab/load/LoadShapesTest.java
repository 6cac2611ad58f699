package dev.sluice.lab.load;

import static dev.sluice.lab.load.LoadRunTest.runWell;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.Server;
import dev.sluice.http.HttpService;
import dev.sluice.http.Response;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The shapes that real traffic has, each seen from the server's side. */
@Timeout(60)
@Tag("slow")
class LoadShapesTest {
    private final Map<String, AtomicLong> requestLines = new ConcurrentHashMap<>();

    private Server server() {
        HttpService service = HttpService.of(request -> {
            requestLines
                    .computeIfAbsent(request.method() + " " + request.target(), line -> new AtomicLong())
                    .incrementAndGet();
            return Response.text("ok");
        });
        return Server.builder(service).model("epoll").start();
    }

    private static Load.Builder load(Server server) {
        return LoadRunTest.load(server);
    }

    @Test
    void churnTakesAConnectionForEachRequest() {
        try (Server server = server()) {
            // Some are answered before it counts, and some when it has ended.
            LoadResult closed = runWell(load(server).churn(true).build());
            assertThat(server.stats().accepted()).isBetween(closed.requestsCount(), closed.requestsCount() * 11 / 10);

            long before = server.stats().accepted();
            LoadResult open = runWell(load(server).churn(true).rate(200).build());
            assertThat(server.stats().accepted() - before)
                    .isBetween(open.requestsCount(), open.requestsCount() * 11 / 10);
            assertThat(open.requestsPerSecond()).isBetween(100.0, 320.0);
        }
    }

    @Test
    void idleConnectionsAreHeldBesideTheActiveOnes() {
        AtomicLong most = new AtomicLong();
        try (Server server = server()) {
            Load load = load(server).idle(300).duration(Duration.ofMillis(1200)).build();
            LoadResult result =
                    new LoadRun(load, progress -> most.set(server.stats().open())).run();

            assertThat(result.idleCount()).isEqualTo(300);
            assertThat(most.get()).isEqualTo(304);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"epoll", "threads"})
    void eachIdleConnectionMakesItsRequestAtTheEnd(String model) {
        try (Server server = server()) {
            LoadResult result = runWell(load(server)
                    .model(model)
                    .connections(2)
                    .rate(10)
                    .idle(300)
                    .asksIdle(true)
                    .build());
            LoadResult.IdleAnswers idle = result.idleAnswers();
            assertThat(idle.askedCount()).isEqualTo(300);
            assertThat(idle.answeredCount()).isEqualTo(300);
            assertThat(idle.errorsCount().values()).containsOnly(0L);
            assertThat(idle.latency().maxMicros()).isBetween(1.0, idle.seconds() * 1e6);
            assertThat(result.requestsCount())
                    .as("theirs are not among the load's")
                    .isLessThan(100);
            assertThat(requestLines.get("GET /a?b=c").get()).isGreaterThanOrEqualTo(300 + result.requestsCount());
        }
    }

    @Test
    void idleConnectionsWithoutAnAnswerAreTold() throws IOException {
        byte[] ok = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n".getBytes(StandardCharsets.US_ASCII);
        byte[] refused = "HTTP/1.1 503 No\r\nContent-Length: 0\r\n\r\n".getBytes(StandardCharsets.US_ASCII);
        AtomicLong connections = new AtomicLong();
        // The first one only finds out whether the server is there.
        try (RawServer server = new RawServer(socket -> {
            int number = (int) connections.getAndIncrement() - 1;
            if (number == 0) {
                return; // closed while it is idle
            }
            socket.getInputStream().read();
            switch (number) {
                case 1 -> socket.getOutputStream().write(refused);
                case 2 -> socket.getInputStream().transferTo(OutputStream.nullOutputStream()); // never answers
                case 3 -> socket.getOutputStream().write("nonsense\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
                case 4 -> {} // closes instead
                default -> socket.getOutputStream().write(ok);
            }
        })) {
            LoadResult result = new LoadRun(Load.of(server.url())
                            .connections(0)
                            .idle(10)
                            .asksIdle(true)
                            .timeout(Duration.ofMillis(500))
                            .warmup(Duration.ZERO)
                            .duration(Duration.ofMillis(300))
                            .build())
                    .run();
            LoadResult.IdleAnswers idle = result.idleAnswers();
            assertThat(idle.answeredCount()).isEqualTo(5);
            assertThat(idle.errorsCount())
                    .containsExactlyInAnyOrderEntriesOf(
                            Map.of("connect", 0L, "reset", 2L, "timeout", 1L, "status", 1L, "body", 1L));
        }
    }

    @Test
    void aMixIsAskedByWeight(@TempDir Path folder) throws IOException {
        Files.writeString(folder.resolve("body"), "from a file");
        Path file = Files.writeString(
                folder.resolve("mix"), "# a comment\n\n6 GET /often\n3 GET /seldom\n1 POST /write @body\n");
        try (Server server = server()) {
            LoadResult result = runWell(load(server).mix(Mix.read(file)).build());

            assertThat(requestLines).containsOnlyKeys("GET /often", "GET /seldom", "POST /write");
            double all = result.requestsCount();
            assertThat(requestLines.get("GET /often").get() / all).isBetween(0.5, 0.7);
            assertThat(requestLines.get("POST /write").get() / all).isBetween(0.05, 0.16);
        }
    }

    @Test
    void bodiesAndHeadersArrive() {
        List<String> seen = new ArrayList<>();
        HttpService service = HttpService.of(request -> {
            seen.add(request.method() + " " + request.header("x-test") + " " + request.content().length);
            return Response.text("ok");
        });
        try (Server server = Server.builder(service).model("epoll").start()) {
            runWell(load(server)
                    .body(Body.ofSize(200_000))
                    .headers(List.of("X-Test: yes"))
                    .pipeline(3)
                    .build());
        }
        assertThat(seen).isNotEmpty().containsOnly("POST yes 200000");
    }

    @Test
    void echoIsComparedByteByByte() throws IOException {
        try (RawServer server = new RawServer(socket -> socket.getInputStream().transferTo(socket.getOutputStream()))) {
            LoadResult result = runWell(Load.of(server.echoUrl())
                    .connections(3)
                    .pipeline(4)
                    .body(Body.ofSize(10_000))
                    .warmup(Duration.ZERO)
                    .duration(Duration.ofMillis(400))
                    .build());

            assertThat(result.receivedBytes()).isGreaterThanOrEqualTo(result.requestsCount() * 10_000);
        }
    }

    @Test
    void thinkTimeBoundsTheRate() {
        try (Server server = server()) {
            LoadResult result = runWell(load(server)
                    .think(Duration.ofMillis(50))
                    .duration(Duration.ofSeconds(1))
                    .build());

            assertThat(result.requestsPerSecond()).isBetween(20.0, 81.0); // 4 connections, at most 20 a second each
        }
    }

    @Test
    void slowConnectionsSendAndReadSlowly() {
        HttpService service = HttpService.of(request -> Response.text("x".repeat(2000)));
        try (Server server = Server.builder(service).model("epoll").start()) {
            LoadResult slow = runWell(
                    load(server).slow(10_000).duration(Duration.ofSeconds(1)).build());
            // Some 2,100 bytes at 10,000 a second: no answer before 200 ms.
            assertThat(slow.latency().p50Micros()).isBetween(150e3, 500e3);

            LoadResult beside = runWell(load(server)
                    .slow(10_000)
                    .slowConnections(5)
                    .duration(Duration.ofSeconds(1))
                    .build());
            assertThat(beside.latency().p99Micros())
                    .as("slow ones are not measured")
                    .isLessThan(100e3);
        }
    }

    @Test
    void burstsArriveTogether() {
        try (Server server = server()) {
            LoadResult result = runWell(load(server)
                    .rate(400)
                    .burst(40)
                    .arrivals(Arrivals.EVEN)
                    .duration(Duration.ofSeconds(1))
                    .build());

            assertThat(result.requestsCount() + result.unansweredCount()).isBetween(400L, 440L);
        }
    }

    /** A server that takes connections and closes them at once must not be dialled in a tight circle. */
    @Test
    void connectionsThatEndWithoutAnAnswerAreNotDialledWithoutPause() throws IOException {
        try (RawServer server = new RawServer(socket -> {})) {
            LoadResult result = new LoadRun(Load.of(server.url())
                            .connections(2)
                            .rate(1)
                            .arrivals(Arrivals.EVEN)
                            .warmup(Duration.ZERO)
                            .duration(Duration.ofSeconds(1))
                            .build())
                    .run();

            assertThat(result.requestsCount()).isZero();
            // 1, 2, 4, … ms: ten pauses fill a second.
            assertThat(server.accepted()).isBetween(4, 40);
        }
    }
}
