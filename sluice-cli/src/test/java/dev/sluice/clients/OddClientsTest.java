package dev.sluice.clients;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.clients.RawClient.Answer;
import java.io.IOException;
import java.net.ConnectException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.Timeout.ThreadMode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Clients that keep to the letter of HTTP and TCP, and ask for what nobody asks for. */
@Timeout(value = 60, unit = TimeUnit.SECONDS, threadMode = ThreadMode.SEPARATE_THREAD)
class OddClientsTest {
    private static final String MODELS = "dev.sluice.clients.LiveModels#models";
    private static final String HELLO = "GET /hello.txt HTTP/1.1\r\nHost: a\r\n";
    private static final String POST = "POST / HTTP/1.1\r\nHost: a\r\n";

    private static final Site SITE = Site.shared();

    // ---- half-closed

    @ParameterizedTest
    @MethodSource(MODELS)
    void whoEndsItsSideIsAnsweredAllTheSame(String model) throws Exception {
        try (LiveServer server = LiveServer.files(model, SITE.root);
                HealthyClient _ = HealthyClient.ofFiles(server)) {
            try (RawClient client = new RawClient(server)) {
                client.send(HELLO + "\r\n" + HELLO + "\r\nGET /large.bin HTTP/1.1\r\nHost: a\r\n\r\n" + HELLO);
                client.socket().shutdownOutput();
                assertThat(client.read().body()).isEqualTo(Site.HELLO);
                assertThat(client.read().body()).isEqualTo(Site.HELLO);
                assertThat(client.read().body().getBytes(StandardCharsets.ISO_8859_1))
                        .isEqualTo(SITE.large);
                assertThat(client.isEnded()).as("the head that was cut short").isTrue();
            }
            try (RawClient client = new RawClient(server)) {
                client.socket().shutdownOutput();
                assertThat(client.isEnded()).isTrue();
            }
        }
    }

    // ---- Expect

    /** Sends a request and, a while after its head, more; all that comes back. */
    private static String exchange(LiveServer server, String head, String later) throws IOException {
        try (RawClient client = new RawClient(server)) {
            client.send(head);
            boolean _ = client.isAnsweredWithin(100);
            boolean _ = client.trySend(later);
            client.socket().shutdownOutput();
            return client.readAll();
        }
    }

    private static int count(String all, String part) {
        return all.split(java.util.regex.Pattern.quote(part), -1).length - 1;
    }

    @ParameterizedTest
    @MethodSource(MODELS)
    void whoWaitsToBeToldToGoOn(String model) throws Exception {
        try (LiveServer server = LiveServer.impatientReflect(model);
                HealthyClient _ = HealthyClient.ofReflection(server)) {
            String expects = "Expect: 100-continue\r\nContent-Length: 5\r\n";
            String told = exchange(server, POST + expects + "\r\n", "hello");
            assertThat(told)
                    .startsWith("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 ")
                    .endsWith("hello");
            String twice = exchange(server, POST + "Expect: 100-continue\r\n" + expects + "\r\n", "hello");
            assertThat(count(twice, "100 Continue")).isEqualTo(1);
            assertThat(exchange(server, POST.replace("1.1", "1.0") + expects + "\r\n", "hello"))
                    .doesNotContain("100 Continue")
                    .endsWith("hello");
            assertThat(exchange(server, HELLO + "Expect: 100-continue\r\n\r\n", ""))
                    .startsWith("HTTP/1.1 200 ");
            assertThat(exchange(server, POST + expects + "Transfer-Encoding: chunked\r\n\r\n", "hello"))
                    .startsWith("HTTP/1.1 400 ");
            String other = exchange(server, POST + "Expect: 200-ok\r\nContent-Length: 70\r\n\r\n", HELLO + "\r\n");
            assertThat(other).startsWith("HTTP/1.1 417 ").contains("Connection: close");
            assertThat(count(other, "HTTP/1.1")).isEqualTo(1);
        }
    }

