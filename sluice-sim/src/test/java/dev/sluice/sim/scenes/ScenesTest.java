package dev.sluice.sim.scenes;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.sim.Faults;
import dev.sluice.sim.campaign.Campaign;
import dev.sluice.sim.campaign.Outcome;
import dev.sluice.sim.campaign.Replay;
import dev.sluice.sim.campaign.Run;
import java.time.Duration;
import java.util.EnumSet;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/** The bundled services in worlds with faults of all kinds, and without any. */
@Timeout(600)
class ScenesTest {
    private static int seeds() {
        return switch (System.getProperty("sluice.tier", "plain")) {
            case "quick" -> 100;
            case "full" -> 10_000;
            default -> 500;
        };
    }

    private static void holds(String service, Run pattern) throws InterruptedException {
        holds(service, pattern, 0, seeds());
    }

    private static void holds(String service, Run pattern, long from, int count) throws InterruptedException {
        int cores = Runtime.getRuntime().availableProcessors();
        Campaign campaign = new Campaign(pattern, from, count, Duration.ofMinutes(9), cores);
        Campaign.Result result = campaign.run(totals -> {}, outcome -> {});
        Outcome failed = result.failed();
        if (failed != null) {
            throw new AssertionError(Replay.command(service, failed.run()), failed.failure());
        }
        assertThat(result.totals().runCount()).isEqualTo(count);
    }

    static Iterable<String> names() {
        return Scenes.names();
    }

    @ParameterizedTest
    @MethodSource("names")
    void withFaults(String service) throws InterruptedException {
        holds(service, Run.of(Scenes.of(service), 0));
    }

    @ParameterizedTest
    @MethodSource("names")
    void withoutFaults(String service) throws InterruptedException {
        holds(service, Run.of(Scenes.of(service), 0).withFaults(Faults.none()));
    }

    /** Seeds beyond those of every check that didn't hold once. */
    @ParameterizedTest
    @CsvSource({"proxied-proxy, 5038"})
    void whatFellHolds(String service, long seed) throws InterruptedException {
        holds(service, Run.of(Scenes.of(service), seed), seed, 1);
    }

    /** No scene sends datagrams: their faults are met in UdpWorldTest. */
    private static final EnumSet<Faults.Kind> OF_DATAGRAMS =
            EnumSet.range(Faults.Kind.DATAGRAM_LOSS, Faults.Kind.DATAGRAM_REORDER);

    @Test
    @Tag("slow")
    void allKindsOfFaultsAreMet() throws InterruptedException {
        EnumSet<Faults.Kind> met = EnumSet.noneOf(Faults.Kind.class);
        for (String service : Scenes.names()) {
            // A log that is synced before each answer seldom has anything that could be torn.
            int most = service.equals("kv") ? 1_000 : 500;
            Campaign campaign = new Campaign(Run.of(Scenes.of(service), 0), 0, most, Duration.ofMinutes(3), 2);
            met.addAll(campaign.run(totals -> {}, outcome -> {})
                    .totals()
                    .faultsMet()
                    .keySet());
        }
        assertThat(met).isEqualTo(EnumSet.complementOf(OF_DATAGRAMS));
    }
}
