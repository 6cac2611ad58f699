package dev.sluice.lab.load;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Each way to fail is counted as what it is, against servers that really fail so. */
@Tag("slow")
@Timeout(60)
class ErrorKindsTest {
    private static final String OK = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";

    private static Load.Builder load(String url) {
        return Load.of(url)
                .connections(2)
                .duration(Duration.ofMillis(400))
                .warmup(Duration.ZERO)
                .timeout(Duration.ofSeconds(5));
    }

    /** Offers load to a server that answers one request in good order and misbehaves on the next. */
    private static LoadResult against(RawServer.Behaviour second) throws IOException {
        try (RawServer server = new RawServer(socket -> {
            if (RawServer.readRequest(socket)) {
                RawServer.write(socket, OK);
                if (RawServer.readRequest(socket)) {
                    second.serve(socket);
                }
            }
        })) {
            return new LoadRun(load(server.url()).build()).run();
        }
    }

    private static void onlyKind(LoadResult result, String kind, String example) {
        Map<String, Long> errors = result.errorsCount();
        assertThat(errors).containsOnlyKeys("connect", "reset", "timeout", "status", "body");
        assertThat(errors.get(kind)).as("%s of %s", kind, errors).isPositive();
        assertThat(errors.entrySet().stream().filter(e -> e.getValue() > 0))
                .as("%s", errors)
                .hasSize(1);
        assertThat(result.errorExamples()).containsOnlyKeys(kind);
        assertThat(result.errorExamples().get(kind)).contains(example);
        assertThat(result.requestsCount()).as("the good answers").isPositive();
    }

    @Test
    void closedWithoutAnswer() throws IOException {
        onlyKind(against(socket -> {}), "reset", "closed before the answer");
    }

    @Test
    void reset() throws IOException {
        onlyKind(against(socket -> socket.setSoLinger(true, 0)), "reset", "ECONNRESET");
    }

    @Test
    void status() throws IOException {
        LoadResult result = against(socket ->
                RawServer.write(socket, "HTTP/1.1 503 Busy\r\nConnection: close\r\nContent-Length: 0\r\n\r\n"));

        onlyKind(result, "status", "status 503");
    }

    @Test
    void garbage() throws IOException {
        onlyKind(against(socket -> RawServer.write(socket, "220 smtp ready\r\n\r\n")), "body", "220 smtp ready");
    }

    @Test
    void cutShort() throws IOException {
        onlyKind(
                against(socket -> RawServer.write(socket, "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf")),
                "body",
                "cut short");
    }

    @Test
    void moreThanWasAsked() throws IOException {
        onlyKind(against(socket -> RawServer.write(socket, OK + OK + OK)), "body", "nobody had asked for");
    }

    @Test
    void noAnswerInTime() throws IOException {
        AtomicInteger requests = new AtomicInteger();
        try (RawServer server = new RawServer(socket -> {
            while (RawServer.readRequest(socket)) {
                if (requests.incrementAndGet() % 2 == 0) {
                    RawServer.readRequest(socket); // and never answers: waits for a request that doesn't come
                    return;
                }
                RawServer.write(socket, OK);
            }
        })) {
            LoadResult result = new LoadRun(load(server.url())
                            .timeout(Duration.ofMillis(50))
                            .duration(Duration.ofMillis(700))
                            .build())
                    .run();

            onlyKind(result, "timeout", "no answer within 50 ms");
        }
    }

    @Test
    void echoOfOtherBytes() throws IOException {
        AtomicInteger requests = new AtomicInteger();
        try (RawServer server = new RawServer(socket -> {
            byte[] bytes = new byte[64];
            while (socket.getInputStream().readNBytes(bytes, 0, 64) == 64) {
                bytes[63] += (byte) (requests.incrementAndGet() % 2);
                socket.getOutputStream().write(bytes);
            }
        })) {
            onlyKind(new LoadRun(load(server.echoUrl()).build()).run(), "body", "other bytes came back");
        }
    }

    /** The server goes away in the middle: connections are refused from then on, and the run still ends in time. */
    @Test
    void serverThatDies() throws Exception {
        AtomicInteger requests = new AtomicInteger();
        RawServer[] server = new RawServer[1];
        server[0] = new RawServer(socket -> {
            while (RawServer.readRequest(socket)) {
                if (requests.incrementAndGet() == 200) {
                    server[0].close();
                }
                RawServer.write(socket, OK);
            }
        });
        LoadResult result = new LoadRun(load(server[0].url()).build()).run();

        assertThat(result.requestsCount()).isBetween(190L, 210L);
        assertThat(result.errorsCount().get("connect")).isPositive();
        assertThat(result.errorExamples().get("connect")).contains("ECONNREFUSED");
        assertThat(result.durationSeconds()).isLessThan(5);
    }

    @Test
    void serverThatWasNeverThere() throws IOException {
        int port;
        try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            port = free.getLocalPort();
        }
        LoadRun run = new LoadRun(load("http://127.0.0.1:" + port + "/").build());

        assertThatThrownBy(run::run)
                .isInstanceOf(LoadException.class)
                .hasMessage("can't connect to 127.0.0.1:" + port + ": Connection refused; is the server running?");
    }

    @Test
    void hostThatNobodyKnows() {
        LoadRun run = new LoadRun(load("http://no.such.host.invalid/").build());

        assertThatThrownBy(run::run).isInstanceOf(LoadException.class).hasMessageContaining("no.such.host.invalid");
    }

    @Test
    void moreConnectionsThanDescriptors() throws IOException {
        try (RawServer server = new RawServer(Socket::isConnected)) {
            LoadRun run =
                    new LoadRun(load(server.url()).idle(Load.MAX_CONNECTIONS).build());

            assertThatThrownBy(run::run).isInstanceOf(LoadException.class).hasMessageContaining("ulimit -n");
            assertThat(server.accepted()).isZero();
        }
    }

    /** Connections that end in good order, announced or between requests, are no errors. */
    @Test
    void ordinaryEndsAreNoErrors() throws IOException {
        try (RawServer server = new RawServer(socket -> {
            for (int i = 0; i < 3 && RawServer.readRequest(socket); i++) {
                RawServer.write(socket, i < 2 ? OK : OK.replace("\r\nC", "\r\nConnection: close\r\nC"));
            }
            socket.shutdownOutput();
            while (RawServer.readRequest(socket)) {
                Thread.onSpinWait(); // what was pipelined behind: unread, it would turn the close into a reset
            }
        })) {
            LoadResult result = new LoadRun(load(server.url()).pipeline(4).build()).run();

            assertThat(LoadText.errors(result.errorsCount())).isEmpty();
            assertThat(result.requestsCount()).isGreaterThan(20);
            assertThat(server.accepted()).isGreaterThan(6);
        }
    }
}
