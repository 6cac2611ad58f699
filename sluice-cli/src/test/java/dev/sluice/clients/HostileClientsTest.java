package dev.sluice.clients;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.clients.RawClient.Answer;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.Timeout.ThreadMode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Clients that mean harm: each gets the right answer, and a well-behaved one beside it sees nothing. */
@Timeout(
        value = 60,
        unit = TimeUnit.SECONDS,
        threadMode = ThreadMode.SEPARATE_THREAD) // a blocked write hears no interrupt
class HostileClientsTest {
    private static final String MODELS = "dev.sluice.clients.LiveModels#models";
    private static final String HEAD = "GET /hello.txt HTTP/1.1\r\nHost: a\r\n";
    private static final String POST = "POST / HTTP/1.1\r\nHost: a\r\n";
    private static final int PACE_MILLIS = 50;
    private static final Duration TOO_LATE = LiveService.PATIENCE.plusSeconds(5);

    private static final Site SITE = Site.shared();

    /** A server that the test attacks while somebody else uses it. */
    private interface Attack {
        void on(LiveServer server) throws IOException;
    }

    private static void onFiles(String model, Attack attack) throws IOException, InterruptedException {
        try (LiveServer server = LiveServer.impatientFiles(model, SITE.root);
                HealthyClient _ = HealthyClient.ofFiles(server)) {
            attack.on(server);
        }
    }

    private static void onReflection(String model, Attack attack) throws IOException, InterruptedException {
        try (LiveServer server = LiveServer.impatientReflect(model);
                HealthyClient _ = HealthyClient.ofReflection(server)) {
            attack.on(server);
        }
    }

    // ---- slow

    /** Sends a byte at a time on many connections until each is answered; tells how long that took. */
    private static Duration dribble(List<RawClient> clients, String piece) throws IOException {
        long start = System.nanoTime();
        List<RawClient> waiting = new ArrayList<>(clients);
        for (int at = 0; !waiting.isEmpty(); at = (at + 1) % piece.length()) {
            assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(TOO_LATE);
            for (RawClient client : waiting) {
                boolean _ = client.trySend(piece.substring(at, at + 1));
            }
            int millis = PACE_MILLIS; // the first one's wait is the pace of all
            for (RawClient client : List.copyOf(waiting)) {
                if (client.isAnsweredWithin(millis)) {
                    waiting.remove(client);
                }
                millis = 1;
            }
        }
        return Duration.ofNanos(System.nanoTime() - start);
    }

