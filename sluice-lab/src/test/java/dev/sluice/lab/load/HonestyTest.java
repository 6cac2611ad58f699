package dev.sluice.lab.load;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The open loop shows what a closed one hides. The servers are real processes. */
@Timeout(60)
@Tag("slow")
class HonestyTest {
    private static final long STALL_MILLIS = 200;

    /** Runs a load of two seconds, in whose middle the server stands still once. */
    private static LoadResult stalled(double rate) throws Exception {
        try (ServerProcess server = ServerProcess.start(0);
                ScheduledExecutorService signals = Executors.newSingleThreadScheduledExecutor()) {
            Load.Builder builder = Load.of(server.url()).connections(4).warmup(Duration.ZERO);
            new LoadRun(builder.duration(Duration.ofSeconds(1)).build()).run(); // compiles what is hot, on both sides
            Future<Future<Void>> stall = signals.schedule(
                    () -> {
                        server.signal("STOP");
                        return signals.schedule(() -> proceed(server), STALL_MILLIS, TimeUnit.MILLISECONDS);
                    },
                    900,
                    TimeUnit.MILLISECONDS);
            LoadResult result = new LoadRun(
                            builder.rate(rate).duration(Duration.ofSeconds(2)).build())
                    .run();
            stall.get().get();
            assertThat(LoadText.errors(result.errorsCount())).isEmpty();
            return result;
        }
    }

    private static Void proceed(ServerProcess server) throws IOException, InterruptedException {
        server.signal("CONT");
        return null;
    }

    @Test
    void aStallShowsInAnOpenLoop() throws Exception {
        LoadResult result = stalled(500);

        assertThat(result.loop()).isEqualTo("open");
        assertThat(result.latency().maxMicros()).isBetween(180e3, 900e3);
        assertThat(result.latency().p999Micros()).isBetween(180e3, 900e3);
        // A tenth of the requests were due while the server stood still: half of them waited 100 ms and more.
        assertThat(result.latency().p99Micros()).isGreaterThan(100e3);
        assertThat(result.requestsCount()).as("none is left out").isBetween(850L, 1150L);
    }

    @Test
    void aClosedLoopHidesIt() throws Exception {
        LoadResult result = stalled(0);

        assertThat(result.loop()).isEqualTo("closed");
        assertThat(result.latency().maxMicros()).as("once for each connection").isGreaterThan(190e3);
        assertThat(result.latency().p99Micros())
                .as("4 of %s requests", result.requestsCount())
                .isLessThan(100e3);
        assertThat(result.generator().slippedMicros()).isZero();
    }

    /** One request at a time, 4 ms each: 250 a second at most. */
    @Test
    void aRateThatIsNotHeldIsSaidWithGrowingDelay() throws IOException {
        List<Progress> seen = new ArrayList<>();
        try (ServerProcess server = ServerProcess.start(4000)) {
            Load load = Load.of(server.url())
                    .connections(8)
                    .rate(1000)
                    .arrivals(Arrivals.EVEN)
                    .warmup(Duration.ZERO)
                    .duration(Duration.ofMillis(3200))
                    .build();
            LoadResult result = new LoadRun(load, seen::add).run();

            assertThat(result.askedPerSecond()).isEqualTo(1000);
            assertThat(result.requestsPerSecond()).as("the true rate").isBetween(50.0, 260.0);
            assertThat(seen).hasSize(3);
            assertThat(seen.get(1).p50Micros()).isGreaterThan(seen.get(0).p50Micros() + 300e3);
            assertThat(seen.get(2).p50Micros()).isGreaterThan(seen.get(1).p50Micros() + 300e3);
            assertThat(seen.get(2).overdueCount()).isGreaterThan(seen.get(0).overdueCount());
            assertThat(result.unansweredCount()).isGreaterThan(2000);
            assertThat(result.oldestUnansweredMicros()).isGreaterThan(1.5e6);
            assertThat(result.generator().words()).contains("did not hold the rate", "of 1000 a second");
            assertThat(LoadText.table(result)).contains("of 1,000.0 asked for", "unanswered");
        }
    }

    @Test
    void aRateThatIsHeldIsMet() throws IOException {
        try (ServerProcess server = ServerProcess.start(0)) {
            for (Arrivals arrivals : Arrivals.values()) {
                Load load = Load.of(server.url())
                        .connections(8)
                        .rate(400)
                        .arrivals(arrivals)
                        .warmup(Duration.ofMillis(500))
                        .duration(Duration.ofSeconds(2))
                        .build();
                LoadResult result = new LoadRun(load).run();

                assertThat(result.requestsPerSecond()).isBetween(340.0, 460.0);
                assertThat(result.latency().p50Micros()).isLessThan(50e3);
            }
        }
    }
}
