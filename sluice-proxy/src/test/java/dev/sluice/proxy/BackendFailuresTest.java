package dev.sluice.proxy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.time.Duration;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Back ends that fail, and what becomes of the request: on one model of each family. */
@Timeout(value = 60, unit = TimeUnit.SECONDS)
@Tag("slow")
final class BackendFailuresTest {
    private static final String OK = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";
    private static final String POST = "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 4\r\n\r\nbody";
    private static final String MODELS = "dev.sluice.proxy.ProxyModels#all";

    /** One that reads a request, whole, and breaks off. */
    private static Scripted breaking(String response) throws IOException {
        return new Scripted((wire, self) -> {
            String head = self.request(wire);
            if (head.contains("Content-Length: 4\r\n")) {
                wire.bytes(4);
            }
            wire.send(response).reset();
        });
    }

    private static ProxyOptions headTimeout(long millis) {
        return ProxyOptions.standard()
                .with(ProxyTimeouts.standard().withHead(Duration.ofMillis(millis)))
                .with(RetryOptions.standard().withTries(1));
    }

    @ParameterizedTest
    @MethodSource(MODELS)
    void says502WhereNobodyListens(String model) throws Exception {
        try (Proxied proxy = Proxied.on(model, Proxied.nobody());
                Wire client = proxy.client()) {
            for (int i = 0; i < 3; i++) {
                assertThat(client.send("GET / HTTP/1.1\r\nHost: h\r\n\r\n")
                                .answer()
                                .status())
                        .isEqualTo(502);
            }
            assertThat(proxy.inFlight()).isZero();
        }
    }

    @ParameterizedTest
    @MethodSource(MODELS)
    void asksAnotherWhereNobodyListens(String model) throws Exception {
        try (Scripted backend = new Scripted((wire, self) -> {
                    while (!self.request(wire).isEmpty()) {
                        wire.send("HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\n" + wire.bytes(4));
                    }
                });
                Proxied proxy = Proxied.on(model, Proxied.nobody(), backend.address())) {
            for (int i = 0; i < 6; i++) {
                assertThat(proxy.ask(POST).body()).isEqualTo("body");
            }
            assertThat(backend.heads()).hasSize(6);
        }
    }

    @ParameterizedTest
    @MethodSource(MODELS)
    void repeatsWhatIsIdempotentAndNothingElse(String model) throws Exception {
        try (Scripted broken = breaking("");
                Scripted whole = Scripted.answering(OK);
                Proxied proxy = Proxied.on(model, broken.address(), whole.address())) {
            for (int i = 0; i < 4; i++) {
                assertThat(proxy.get().status()).isEqualTo(200);
            }
            int before = whole.heads().size();
            AtomicInteger refused = new AtomicInteger();
            for (int i = 0; i < 4; i++) {
                // without a body, which the other one would take for a request
                try (Wire client = proxy.client()) {
                    if (client.send("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 0\r\n\r\n")
                                    .answer()
                                    .status()
                            == 502) {
                        refused.incrementAndGet();
                    }
                }
            }
            assertThat(refused.get()).isEqualTo(2);
            assertThat(whole.heads().size() - before).isEqualTo(2);
        }
    }

    @ParameterizedTest
    @MethodSource(MODELS)
    void repeatsAPutWithItsBody(String model) throws Exception {
        try (Scripted broken = new Scripted((wire, self) -> {
                    self.request(wire);
                    wire.bytes(10_000);
                    wire.reset();
                });
                Scripted whole = new Scripted((wire, self) -> {
                    self.request(wire);
                    wire.send("HTTP/1.1 200 OK\r\nContent-Length: 10000\r\n\r\n")
                            .send(wire.bytes(10_000));
                });
                Proxied proxy = Proxied.on(model, broken.address(), whole.address())) {
            String body = "0123456789".repeat(1000);
            Wire.Answer answer = proxy.ask("PUT / HTTP/1.1\r\nHost: h\r\nContent-Length: 10000\r\n\r\n" + body);
            assertThat(answer.body()).isEqualTo(body);
        }
    }

