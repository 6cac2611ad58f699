package dev.sluice.admin;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.sluice.Models;
import dev.sluice.Options;
import dev.sluice.Server;
import dev.sluice.http.ConcurrencyLimiter;
import dev.sluice.http.HttpMetrics;
import dev.sluice.http.HttpService;
import dev.sluice.http.Response;
import dev.sluice.http.Workers;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The admin listener beside a real server: it tells what is true, and answers while that one is held. */
@Timeout(value = 60, unit = TimeUnit.SECONDS)
final class AdminTest {
    private static final InetSocketAddress ANY_PORT = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);

    private final CountDownLatch entered = new CountDownLatch(1);
    private final CountDownLatch released = new CountDownLatch(1);
    private Admin admin;

    @BeforeEach
    void listen() {
        admin = Admin.start(ANY_PORT);
    }

    @AfterEach
    void close() {
        released.countDown();
        admin.close();
    }

    private Server serve(String model) {
        return serve(model, builder -> {});
    }

    private Server serve(String model, Consumer<HttpService.Builder> more) {
        assumeTrue(Models.find(model).orElseThrow().availability().available());
        HttpService.Builder builder = HttpService.builder()
                .handler(request -> {
                    if (request.path().equals("/hold")) {
                        entered.countDown();
                        released.await();
                    }
                    return Response.text("hello");
                })
                .metrics(new HttpMetrics());
        more.accept(builder);
        HttpService service = builder.build();
        Server server = Server.builder(service)
                .model(model)
                .options(Options.builder().watchdog(Duration.ZERO).build())
                .start();
        admin.ready(server, service);
        return server;
    }

    private static String ask(int port, String head) throws Exception {
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
            socket.getOutputStream().write(head.getBytes(StandardCharsets.ISO_8859_1));
            return new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        }
    }

    private static String get(int port, String target) throws Exception {
        return ask(port, "GET " + target + " HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n");
    }

    private String get(String target) throws Exception {
        return get(((InetSocketAddress) admin.address()).getPort(), target);
    }

    private static String status(String answer) {
        return answer.substring("HTTP/1.1 ".length(), "HTTP/1.1 200".length());
    }

    @Test
    void itIsReadyFromListeningUntilDraining() throws Exception {
        assertThat(status(get("/health/live"))).isEqualTo("200");
        assertThat(get("/health/ready")).startsWith("HTTP/1.1 503").endsWith("not ready: starting\n");
        assertThat(status(get("/metrics"))).isEqualTo("503");
        try (Server server = serve("epoll")) {
            assertThat(get("/health/ready")).startsWith("HTTP/1.1 200").endsWith("ready\n");
            admin.draining();
            assertThat(get("/health/ready")).startsWith("HTTP/1.1 503").endsWith("not ready: draining\n");
            assertThat(server.stats().open()).isZero();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"epoll", "io_uring", "nio", "threads", "virtual", "busy-poll"})
    void itAnswersWhileTheServerIsHeldAndTellsByWhom(String model) throws Exception {
        try (Server server = serve(model);
                Socket holder = new Socket(InetAddress.getLoopbackAddress(), server.port())) {
            assertThat(status(get(server.port(), "/"))).isEqualTo("200");
            holder.getOutputStream()
                    .write("GET /hold?\"x HTTP/1.1\r\nHost: a\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
            entered.await();
            assertThat(status(get("/health/live"))).isEqualTo("200");
            String threads = get("/dump/threads?filter=AdminTest");
            String connections = get("/dump/connections");
            String metrics = get("/metrics");
            released.countDown(); // or the server would wait for its loop to end
            if (model.equals("virtual")) { // the handler waits, and its loop goes on
                assertThat(connections)
                        .contains("\"GET /hold?\\u0022x HTTP/1.1\"")
                        .contains("in a callback");
            } else {
                assertThat(threads).contains("AdminTest.lambda");
                assertThat(connections).contains("does not answer: something holds it");
            }
            if (!model.equals("threads")) {
                assertThat(metrics)
                        .containsPattern(
                                "sluice_loop_answers\\{loop=\"[^\"]+\"} " + (model.equals("virtual") ? "1" : "0"));
            }
        }
    }

    @Test
    void whatIsNotAskedRightIsRefused() throws Exception {
        int port = ((InetSocketAddress) admin.address()).getPort();
        String end = " HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n";
        assertThat(status(ask(port, "DELETE /metrics" + end))).isEqualTo("405");
        assertThat(status(get("/nothing"))).isEqualTo("404");
        assertThat(status(get("/dump/threads?limit=many"))).isEqualTo("400");
        assertThat(status(get("/dump/threads?filter=%zz"))).isEqualTo("400");
        assertThat(status(get("/dump/threads?filter=" + "a".repeat(300)))).isEqualTo("400");
        assertThat(status(ask(port, "GET /metrics HTTP/1.1\r\nHost: evil.example\r\nConnection: close\r\n\r\n")))
                .isEqualTo("403");
        assertThat(get("/dump/threads?limit=1").split("\n\"", -1)).hasSize(2);
    }

    @Test
    void aUnixSocketIsForThisUserOnly(@TempDir Path folder) throws Exception {
        UnixDomainSocketAddress place = UnixDomainSocketAddress.of(folder.resolve("admin"));
        try (Admin unix = Admin.start(place);
                SocketChannel client = SocketChannel.open(StandardProtocolFamily.UNIX)) {
            assertThat(unix.address()).isEqualTo(place);
            assertThat(Files.getPosixFilePermissions(place.getPath())).hasSize(2);
            client.connect(place);
            client.write(ByteBuffer.wrap("GET /health/live HTTP/1.0\r\n\r\n".getBytes(StandardCharsets.US_ASCII)));
            InputStream in = Channels.newInputStream(client);
            assertThat(new String(in.readAllBytes(), StandardCharsets.US_ASCII)).endsWith("\r\n\r\nlive\n");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"epoll", "io_uring", "threads", "virtual"})
    void itTellsWhatConnectionsWaitFor(String model) throws Exception {
        try (Workers workers = Workers.pool(1, 8);
                Server server =
                        serve(model, model.equals("virtual") ? builder -> {} : builder -> builder.workers(workers));
                Socket idle = new Socket(InetAddress.getLoopbackAddress(), server.port());
                Socket reading = new Socket(InetAddress.getLoopbackAddress(), server.port());
                Socket holder = new Socket(InetAddress.getLoopbackAddress(), server.port())) {
            idle.getOutputStream().write("GET / HTTP/1.1\r\nHost: a\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
            assertThat(idle.getInputStream().readNBytes(12)).hasSize(12);
            reading.getOutputStream().write("GET / HT".getBytes(StandardCharsets.US_ASCII));
            holder.getOutputStream().write("GET /hold HTTP/1.1\r\nHost: a\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
            entered.await();
            for (String state : List.of("idle", "reading", "handling")) {
                awaitIn("/dump/connections", "open, " + state);
                awaitIn("/metrics", "sluice_http_connections{state=\"" + state + "\"} 1.0\n");
            }
            released.countDown();
            assertThat(holder.getInputStream().readNBytes(12)).hasSize(12);
            awaitIn("/metrics", "sluice_http_connections{state=\"idle\"} 2.0\n");
        }
    }

    private void awaitIn(String page, String text) throws Exception {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
        String answer = get(page);
        while (!answer.contains(text)) {
            assertThat(System.nanoTime())
                    .as("waited for '%s' in: %s", text, answer)
                    .isLessThan(deadline);
            answer = get(page);
        }
    }

    // ---- the format

    private static final Pattern SAMPLE = Pattern.compile(
            "([a-z_]+)(\\{(?:[a-z]+=\"[^\"\\\\\n]*\")(?:,[a-z]+=\"[^\"\\\\\n]*\")*})? (NaN|[+-]?Inf|[0-9.eE+-]+)");

    /** Reads as promtool does: each family once, help and type in front of its samples, counters named _total. */
    private static Set<String> families(String body) {
        Set<String> families = new TreeSet<>();
        Set<String> samples = new TreeSet<>();
        String family = "";
        String type = "";
        for (String line : body.split("\n", -1)) {
            if (line.startsWith("# HELP ")) {
                family = line.split(" ", 4)[2];
                assertThat(families.add(family)).as(line).isTrue();
                type = "";
            } else if (line.startsWith("# TYPE ")) {
                assertThat(line.split(" ", 4)[2]).isEqualTo(family);
                type = line.split(" ", 4)[3];
                assertThat(type).isIn("counter", "gauge", "histogram");
                assertThat(family.endsWith("_total")).as(line).isEqualTo(type.equals("counter"));
            } else if (!line.isEmpty()) {
                Matcher matcher = SAMPLE.matcher(line);
                assertThat(matcher.matches()).as(line).isTrue();
                String name = matcher.group(1);
                assertThat(type).as(line).isNotEmpty();
                assertThat(name)
                        .isIn(
                                type.equals("histogram")
                                        ? List.of(family + "_bucket", family + "_sum", family + "_count")
                                        : List.of(family));
                assertThat(samples.add(name + matcher.group(2))).as(line).isTrue();
                assertThat(Double.parseDouble(matcher.group(3).replace("Inf", "Infinity")))
                        .isNotNegative();
            }
        }
        return families;
    }

    @Test
    void metricsAreWhatPrometheusReadsAndTheManualTells() throws Exception {
        try (Workers workers = Workers.pool(1, 8);
                Server server =
                        serve("epoll", builder -> builder.workers(workers).limiter(ConcurrencyLimiter.fixed(8)))) {
            for (int i = 0; i < 5; i++) {
                assertThat(status(get(server.port(), "/"))).isEqualTo("200");
            }
            String answer = get("/metrics");
            assertThat(answer).contains("Content-Type: text/plain; version=0.0.4; charset=utf-8\r\n");
            String body = answer.substring(answer.indexOf("\r\n\r\n") + 4);
            Set<String> families = families(body);
            assertThat(body)
                    .contains(
                            "sluice_connections_accepted_total 5.0\n",
                            "sluice_http_responses_total{status=\"2xx\"} 5.0\n")
                    .contains("sluice_http_handler_seconds_count 5\n")
                    .contains("sluice_http_handler_seconds_bucket{le=\"+Inf\"} 5\n");
            List<Long> buckets = new ArrayList<>();
            Matcher bucket = Pattern.compile("handler_seconds_bucket\\{le=\"[^\"]+\"} ([0-9]+)")
                    .matcher(body);
            while (bucket.find()) {
                buckets.add(Long.parseLong(bucket.group(1)));
            }
            assertThat(buckets).isSorted().hasSizeGreaterThan(20);

            String manual = Files.readString(Path.of("../docs/operations.md"));
            Matcher told =
                    Pattern.compile("^\\| `(sluice_[a-z_]+)", Pattern.MULTILINE).matcher(manual);
            Set<String> documented = new TreeSet<>();
            while (told.find()) {
                documented.add(told.group(1));
            }
            documented.removeIf(name -> name.matches("sluice_(proxy|backend)_.*")); // these have a test of their own
            assertThat(documented).isEqualTo(families);
        }
    }
}