    /** It is told to go on, and never does. */
    @ParameterizedTest
    @MethodSource(MODELS)
    void whoIsToldToGoOnAndDoesNot(String model) throws Exception {
        try (LiveServer server = LiveServer.impatientReflect(model);
                HealthyClient _ = HealthyClient.ofReflection(server);
                RawClient client = new RawClient(server)) {
            client.send(POST + "Expect: 100-continue\r\nContent-Length: 5\r\n\r\n");
            assertThat(client.read().status()).isEqualTo(100);
            assertThat(client.read().status()).isEqualTo(408);
            assertThat(client.isEnded()).isTrue();
        }
    }

    /** Who is refused instead may send its body all the same: it is not read as a request. */
    @ParameterizedTest
    @MethodSource(MODELS)
    void aBodyBehindARefusalIsNoRequest(String model) throws Exception {
        try (LiveServer server = LiveServer.files(model, SITE.root);
                HealthyClient _ = HealthyClient.ofFiles(server)) {
            String body = HELLO + "\r\n";
            String all = exchange(
                    server, POST + "Expect: 100-continue\r\nContent-Length: " + body.length() + "\r\n\r\n", body);
            assertThat(all).startsWith("HTTP/1.1 405 ").contains("Connection: close");
            assertThat(count(all, "HTTP/1.1")).isEqualTo(1);
        }
    }

    // ---- ranges

    @ParameterizedTest
    @MethodSource(MODELS)
    void rangesByTheThousand(String model) throws Exception {
        try (LiveServer server = LiveServer.files(model, SITE.root);
                HealthyClient _ = HealthyClient.ofFiles(server);
                RawClient client = new RawClient(server)) {
            for (String whole : List.of(
                    "bytes=" + "0-,".repeat(5000), // Apache's CVE-2011-3192
                    "bytes=" + "0-0,2-2,4-4,".repeat(1300),
                    "bytes=0-4,3-6",
                    "bytes=" + ",".repeat(15_000),
                    "bytes=5-4",
                    "bytes=1-" + "9".repeat(5000) + "x",
                    "lines=0-1")) {
                Answer answer = range(client, whole);
                assertThat(answer.status()).isEqualTo(200);
                assertThat(answer.body()).isEqualTo(Site.HELLO);
            }
            // Past the numbers that a long holds: nginx's CVE-2017-7529
            for (String behind : List.of("18446744073709551615-", "9223372036854775807-9223372036854775807", "13-")) {
                assertThat(range(client, "bytes=" + behind).status()).isEqualTo(416);
            }
            for (String all : List.of("-9223372036854775807", "-99999999999999999999", "0-99999999999999999999")) {
                Answer answer = range(client, "bytes=" + all);
                assertThat(answer.status()).isEqualTo(206);
                assertThat(answer.body()).isEqualTo(Site.HELLO);
            }
            Answer many = range(client, "bytes=0-0,2-2,4-4,6-6,8-8");
            assertThat(many.status()).isEqualTo(206);
            assertThat(many.body().length()).isLessThan(1500);
        }
    }

    private static Answer range(RawClient client, String range) throws IOException {
        client.send(HELLO + "Range: " + range + "\r\n\r\n");
        return client.read();
    }

    // ---- trailers

    @ParameterizedTest
    @MethodSource(MODELS)
    void trailersFrameNothing(String model) throws Exception {
        try (LiveServer server = LiveServer.reflect(model);
                HealthyClient _ = HealthyClient.ofReflection(server)) {
            String chunked = POST + "Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n";
            try (RawClient client = new RawClient(server)) {
                for (String trailer : List.of(
                        "Content-Length: 100\r\n",
                        "Transfer-Encoding: chunked\r\n",
                        "Connection: close\r\n",
                        "Host: b\r\n")) {
                    client.send(chunked + trailer + "\r\n");
                    assertThat(client.read().body()).as(trailer).isEqualTo("hello");
                }
            }
            for (String trailers :
                    List.of(" X: y\r\n\r\n", "X : y\r\n\r\n", "X: \u0000\r\n\r\n", "X\r\n\r\n", "X: y\n\r\n")) {
                refused(server, chunked + trailers, 400);
            }
            refused(server, chunked + "X: y\r\n".repeat(101) + "\r\n", 431);
            refused(server, chunked + "X: " + "y".repeat(17 << 10), 431);
        }
    }

