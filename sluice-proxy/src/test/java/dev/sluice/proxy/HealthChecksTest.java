package dev.sluice.proxy;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.time.Duration;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Back ends that are checked go out and come back. */
@Timeout(60)
class HealthChecksTest {
    private static HealthOptions fast(String path) {
        return HealthOptions.standard(path)
                .withTimes(Duration.ofMillis(5), Duration.ofMillis(300))
                .withCounts(2, 3);
    }

    @ParameterizedTest
    @MethodSource("dev.sluice.proxy.ProxyModels#all")
    void aStatusThatIsNotExpectedTakesItOutAndAGoodOneBringsItBack(String model) throws IOException {
        AtomicInteger status = new AtomicInteger(200);
        AtomicInteger asked = new AtomicInteger();
        Queue<String> changes = new ConcurrentLinkedQueue<>();
        try (Scripted server = new Scripted((wire, self) -> {
            self.request(wire);
            asked.incrementAndGet();
            wire.send("HTTP/1.1 " + status + " x\r\nContent-Length: 2\r\n\r\nok");
        })) {
            Backend backend = new Backend(server.address());
            try (HealthChecks _ =
                    new HealthChecks(model, List.of(backend), fast("/health"), (which, what) -> changes.add(what))) {
                Proxied.await("three checks", () -> asked.get() >= 3);
                assertThat(server.heads().getFirst()).startsWith("GET /health HTTP/1.1\r\nHost: localhost:");
                assertThat(backend.isAvailable()).isTrue();
                status.set(500);
                Proxied.await("it is down", () -> !backend.isAvailable());
                status.set(204);
                Proxied.await("it is up", backend::isAvailable);
            }
            assertThat(changes).hasSize(2);
            assertThat(changes.poll())
                    .isEqualTo("down: 3 bad checks in a row; the last: GET /health was answered with 500");
            assertThat(changes.poll()).isEqualTo("up: 2 good checks in a row");
        }
    }

    @Test
    void whoIsSilentOrGoneIsDown() throws IOException {
        try (Scripted silent = new Scripted((wire, self) -> wire.rest())) {
            Backend late = new Backend(silent.address());
            Backend gone = new Backend(Proxied.nobody());
            HealthOptions options = fast("/").withTimes(Duration.ofMillis(5), Duration.ofMillis(50));
            try (HealthChecks _ = new HealthChecks("epoll", List.of(late, gone), options, (which, what) -> {})) {
                Proxied.await("both are down", () -> !late.isUp() && !gone.isUp());
            }
        }
    }

    @Test
    void connectingIsEnoughWhereThereIsNoPath() throws IOException {
        int port;
        Backend backend;
        try (ServerSocket listener = new ServerSocket(0, 50, InetAddress.getLoopbackAddress())) {
            port = listener.getLocalPort();
            backend = new Backend(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
            try (HealthChecks _ = new HealthChecks("epoll", List.of(backend), fast(null), (which, what) -> {})) {
                for (int i = 0; i < 5; i++) {
                    listener.accept().close();
                }
                assertThat(backend.isUp()).isTrue();
                listener.close();
                Proxied.await("it is down", () -> !backend.isUp());
            }
        }
    }

    @Test
    void withoutAHealthyBackEndTheAnswerIs503AtOnce() throws IOException {
        try (Proxied proxy = Proxied.on("epoll", Proxied.nobody())) {
            proxy.backends().getFirst().up(false);
            Wire.Answer answer = proxy.get();
            assertThat(answer.status()).isEqualTo(503);
            assertThat(answer.head()).contains("Retry-After: ");
        }
    }
}