    private static List<RawClient> clients(LiveServer server, int count, String begin) throws IOException {
        List<RawClient> clients = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            RawClient client = new RawClient(server);
            client.send(begin);
            clients.add(client);
        }
        return clients;
    }

    private static void answeredAndEnded(List<RawClient> clients, int status) throws IOException {
        for (RawClient client : clients) {
            try (client) {
                assertThat(client.read().status()).isEqualTo(status);
                assertThat(client.isEnded()).isTrue();
            }
        }
    }

    @ParameterizedTest
    @MethodSource(MODELS)
    void slowloris(String model) throws Exception {
        onFiles(model, server -> {
            List<RawClient> clients = clients(server, server.connections(50), HEAD + "X-Slow: ");
            Duration took = dribble(clients, "and-slow");
            assertThat(took).isGreaterThan(LiveService.PATIENCE.minusMillis(200));
            answeredAndEnded(clients, 408);
        });
    }

    @Tag("slow")
    @ParameterizedTest
    @MethodSource(MODELS)
    void slowBodies(String model) throws Exception {
        onReflection(model, server -> {
            for (String framing :
                    List.of("Content-Length: 100000\r\n\r\n", "Transfer-Encoding: chunked\r\n\r\n186A0\r\n")) {
                List<RawClient> clients = clients(server, server.connections(20), POST + framing);
                dribbleBodies(clients);
            }
        });
    }

    /** Sends each body's next byte at a pace, until the server has ended all; what it answers may have begun. */
    private static void dribbleBodies(List<RawClient> clients) throws IOException {
        long start = System.nanoTime();
        List<RawClient> open = new ArrayList<>(clients);
        while (!open.isEmpty()) {
            assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(TOO_LATE);
            int millis = PACE_MILLIS; // the first one's wait is the pace of all
            for (RawClient client : List.copyOf(open)) {
                if (!client.trySend("x") || client.isEndedWithin(millis)) {
                    open.remove(client);
                    client.close();
                } else {
                    millis = 1;
                }
            }
        }
    }

    @ParameterizedTest
    @MethodSource(MODELS)
    void silence(String model) throws Exception {
        onFiles(model, server -> {
            List<RawClient> clients = clients(server, server.connections(50), "GET / HT");
            for (RawClient client : clients) {
                try (client) {
                    assertThat(client.read().status()).isEqualTo(408);
                    assertThat(client.isEnded()).isTrue();
                }
            }
        });
    }

    // ---- endless

    /** Sends a piece again and again until the server answers, which it must before that has grown large. */
    private static Answer flood(LiveServer server, String begin, String piece, int limitBytes) throws IOException {
        try (RawClient client = new RawClient(server)) {
            client.send(begin);
            int sent = 0;
            while (client.trySend(piece)) {
                sent += piece.length();
                if (client.isAnsweredWithin(1)) {
                    break;
                }
                assertThat(sent).as("bytes that the server took without a word").isLessThan(limitBytes);
            }
            Answer answer = client.read();
            assertThat(client.isEnded()).isTrue();
            return answer;
        }
    }

    @ParameterizedTest
    @MethodSource(MODELS)
    void endlessHeads(String model) throws Exception {
        onFiles(model, server -> {
            int limit = 4 << 20;
            assertThat(flood(server, "GET /", "a".repeat(1000), limit).status()).isEqualTo(414);
            assertThat(flood(server, HEAD + "X: ", "a".repeat(1000), limit).status())
                    .isEqualTo(431);
            assertThat(flood(server, HEAD, ("X: " + "a".repeat(500) + "\r\n").repeat(2), limit)
                            .status())
                    .isEqualTo(431);
            assertThat(flood(server, HEAD, "X:\r\n", limit).status()).isEqualTo(431);
            assertThat(flood(server, "", "A".repeat(1000), limit).status()).isIn(400, 414, 501);
            assertThat(flood(server, "", "\r\n", limit).status()).isEqualTo(400);
        });
    }

    @ParameterizedTest
    @MethodSource(MODELS)
    void chunkExtensionBombs(String model) throws Exception {
        onReflection(model, server -> {
            String chunked = POST + "Transfer-Encoding: chunked\r\n\r\n";
            int limit = 4 << 20;
            assertThat(flood(server, chunked + "1;", "a".repeat(1000), limit).status())
                    .isEqualTo(400);
            assertThat(flood(server, chunked + "1;a=\"", "b".repeat(1000), limit)
                            .status())
                    .isEqualTo(400);
            assertThat(flood(server, chunked + "0\r\n", "X: " + "a".repeat(1000) + "\r\n", limit)
                            .status())
                    .isIn(400, 431);
            assertThat(flood(server, chunked, "0".repeat(1000), limit).status()).isEqualTo(400);
        });
    }

    // ---- malformed

    private static final String NEXT = "GET /hello.txt HTTP/1.1\r\nHost: a\r\n\r\n";

    /** A request is answered with a status, the connection ends, and what is behind it is never answered. */
    private static void refused(LiveServer server, String request, int... statuses) throws IOException {
        try (RawClient client = new RawClient(server)) {
            client.send(request);
            boolean _ = client.trySend(NEXT);
            Answer answer = client.read();
            assertThat(answer.status()).as(request).isIn(boxed(statuses));
            assertThat(answer.header("Connection")).as(request).isEqualTo("close");
            assertThat(client.isEnded()).as(request).isTrue();
        }
    }

    private static Object[] boxed(int... statuses) {
        return Arrays.stream(statuses).boxed().toArray();
    }

    @ParameterizedTest
    @MethodSource(MODELS)
    void lyingAndDoubleLengths(String model) throws Exception {
        onReflection(model, server -> {
            for (String framing : List.of(
                    "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
                    "Transfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n0\r\n\r\n",
                    "Content-Length: 5\r\nContent-Length: 6\r\n\r\nhello!",
                    "Content-Length: 5, 6\r\n\r\nhello!",
                    "Content-Length: +5\r\n\r\nhello",
                    "Content-Length: -5\r\n\r\nhello",
                    "Content-Length: 0x5\r\n\r\nhello",
                    "Content-Length: 5 5\r\n\r\nhello",
                    "Content-Length: 5.0\r\n\r\nhello",
                    "Content-Length:\r\n\r\nhello",
                    "Content-Length: ٥\r\n\r\nhello",
                    "Content-Length: 99999999999999999999999999\r\n\r\nhello",
                    "Transfer-Encoding: chunked, chunked\r\n\r\n0\r\n\r\n",
                    "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
                    "Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n",
                    "Transfer-Encoding: \u000bchunked\r\n\r\n0\r\n\r\n",
                    "Transfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n",
                    "Transfer-Encoding : chunked\r\n\r\n0\r\n\r\n",
                    "Transfer-Encoding\r\n : chunked\r\n\r\n0\r\n\r\n",
                    "Transfer-Encoding:\r\n\r\n0\r\n\r\n")) {
                refused(server, POST + framing, 400, 413, 501);
            }
            refused(server, "POST / HTTP/1.0\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 400, 501);
            shorterThanSaid(server);
            longerThanSaid(server);
        });
    }

    /** The peer ends its side in the midst of a body: no answer that looks whole may come. */
    private static void shorterThanSaid(LiveServer server) throws IOException {
        for (String begun : List.of("Content-Length: 10\r\n\r\nhello", "Transfer-Encoding: chunked\r\n\r\n5\r\nhel")) {
            try (RawClient client = new RawClient(server)) {
                client.send(POST + begun);
                client.socket().shutdownOutput();
                String all = client.readAll();
                assertThat(all.startsWith("HTTP/1.1 200") && all.endsWith("0\r\n\r\n"))
                        .as(all)
                        .isFalse();
                assertThat(all).doesNotContain("Content-Length: 5\r\n");
            }
        }
    }

    /** What is behind the body that was announced is the next request, and this is none. */
    private static void longerThanSaid(LiveServer server) throws IOException {
        try (RawClient client = new RawClient(server)) {
            client.send(POST + "Content-Length: 5\r\n\r\nhello and more\r\n\r\n");
            assertThat(client.read().body()).isEqualTo("hello");
            assertThat(client.read().status()).isEqualTo(400);
            assertThat(client.isEnded()).isTrue();
        }
    }

    @ParameterizedTest
    @MethodSource(MODELS)
    void chunksThatAreNone(String model) throws Exception {
        onReflection(model, server -> {
            for (String body : List.of(
                    "0x5\r\nhello\r\n0\r\n\r\n",
                    "+5\r\nhello\r\n0\r\n\r\n",
                    "-5\r\nhello\r\n0\r\n\r\n",
                    "5_0\r\nhello\r\n0\r\n\r\n",
                    " 5\r\nhello\r\n0\r\n\r\n",
                    "FFFFFFFFFFFFFFFFF\r\nhello",
                    "8000000000000000\r\nhello",
                    "5\nhello\r\n0\r\n\r\n",
                    "5\rhello\r\n0\r\n\r\n",
                    "5;a=\"b\nc\"\r\nhello\r\n0\r\n\r\n",
                    "5;\rx\r\nhello\r\n0\r\n\r\n",
                    "\r\nhello\r\n0\r\n\r\n",
                    "G\r\nhello\r\n0\r\n\r\n")) {
                try (RawClient client = new RawClient(server)) {
                    client.send(POST + "Transfer-Encoding: chunked\r\n\r\n" + body);
                    boolean _ = client.trySend(NEXT);
                    assertThat(client.read().status()).as(body).isIn(400, 413);
                    assertThat(client.isEnded()).as(body).isTrue();
                }
            }
        });
    }

    @ParameterizedTest
    @MethodSource(MODELS)
    void headsThatReadTwoWays(String model) throws Exception {
        onFiles(model, server -> {
            for (String fields : List.of(
                    "X: a\r\n b\r\n\r\n", // obsolete line folding
                    "X: a\r\n\tb\r\n\r\n",
                    " X: a\r\n\r\n",
                    "X : a\r\n\r\n",
                    ": a\r\n\r\n",
                    "X\r\n\r\n",
                    "X: a\nY: b\r\n\r\n", // a bare LF
                    "X: a\rY: b\r\n\r\n", // a bare CR
                    "X: a\r\r\n\r\n",
                    "X: a\u0000b\r\n\r\n",
                    "X\u0000: a\r\n\r\n",
                    "X(: a\r\n\r\n",
                    "X\u00e9: a\r\n\r\n",
                    "Host: b\r\n\r\n")) {
                refused(server, HEAD + fields, 400);
            }
            for (String head : List.of(
                    "GET /hello.txt HTTP/1.1\r\n\r\n", // no Host
                    "GET /hello.txt HTTP/1.1\r\nHost: a b\r\n\r\n",
                    "GET /hello.txt HTTP/1.1\nHost: a\n\n",
                    "GET  /hello.txt HTTP/1.1\r\nHost: a\r\n\r\n",
                    "GET /hello.txt  HTTP/1.1\r\nHost: a\r\n\r\n",
                    "GET\t/hello.txt HTTP/1.1\r\nHost: a\r\n\r\n",
                    " GET /hello.txt HTTP/1.1\r\nHost: a\r\n\r\n",
                    "GET /hello.txt\r\nHost: a\r\n\r\n",
                    "GET /he\u0000llo.txt HTTP/1.1\r\nHost: a\r\n\r\n",
                    "GET /hello.txt HTTP/1.1x\r\nHost: a\r\n\r\n",
                    "GET /hello.txt http/1.1\r\nHost: a\r\n\r\n",
                    "G(T /hello.txt HTTP/1.1\r\nHost: a\r\n\r\n",
                    "\u0016\u0003\u0001\u0002\u0000\u0001\u0000\u0001\u00fc\u0003\u0003\r\n\r\n")) {
                refused(server, head, 400, 505);
            }
            refused(server, "GET /hello.txt HTTP/2.0\r\nHost: a\r\n\r\n", 400, 505);
            refused(server, "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 400, 505);
        });
    }

    @ParameterizedTest
    @MethodSource(MODELS)
    void noise(String model) throws Exception {
        onFiles(model, server -> {
            Random random = new Random(3);
            for (int i = 0; i < 100; i++) {
                byte[] noise = new byte[1 + random.nextInt(2000)];
                random.nextBytes(noise);
                try (RawClient client = new RawClient(server)) {
                    boolean _ = client.trySend(new String(noise, StandardCharsets.ISO_8859_1));
                    client.socket().shutdownOutput();
                    assertThat(client.readAll()).doesNotContain("HTTP/1.1 200");
                }
            }
        });
    }

    // ---- deaf

    @Tag("slow")
    @ParameterizedTest
    @MethodSource(MODELS)
    void clientsThatNeverRead(String model) throws Exception {
        onFiles(model, server -> {
            List<RawClient> clients = new ArrayList<>();
            for (int i = 0; i < server.connections(20); i++) {
                RawClient client = new RawClient(server);
                client.send("GET /huge.bin HTTP/1.1\r\nHost: a\r\n\r\n".repeat(20));
                clients.add(client);
            }
            // Nothing is read before the server has given up: reading would let it go on.
            for (RawClient client : clients) {
                try (client) {
                    client.awaitReset(TOO_LATE);
                    assertThat(client.drain()).isLessThan(Site.HUGE_BYTES);
                }
            }
        });
    }

    @ParameterizedTest
    @MethodSource(MODELS)
    void aClientThatSendsAndNeverReads(String model) throws Exception {
        onReflection(model, server -> {
            try (RawClient client = new RawClient(server)) {
                client.send(POST + "Content-Length: " + Site.HUGE_BYTES + "\r\n\r\n");
                String piece = "x".repeat(64 * 1024);
                long sent = 0;
                while (client.trySend(piece)) {
                    sent += piece.length();
                    assertThat(sent)
                            .as("bytes taken from a client that reads nothing")
                            .isLessThan(64L << 20);
                }
            }
        });
    }
}
