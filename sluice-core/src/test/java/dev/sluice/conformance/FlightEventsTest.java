package dev.sluice.conformance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.sluice.Connection;
import dev.sluice.Echo;
import dev.sluice.Models;
import dev.sluice.Options;
import dev.sluice.Server;
import dev.sluice.Service;
import dev.sluice.Session;
import dev.sluice.UringOptions;
import dev.sluice.observe.Incident;
import dev.sluice.observe.Recorded;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import jdk.jfr.Recording;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The Flight Recorder's events of what really happens; {@link WatchdogTest} has those of held loops. */
@Timeout(value = 60, unit = TimeUnit.SECONDS)
class FlightEventsTest {
    private static final int MUCH = 12 << 20;

    private static Server serve(String model, Service service, Options options) {
        assumeTrue(Models.find(model).orElseThrow().availability().available(), model + " is not available");
        return Server.builder(service).model(model).options(options).start();
    }

    @Test
    void aPeerThatTakesNothingIsAStallAndItsComingAnAccept(@TempDir Path folder) throws Exception {
        long before = Incident.WRITE_STALL.count();
        Options options = Options.builder().writeTimeout(Duration.ofMillis(100)).build();
        try (Recording recording = new Recording();
                Server server = serve("epoll", MuchOutput::new, options)) {
            recording.enable("dev.sluice.Stall");
            recording.enable("dev.sluice.Accept");
            recording.start();
            try (TestClient client = TestClient.connect((InetSocketAddress) server.address(), null, 32 * 1024)) {
                Await.until("a stall", () -> Incident.WRITE_STALL.count() > before);
                String peer = ":" + client.port();
                assertThat(Recorded.named(recording, folder, "dev.sluice.Stall"))
                        .singleElement()
                        .satisfies(event ->
                                assertThat(event.getString("direction")).isEqualTo("write"))
                        .satisfies(
                                event -> assertThat(event.getString("remote")).endsWith(peer));
                assertThat(Recorded.named(recording, folder, "dev.sluice.Accept"))
                        .singleElement()
                        .satisfies(
                                event -> assertThat(event.getString("remote")).endsWith(peer));
            }
        }
    }

    @Test
    void aRingWithoutBuffersIsRecorded(@TempDir Path folder) throws Exception {
        long before = Incident.BUFFERS_EXHAUSTED.count();
        Options options = Options.builder()
                .uring(UringOptions.builder().buffers(2, 64).build())
                .build();
        try (Recording recording = new Recording();
                Server server = serve("io_uring", Echo::new, options)) {
            recording.enable("dev.sluice.BuffersExhausted");
            recording.start();
            try (TestClient client = TestClient.connect((InetSocketAddress) server.address())) {
                client.send(new byte[16 * 1024]);
                assertThat(client.readBytes(16 * 1024)).hasSize(16 * 1024);
            }
            assertThat(Incident.BUFFERS_EXHAUSTED.count()).isGreaterThan(before);
            assertThat(Recorded.named(recording, folder, "dev.sluice.BuffersExhausted"))
                    .isNotEmpty();
        }
    }

    @Test
    void whatIsNotEnabledIsNotRecorded(@TempDir Path folder) throws Exception {
        try (Recording recording = new Recording();
                Server server = serve("epoll", Echo::new, Options.standard())) {
            recording.enable("dev.sluice.Stall");
            recording.disable("dev.sluice.Accept");
            recording.start();
            try (TestClient client = TestClient.connect((InetSocketAddress) server.address())) {
                assertThat(client.ask("a")).isEqualTo("a");
            }
            assertThat(Recorded.named(recording, folder, "dev.sluice.Accept")).isEmpty();
        }
    }

    /** Writes more than a peer takes that doesn't read. */
    private record MuchOutput(Connection connection) implements Session {
        @Override
        public void opened() {
            connection.write(new byte[MUCH], 0, MUCH);
        }

        @Override
        public void received(ByteBuffer input) {
            input.position(input.limit());
        }

        @Override
        public void ended() {
            connection.end();
        }
    }
}
