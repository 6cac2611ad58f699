package dev.sluice.proxy;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.Priority;
import dev.sluice.http.ConcurrencyLimiter;
import dev.sluice.http.HttpService;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** More requests than the proxy may have in hand: refused before any work, by their class, and every connection goes on. */
@Timeout(value = 60, unit = TimeUnit.SECONDS)
final class ProxyLimitTest {
    private static final String OK = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";

    private final ConcurrencyLimiter limiter = ConcurrencyLimiter.fixed(2);

    private void limited(HttpService.Builder http) {
        http.limiter(limiter).priority(request -> switch (request.path()) {
            case "/health" -> Priority.HIGH;
            case "/low" -> Priority.LOW;
            default -> Priority.NORMAL;
        });
    }

    private static String get(String path) {
        return "GET " + path + " HTTP/1.1\r\nHost: h\r\n\r\n";
    }

    private void awaitInHand(int count) {
        Proxied.await(count + " requests in hand", () -> limiter.inFlight() == count);
    }

    @ParameterizedTest
    @MethodSource("dev.sluice.proxy.ProxyModels#all")
    void whatIsTooMuchIsRefusedAndNeverSentToABackEnd(String model) throws Exception {
        CountDownLatch asked = new CountDownLatch(1);
        try (Scripted backend = new Scripted((wire, self) -> {
                    while (!self.request(wire).isEmpty()) {
                        await(asked);
                        wire.send(OK);
                    }
                });
                Proxied proxy = Proxied.with(this::limited, model, backend.address());
                Wire first = proxy.client();
                Wire second = proxy.client();
                Wire third = proxy.client();
                Wire high = proxy.client()) {
            first.send(get("/"));
            awaitInHand(1);
            assertThat(third.send(get("/low")).answer().status()).isEqualTo(503);
            second.send(get("/"));
            awaitInHand(2);
            Wire.Answer refused = third.send(get("/")).answer();
            assertThat(refused.status()).isEqualTo(503);
            assertThat(refused.head()).contains("Retry-After: 1\r\n").doesNotContain("Connection: close");
            high.send(get("/health"));
            awaitInHand(3);
            second.reset();
            awaitInHand(2); // who is gone is not in hand
            assertThat(third.send(get("/")).answer().status()).isEqualTo(503);
            asked.countDown();
            assertThat(first.answer().status()).isEqualTo(200);
            assertThat(high.answer().status()).isEqualTo(200);
            assertThat(third.send(get("/again")).answer().status()).isEqualTo(200);
            assertThat(limiter.inFlight()).isZero();
            assertThat(limiter.shedCount()).isEqualTo(3);
            assertThat(backend.heads()).noneMatch(head -> head.startsWith("GET /low"));
        }
    }

    @ParameterizedTest
    @MethodSource("dev.sluice.proxy.ProxyModels#all")
    void aRequestIsInHandUntilItsAnswerBegins(String model) throws Exception {
        CountDownLatch begun = new CountDownLatch(1);
        try (Scripted backend = new Scripted((wire, self) -> {
                    self.request(wire);
                    wire.send("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\no");
                    await(begun);
                    wire.send("k");
                });
                Proxied proxy = Proxied.with(this::limited, model, backend.address(), Proxied.nobody());
                Wire client = proxy.client()) {
            client.send(get("/"));
            assertThat(client.head()).startsWith("HTTP/1.1 200");
            assertThat(limiter.inFlight()).isZero();
            begun.countDown();
            assertThat(client.bytes(2)).isEqualTo("ok");
        }
        try (Proxied proxy = Proxied.with(this::limited, model, Proxied.nobody());
                Wire client = proxy.client()) {
            for (int i = 0; i < 3; i++) { // the proxy's own answers end it too
                assertThat(client.send(get("/")).answer().status()).isEqualTo(502);
            }
            assertThat(limiter.inFlight()).isZero();
        }
    }

    private static void await(CountDownLatch latch) {
        try {
            assertThat(latch.await(30, TimeUnit.SECONDS)).isTrue();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }
}