    private static void refused(LiveServer server, String request, int status) throws IOException {
        try (RawClient client = new RawClient(server)) {
            client.send(request);
            boolean _ = client.trySend(POST + "Content-Length: 4\r\n\r\nnext");
            Answer answer = client.read();
            assertThat(answer.status()).isEqualTo(status);
            assertThat(answer.header("Connection")).isEqualTo("close");
            assertThat(client.isEnded()).isTrue();
        }
    }

    // ---- pipelining

    /** Each request costs a look-up and its answer is short: what a receive brings is thousands of them. */
    @Tag("slow")
    @ParameterizedTest
    @MethodSource(MODELS)
    void requestsByTheThousandOnEachConnection(String model) throws Exception {
        AtomicBoolean over = new AtomicBoolean();
        List<Thread> readers = new ArrayList<>();
        List<RawClient> clients = new ArrayList<>();
        try (LiveServer server = LiveServer.files(model, SITE.root);
                HealthyClient _ = HealthyClient.ofFiles(server)) {
            String requests = HELLO.replace("GET", "HEAD").concat("\r\n").repeat(1000);
            List<Thread> writers = new ArrayList<>();
            for (int i = 0; i < server.connections(16); i++) {
                RawClient client = new RawClient(server);
                clients.add(client);
                readers.add(Thread.ofPlatform().daemon().start(() -> {
                    try {
                        client.drain();
                    } catch (IOException closed) {
                        over.set(true); // by the test, at its end
                    }
                }));
                writers.add(Thread.ofPlatform().daemon().start(() -> {
                    boolean taken = true;
                    while (taken && !over.get()) {
                        taken = client.trySend(requests);
                    }
                }));
            }
            assertThat(writers.getFirst().join(Duration.ofSeconds(2))).isFalse();
            over.set(true);
            for (RawClient client : clients) {
                client.close();
            }
            for (Thread writer : writers) {
                assertThat(writer.join(Duration.ofSeconds(10))).isTrue();
            }
        }
    }

    // ---- while the server stops

    @ParameterizedTest
    @MethodSource(MODELS)
    void whatIsInFlightWhenTheServerStopsIsAnsweredAndTheRestIsNot(String model) throws Exception {
        LiveServer server = LiveServer.reflect(model);
        try (RawClient idle = new RawClient(server);
                RawClient busy = new RawClient(server)) {
            idle.send(HELLO + "\r\n");
            assertThat(idle.read().body()).isEqualTo("OK");
            busy.send(POST + "Expect: 100-continue\r\nContent-Length: 10\r\n\r\n");
            assertThat(busy.read().status()).isEqualTo(100); // its head has arrived
            busy.send("first");
            CompletableFuture<Long> cut = CompletableFuture.supplyAsync(() -> server.stop(Duration.ofSeconds(10)));
            assertThat(idle.isEnded()).isTrue();
            busy.send("other" + HELLO + "\r\n");
            Answer answer = busy.read();
            assertThat(answer.body()).isEqualTo("firstother");
            assertThat(answer.header("Connection")).isEqualTo("close");
            assertThat(busy.isEnded()).isTrue();
            busy.close();
            assertThat(cut.get(10, TimeUnit.SECONDS)).isZero();
            org.assertj.core.api.Assertions.assertThatThrownBy(() -> new RawClient(server))
                    .isInstanceOf(ConnectException.class);
        } finally {
            server.close();
        }
    }
}