    @ParameterizedTest
    @MethodSource(MODELS)
    void says504WhereNothingComes(String model) throws Exception {
        try (Scripted silent = new Scripted((wire, self) -> {
                    self.request(wire);
                    wire.rest();
                });
                Proxied proxy = Proxied.on(model, headTimeout(100), silent.address())) {
            assertThat(proxy.get().status()).isEqualTo(504);
            Proxied.await("the back end's connection to end", () -> silent.ended() == 1);
        }
    }

    @ParameterizedTest
    @MethodSource(MODELS)
    void says503WhereThePoolIsFull(String model) throws Exception {
        PoolOptions pool = PoolOptions.standard().withConnections(1, 1).withWaiting(1, Duration.ofMillis(100));
        try (Scripted silent = new Scripted((wire, self) -> {
                    self.request(wire);
                    wire.rest();
                });
                Proxied proxy = Proxied.on(model, ProxyOptions.standard().with(pool), silent.address());
                Wire first = proxy.client()) {
            first.send("GET / HTTP/1.1\r\nHost: h\r\n\r\n");
            Proxied.await("the first request", () -> silent.heads().size() == 1);
            if (model.equals("threads") || model.equals("virtual")) {
                return; // each client has a pool of its own, and asks one thing at a time
            }
            assertThat(proxy.get().status()).isEqualTo(503);
        }
    }

    @ParameterizedTest
    @MethodSource(MODELS)
    void findsOutThatAnIdleConnectionWasClosed(String model) throws Exception {
        try (Scripted backend = new Scripted((wire, self) -> {
                    self.request(wire);
                    wire.send(OK);
                });
                Proxied proxy = Proxied.on(model, backend.address());
                Wire client = proxy.client()) {
            for (int i = 1; i <= 5; i++) {
                int so = i;
                assertThat(client.send("GET / HTTP/1.1\r\nHost: h\r\n\r\n")
                                .answer()
                                .body())
                        .isEqualTo("ok");
                Proxied.await("the back end to close", () -> backend.ended() == so);
            }
        }
    }

    @ParameterizedTest
    @MethodSource(MODELS)
    void dropsAConnectionWithBytesThatNobodyAskedFor(String model) throws Exception {
        try (Scripted backend = new Scripted((wire, self) -> {
                    self.request(wire);
                    wire.send(OK + "HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nevil");
                    wire.rest();
                });
                Proxied proxy = Proxied.on(model, backend.address());
                Wire client = proxy.client()) {
            for (int i = 1; i <= 3; i++) {
                assertThat(client.send("GET / HTTP/1.1\r\nHost: h\r\n\r\n")
                                .answer()
                                .body())
                        .isEqualTo("ok");
            }
            Proxied.await("all connections to be dropped", () -> backend.ended() == 3);
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "SSH-2.0-OpenSSH\r\n\r\n",
                "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\nok",
                "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\nok",
                "HTTP/1.1 200 OK\r\nContent-Length: +2\r\n\r\nok",
                "HTTP/1.1 200 OK\nContent-Length: 2\n\nok",
                "HTTP/1.1 200 OK\r\nA: b\r\n c\r\n\r\n",
                "HTTP/1.1 101 Switching\r\nUpgrade: x\r\n\r\n",
                "HTTP/1.1 700 What\r\nContent-Length: 0\r\n\r\n"
            })
    void says502ToGarbage(String response) throws Exception {
        try (Scripted backend = Scripted.answering(response);
                Proxied proxy = Proxied.on("epoll", backend.address())) {
            assertThat(proxy.get().status()).isEqualTo(502);
            Proxied.await("the connections to be dropped", () -> backend.ended() == backend.connections());
        }
    }

    @ParameterizedTest
    @MethodSource(MODELS)
    void boundsAnEndlessHead(String model) throws Exception {
        try (Scripted backend = new Scripted((wire, self) -> {
                    self.request(wire);
                    wire.send("HTTP/1.1 200 OK\r\n");
                    while (true) {
                        wire.send("X: " + "y".repeat(1000) + "\r\n");
                    }
                });
                Proxied proxy = Proxied.on(model, backend.address())) {
            assertThat(proxy.get().status()).isEqualTo(502);
        }
    }

