package dev.sluice.proxy;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What goes through, and in which form, on one model of each family. */
@Timeout(value = 60, unit = TimeUnit.SECONDS)
final class ForwardingTest {
    private static final String OK = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";
    private static final String MODELS = "dev.sluice.proxy.ProxyModels#all";

    /** A back end that sends bodies back, in the framing that they came in. */
    private static Scripted echo() throws IOException {
        return new Scripted((wire, self) -> {
            for (String head = self.request(wire); !head.isEmpty(); head = self.request(wire)) {
                if (head.contains("Expect: 100-continue")) {
                    wire.send("HTTP/1.1 100 Continue\r\n\r\n");
                }
                if (head.contains("chunked")) {
                    StringBuilder coded = new StringBuilder();
                    while (!coded.toString().endsWith("\r\n\r\n")) {
                        coded.append(wire.bytes(1));
                    }
                    wire.send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + coded);
                } else {
                    int at = head.indexOf("Content-Length: ") + 16;
                    int length = Integer.parseInt(head.substring(at, head.indexOf("\r\n", at)));
                    wire.send("HTTP/1.1 200 OK\r\nContent-Length: " + length + "\r\n\r\n");
                    wire.send(wire.bytes(length));
                }
            }
        });
    }

    @ParameterizedTest
    @MethodSource(MODELS)
    void passesARequestAndItsAnswer(String model) throws Exception {
        try (Scripted backend = Scripted.answering("HTTP/1.1 203 Else\r\nContent-Length: 2\r\nX-A: b\r\n"
                        + "Connection: X-Hop\r\nX-Hop: 1\r\nKeep-Alive: timeout=5\r\n\r\nok");
                Proxied proxy = Proxied.on(model, backend.address())) {
            Wire.Answer answer = proxy.ask(
                    "GET /a?b=c HTTP/1.1\r\nHost: here:81\r\nAccept: x\r\nConnection: close, X-Mine\r\n"
                            + "X-Mine: secret\r\nTE: trailers\r\nX-Forwarded-For: 6.6.6.6\r\nForwarded: for=6.6.6.6\r\n\r\n");
            assertThat(answer.status()).isEqualTo(203);
            assertThat(answer.body()).isEqualTo("ok");
            assertThat(answer.head())
                    .contains("X-A: b\r\n", "Via: 1.1 sluice\r\n", "Date: ", "Connection: close\r\n")
                    .doesNotContain("X-Hop", "Keep-Alive");
            assertThat(backend.heads())
                    .containsExactly("GET /a?b=c HTTP/1.1\r\nHost: here:81\r\nAccept: x\r\n"
                            + "X-Forwarded-For: 127.0.0.1\r\nX-Forwarded-Proto: http\r\nX-Forwarded-Host: here:81\r\n"
                            + "Via: 1.1 sluice\r\n\r\n");
        }
    }

    @ParameterizedTest
    @MethodSource(MODELS)
    void keepsBothConnectionsAlive(String model) throws Exception {
        try (Scripted backend = Scripted.answering(OK);
                Proxied proxy = Proxied.on(model, backend.address());
                Wire client = proxy.client()) {
            for (int i = 0; i < 20; i++) {
                assertThat(client.send("GET / HTTP/1.1\r\nHost: h\r\n\r\n")
                                .answer()
                                .body())
                        .isEqualTo("ok");
            }
            assertThat(backend.connections()).isEqualTo(1);
        }
    }

    @ParameterizedTest
    @MethodSource(MODELS)
    void readsOnBehindABodyWhoseLastByteWasHeldBack(String model) throws Exception {
        int size = 8 << 20; // more than the kernel's buffers hold
        try (Scripted backend = Scripted.answering(
                        "HTTP/1.1 200 OK\r\nContent-Length: " + size + "\r\n\r\n" + "b".repeat(size));
                Proxied proxy = Proxied.on(model, backend.address());
                Wire client = proxy.client()) {
            for (int i = 0; i < 3; i++) {
                assertThat(client.send("GET / HTTP/1.1\r\nHost: h\r\n\r\n")
                                .answer()
                                .body())
                        .hasSize(size);
            }
            assertThat(backend.connections()).isEqualTo(1);
        }
    }

    @ParameterizedTest
    @MethodSource(MODELS)
    void answersPipelinedRequestsInOrder(String model) throws Exception {
        try (Scripted backend = echo();
                Proxied proxy = Proxied.on(model, backend.address());
                Wire client = proxy.client()) {
            StringBuilder all = new StringBuilder();
            for (int i = 0; i < 50; i++) {
                String body = "number " + i;
                all.append("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: " + body.length() + "\r\n\r\n" + body);
            }
            client.send(all.toString());
            for (int i = 0; i < 50; i++) {
                assertThat(client.answer().body()).isEqualTo("number " + i);
            }
        }
    }

    @ParameterizedTest
    @MethodSource(MODELS)
    void passesChunksAndTrailers(String model) throws Exception {
        try (Scripted backend = echo();
                Proxied proxy = Proxied.on(model, backend.address())) {
            Wire.Answer answer = proxy.ask("POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n"
                    + "5;ext=1\r\nhello\r\n1\r\n!\r\n0\r\nX-Sum: 7\r\nContent-Length: 9\r\n\r\n");
            assertThat(answer.body()).isEqualTo("hello![X-Sum: 7]");
        }
    }

    @ParameterizedTest
    @MethodSource(MODELS)
    void passes100Continue(String model) throws Exception {
        try (Scripted backend = echo();
                Proxied proxy = Proxied.on(model, backend.address());
                Wire client = proxy.client()) {
            client.send("PUT / HTTP/1.1\r\nHost: h\r\nExpect: 100-continue\r\nContent-Length: 4\r\n\r\n");
            assertThat(client.head()).startsWith("HTTP/1.1 100 Continue\r\n");
            assertThat(client.send("body").answer().body()).isEqualTo("body");
        }
    }

    @ParameterizedTest
    @MethodSource(MODELS)
    void passesEarlyHints(String model) throws Exception {
        try (Scripted backend = Scripted.answering("HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n" + OK);
                Proxied proxy = Proxied.on(model, backend.address());
                Wire client = proxy.client()) {
            client.send("GET / HTTP/1.1\r\nHost: h\r\n\r\n");
            assertThat(client.head()).startsWith("HTTP/1.1 103 ").contains("Link: </a>\r\n");
            assertThat(client.answer().body()).isEqualTo("ok");
        }
    }

    @ParameterizedTest
    @MethodSource(MODELS)
    void knowsResponsesWithoutABody(String model) throws Exception {
        try (Scripted backend = new Scripted((wire, self) -> {
                    for (String head = self.request(wire); !head.isEmpty(); head = self.request(wire)) {
                        wire.send(
                                head.startsWith("HEAD")
                                        ? "HTTP/1.1 200 OK\r\nContent-Length: 1234\r\n\r\n"
                                        : head.contains("/304")
                                                ? "HTTP/1.1 304 Not Modified\r\nContent-Length: 9\r\n\r\n"
                                                : "HTTP/1.1 204 No Content\r\n\r\n");
                    }
                });
                Proxied proxy = Proxied.on(model, backend.address());
                Wire client = proxy.client()) {
            client.send("HEAD / HTTP/1.1\r\nHost: h\r\n\r\n");
            assertThat(client.head()).contains("Content-Length: 1234\r\n");
            client.send("GET /304 HTTP/1.1\r\nHost: h\r\n\r\n");
            assertThat(client.answer().status()).isEqualTo(304);
            client.send("GET /204 HTTP/1.1\r\nHost: h\r\n\r\n");
            assertThat(client.answer().status()).isEqualTo(204);
            assertThat(backend.connections()).isEqualTo(1);
        }
    }

    @ParameterizedTest
    @MethodSource(MODELS)
    void chunksWhatEndsWithTheConnection(String model) throws Exception {
        try (Scripted backend = new Scripted((wire, self) -> {
                    self.request(wire);
                    wire.send("HTTP/1.0 200 OK\r\n\r\nall of it");
                });
                Proxied proxy = Proxied.on(model, backend.address());
                Wire client = proxy.client()) {
            for (int i = 0; i < 2; i++) {
                Wire.Answer answer =
                        client.send("GET / HTTP/1.1\r\nHost: h\r\n\r\n").answer();
                assertThat(answer.head()).contains("Transfer-Encoding: chunked");
                assertThat(answer.body()).isEqualTo("all of it");
            }
            client.send("GET / HTTP/1.0\r\n\r\n");
            assertThat(client.rest()).endsWith("\r\n\r\nall of it").doesNotContain("chunked");
        }
    }

    @ParameterizedTest
    @MethodSource(MODELS)
    void passesAWebSocketThrough(String model) throws Exception {
        try (Scripted backend = new Scripted((wire, self) -> {
                    self.request(wire);
                    wire.send("HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: websocket\r\n"
                            + "Sec-WebSocket-Accept: x\r\n\r\nhello");
                    wire.send(wire.rest() + " and bye");
                });
                Proxied proxy = Proxied.on(model, backend.address());
                Wire client = proxy.client()) {
            client.send("GET /ws HTTP/1.1\r\nHost: h\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
                    + "Sec-WebSocket-Key: k\r\n\r\nearly ");
            assertThat(client.head())
                    .startsWith("HTTP/1.1 101 ")
                    .contains("Upgrade: websocket\r\n", "Sec-WebSocket-Accept: x\r\n");
            assertThat(client.bytes(5)).isEqualTo("hello");
            String much = "m".repeat(1 << 20);
            client.send(much).end();
            assertThat(client.rest()).isEqualTo("early " + much + " and bye");
            assertThat(backend.heads().getFirst()).contains("Connection: Upgrade\r\nUpgrade: websocket\r\n");
        }
    }

    @Test
    void asksNobodyForOtherProtocols() throws Exception {
        try (Scripted backend = Scripted.answering(OK);
                Proxied proxy = Proxied.on("epoll", backend.address())) {
            Wire.Answer answer = proxy.ask(
                    "GET / HTTP/1.1\r\nHost: h\r\nConnection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: x\r\n\r\n");
            assertThat(answer.body()).isEqualTo("ok");
            assertThat(backend.heads().getFirst()).doesNotContain("h2c", "Upgrade", "HTTP2-Settings");
        }
    }

    @Test
    void statesForwardedAsAsked() throws Exception {
        ForwardingOptions appending = ForwardingOptions.standard()
                .withXForwarded(ForwardedMode.APPEND)
                .withForwarded(ForwardedMode.APPEND)
                .withHost("inside");
        try (Scripted backend = Scripted.answering(OK);
                Proxied proxy = Proxied.on("epoll", ProxyOptions.standard().with(appending), backend.address())) {
            proxy.ask("GET http://outside/x HTTP/1.1\r\nHost: ignored\r\nX-Forwarded-For: 1.2.3.4\r\n"
                    + "Forwarded: for=1.2.3.4\r\n\r\n");
            assertThat(backend.heads().getFirst())
                    .startsWith("GET /x HTTP/1.1\r\nHost: inside\r\n")
                    .contains(
                            "X-Forwarded-For: 1.2.3.4\r\n",
                            "X-Forwarded-For: 127.0.0.1\r\n",
                            "X-Forwarded-Host: outside\r\n")
                    .contains("Forwarded: for=1.2.3.4\r\n", "Forwarded: for=127.0.0.1;host=\"outside\";proto=http\r\n");
        }
    }
}
