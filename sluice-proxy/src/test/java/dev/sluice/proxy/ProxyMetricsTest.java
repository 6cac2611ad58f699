package dev.sluice.proxy;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.http.HttpMetrics;
import dev.sluice.observe.LatencyHistogram;
import dev.sluice.observe.MetricSink;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What a proxy tells of itself and of its back ends. */
@Timeout(value = 60, unit = TimeUnit.SECONDS)
final class ProxyMetricsTest {
    private static final String OK = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";
    private static final String GET = "GET / HTTP/1.1\r\nHost: h\r\n\r\n";

    /** Figures by name and labels; of durations their number. */
    private static final class Figures implements MetricSink {
        private final Map<String, Double> values = new TreeMap<>();
        private final Set<String> names = new TreeSet<>();

        static Figures of(Proxied proxy) {
            Figures told = new Figures();
            proxy.service().tell(told);
            return told;
        }

        private void put(String name, double value, String... labels) {
            values.put(name + Arrays.toString(labels), value);
        }

        @Override
        public void counter(String name, String help, double value, String... labels) {
            names.add(name + "_total");
            put(name, value, labels);
        }

        @Override
        public void gauge(String name, String help, double value, String... labels) {
            names.add(name);
            put(name, value, labels);
        }

        @Override
        public void histogram(String name, String help, LatencyHistogram durations, String... labels) {
            names.add(name);
            put(name, Arrays.stream(durations.counts()).sum(), labels);
        }

        double get(String name, String... labels) {
            return values.getOrDefault(name + Arrays.toString(labels), Double.NaN);
        }
    }

    private static double connections(Proxied proxy, String phase) {
        return Figures.of(proxy).get("sluice_http_connections", "state", phase);
    }

    @ParameterizedTest
    @MethodSource("dev.sluice.proxy.ProxyModels#all")
    void itTellsWhatBackEndsDoAndWhatWasSentAgain(String model) throws Exception {
        CountDownLatch asked = new CountDownLatch(1);
        try (Scripted backend = new Scripted((wire, self) -> {
                    while (!self.request(wire).isEmpty()) {
                        try {
                            assertThat(asked.await(30, TimeUnit.SECONDS)).isTrue();
                        } catch (InterruptedException e) {
                            throw new IllegalStateException(e);
                        }
                        wire.send(OK);
                    }
                });
                Proxied proxy = Proxied.with(
                        http -> http.metrics(new HttpMetrics()), model, Proxied.nobody(), backend.address());
                Wire client = proxy.client()) {
            String gone = proxy.backends().get(0).toString();
            String well = proxy.backends().get(1).toString();
            client.send(GET);
            Proxied.await("the back end to be asked", () -> backend.heads().size() == 1);
            Figures now = Figures.of(proxy);
            assertThat(now.get("sluice_backend_in_flight", "backend", well)).isEqualTo(1);
            assertThat(now.get("sluice_backend_connections", "backend", well, "state", "busy"))
                    .isEqualTo(1);
            assertThat(now.get("sluice_backend_connections", "backend", well, "state", "idle"))
                    .isZero();
            assertThat(connections(proxy, "handling")).isEqualTo(1);
            asked.countDown();
            for (int i = 0; i < 4; i++) {
                assertThat(client.answer().status()).isEqualTo(200);
                client.send(GET);
            }
            assertThat(client.answer().status()).isEqualTo(200);
            Proxied.await("an idle client", () -> connections(proxy, "idle") == 1);
            Figures then = Figures.of(proxy);
            double failed = then.get("sluice_backend_failures", "backend", gone);
            assertThat(failed).isPositive();
            assertThat(then.get("sluice_proxy_retries")).isEqualTo(failed);
            assertThat(then.get("sluice_backend_tries", "backend", gone)).isEqualTo(failed);
            assertThat(then.get("sluice_backend_tries", "backend", well)).isEqualTo(5);
            assertThat(then.get("sluice_backend_seconds", "backend", well)).isEqualTo(5);
            assertThat(then.get("sluice_backend_in_flight", "backend", well)).isZero();
            assertThat(then.get("sluice_backend_connections", "backend", well, "state", "idle"))
                    .isEqualTo(backend.connections() - backend.ended());
            assertThat(then.get("sluice_backend_up", "backend", gone)).isEqualTo(1);
            assertThat(then.get("sluice_backend_ejected", "backend", gone)).isZero();
            assertThat(then.get("sluice_http_responses", "status", "2xx")).isEqualTo(5);
            assertThat(then.get("sluice_http_request_seconds")).isEqualTo(5);
            assertThat(then.get("sluice_proxy_retry_budget")).isPositive();
        }
    }

    @Test
    void theManualTellsOfEach() throws Exception {
        try (Proxied proxy = Proxied.on("nio", Proxied.nobody())) {
            Matcher told = Pattern.compile("^\\| `(sluice_(?:proxy|backend)_[a-z_]+)", Pattern.MULTILINE)
                    .matcher(Files.readString(Path.of("../docs/operations.md")));
            Set<String> documented = new TreeSet<>();
            while (told.find()) {
                documented.add(told.group(1));
            }
            assertThat(documented).isEqualTo(Figures.of(proxy).names);
        }
    }
}