    @ParameterizedTest
    @MethodSource(MODELS)
    void tellsAClientThatABodyIsCut(String model) throws Exception {
        try (Scripted backend = breaking("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf");
                Proxied proxy = Proxied.on(model, backend.address());
                Wire client = proxy.client()) {
            client.send("GET / HTTP/1.1\r\nHost: h\r\n\r\n");
            // A reset may overtake the head, and then the client has 502; what it must not have is a whole answer.
            String all = client.rest();
            assertThat(all.startsWith("HTTP/1.1 502 ") || !all.contains("\r\n\r\nhalf") || all.endsWith("half"))
                    .isTrue();
            assertThat(proxy.inFlight()).isZero();
        }
    }

    @ParameterizedTest
    @MethodSource(MODELS)
    void cancelsWhatItsClientLeft(String model) throws Exception {
        try (Scripted silent = new Scripted((wire, self) -> {
                    self.request(wire);
                    wire.rest();
                });
                Proxied proxy = Proxied.on(model, silent.address())) {
            Wire client = proxy.client().send("GET / HTTP/1.1\r\nHost: h\r\n\r\n");
            Proxied.await("the request", () -> silent.heads().size() == 1);
            client.reset();
            Proxied.await("the back end to be left", () -> silent.ended() == 1 && proxy.inFlight() == 0);
        }
    }

    @ParameterizedTest
    @MethodSource(MODELS)
    void passesAnAnswerThatComesBeforeTheBodyIsSent(String model) throws Exception {
        try (Scripted backend = new Scripted((wire, self) -> {
                    self.request(wire);
                    wire.send("HTTP/1.1 413 Content Too Large\r\nContent-Length: 4\r\nConnection: close\r\n\r\nmuch");
                    wire.rest();
                });
                Proxied proxy = Proxied.on(model, backend.address());
                Wire client = proxy.client()) {
            client.send("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 1000000\r\n\r\nbegin");
            Wire.Answer answer = client.answer();
            assertThat(answer.status()).isEqualTo(413);
            assertThat(answer.head()).contains("Connection: close");
            assertThat(answer.body()).isEqualTo("much");
            assertThat(client.rest()).isEmpty();
        }
    }

    @ParameterizedTest
    @MethodSource(MODELS)
    void lettingASlowClientFillNoMemory(String model) throws Exception {
        int size = 64 << 20;
        AtomicInteger sent = new AtomicInteger();
        byte[] piece = new byte[64 * 1024];
        try (Scripted backend = new Scripted((wire, self) -> {
                    self.request(wire);
                    wire.send("HTTP/1.1 200 OK\r\nContent-Length: " + size + "\r\n\r\n");
                    while (sent.get() < size) {
                        wire.send(piece);
                        sent.addAndGet(piece.length);
                    }
                });
                Proxied proxy = Proxied.on(model, backend.address());
                Wire client = proxy.client()) {
            client.send("GET / HTTP/1.1\r\nHost: h\r\n\r\n");
            assertThat(client.head()).contains("Content-Length: " + size);
            awaitStandstill(sent);
            assertThat(sent.get()).isLessThan(size / 2);
            assertThat(client.bytes(size)).hasSize(size);
        }
    }

    @ParameterizedTest
    @MethodSource(MODELS)
    void lettingASlowBackEndFillNoMemory(String model) throws Exception {
        int size = 64 << 20;
        AtomicInteger sent = new AtomicInteger();
        AtomicInteger go = new AtomicInteger();
        byte[] piece = new byte[64 * 1024];
        try (Scripted backend = new Scripted((wire, self) -> {
                    self.request(wire);
                    Proxied.await("the client to be held up", () -> go.get() == 1);
                    wire.bytes(size);
                    wire.send(OK);
                });
                Proxied proxy = Proxied.on(model, backend.address());
                Wire client = proxy.client()) {
            client.send("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: " + size + "\r\n\r\n");
            Thread sender = Thread.ofPlatform().start(() -> {
                try {
                    while (sent.get() < size) {
                        client.send(piece);
                        sent.addAndGet(piece.length);
                    }
                } catch (IOException e) {
                    sent.set(-1);
                }
            });
            awaitStandstill(sent);
            assertThat(sent.get()).isBetween(1, size / 2);
            go.set(1);
            assertThat(client.answer().body()).isEqualTo("ok");
            sender.join();
        }
    }

