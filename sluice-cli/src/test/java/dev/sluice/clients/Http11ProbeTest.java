package dev.sluice.clients;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.http.Http11Probe;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The 102 raw requests of Http11Probe, on live servers that reflect. */
@Timeout(value = 180, unit = TimeUnit.SECONDS)
@Tag("slow")
class Http11ProbeTest {
    @ParameterizedTest
    @MethodSource("dev.sluice.clients.LiveModels#models")
    void everyCaseIsAnsweredAsExpected(String model) throws Exception {
        try (LiveServer server = LiveServer.reflect(model);
                HealthyClient _ = HealthyClient.ofReflection(server)) {
            List<Http11Probe.Result> results = Http11Probe.run("127.0.0.1", server.port());
            assertThat(results).hasSize(102);
            assertThat(Http11Probe.failures(results)).isEmpty();
        }
    }
}