    /** Until nothing more was sent for a while: whoever sends is held back. */
    private static void awaitStandstill(AtomicInteger sent) {
        int[] last = {-1};
        long[] since = {System.nanoTime()};
        Proxied.await("the sender to be held back", () -> {
            if (sent.get() != last[0]) {
                last[0] = sent.get();
                since[0] = System.nanoTime();
            }
            return System.nanoTime() - since[0] > TimeUnit.MILLISECONDS.toNanos(200);
        });
    }

    @Test
    void passesNoRequestOnThatCouldBeReadInTwoWays() throws Exception {
        try (Scripted backend = Scripted.answering(OK);
                Proxied proxy = Proxied.on("epoll", backend.address())) {
            String smuggled = "GET /smuggled HTTP/1.1\r\nHost: h\r\n\r\n";
            for (String fields : new String[] {
                "Content-Length: " + smuggled.length() + "\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
                "Content-Length: 0\r\nContent-Length: " + smuggled.length() + "\r\n\r\n",
                "Transfer-Encoding: xchunked\r\n\r\n",
                "Transfer-Encoding : chunked\r\n\r\n0\r\n\r\n",
                "Transfer-Encoding: chunked\r\n\r\n0\n\n",
                "X: a\nContent-Length: 5\r\n\r\n"
            }) {
                try (Wire client = proxy.client()) {
                    client.send("POST / HTTP/1.1\r\nHost: h\r\n" + fields + smuggled);
                    String all = client.rest();
                    assertThat(all)
                            .as(fields)
                            .matches("(?s)HTTP/1\\.1 (400|501) .*")
                            .containsOnlyOnce("HTTP/1.1");
                }
            }
            assertThat(backend.heads()).noneMatch(head -> head.contains("/smuggled"));
        }
    }

    @Test
    void asksAnotherWhereTheFirstIsLate() throws Exception {
        ProxyOptions hedging =
                ProxyOptions.standard().with(RetryOptions.standard().withHedging(Duration.ofMillis(20), false));
        try (Scripted slow = new Scripted((wire, self) -> {
                    self.request(wire);
                    wire.rest();
                });
                Scripted fast = Scripted.answering(OK);
                Proxied proxy = Proxied.on("epoll", hedging, slow.address(), fast.address())) {
            for (int i = 0; i < 4; i++) {
                assertThat(proxy.get().body()).isEqualTo("ok");
            }
            Proxied.await("the late ones to be left", () -> slow.ended() == slow.connections());
            assertThat(slow.heads()).isNotEmpty();
            assertThat(proxy.inFlight()).isZero();
        }
    }

    @Test
    void followsThe95thPercentile() {
        Hedging hedging = new Hedging(RetryOptions.standard().withHedging(Duration.ofMillis(1), true));
        Random random = new Random(7);
        for (int i = 0; i < 20_000; i++) {
            hedging.took((long) (random.nextDouble() * 100_000_000));
        }
        assertThat(hedging.delayNanos()).isBetween(90_000_000L, 99_000_000L);
    }

    @Test
    void keepsToItsBudget() {
        RetryBudget budget = new RetryBudget(0.2, 2);
        assertThat(budget.spend()).isTrue();
        assertThat(budget.spend()).isTrue();
        assertThat(budget.spend()).isFalse();
        for (int i = 0; i < 5; i++) {
            budget.earn();
        }
        assertThat(budget.spend()).isTrue();
        assertThat(budget.spend()).isFalse();
    }

    @Test
    void refusesFieldsThatCouldEndALine() {
        dev.sluice.http.HeadBytes head = new dev.sluice.http.HeadBytes();
        assertThatThrownBy(() -> head.field("A", "b\r\nC: d")).isInstanceOf(IllegalArgumentException.class);
        assertThat(head.clear().text("GET / HTTP/1.1\r\nA: b\r\n\r\n").isWhole())
                .isTrue();
        assertThat(head.clear()
                        .text("GET / HTTP/1.1\r\n\r\nGET / HTTP/1.1\r\n\r\n")
                        .isWhole())
                .isFalse();
        assertThat(head.clear().text("GET / HTTP/1.1\r\nA: b\n\r\n").isWhole()).isFalse();
    }
}
