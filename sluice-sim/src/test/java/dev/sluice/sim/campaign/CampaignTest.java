package dev.sluice.sim.campaign;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sluice.sim.Beneath;
import dev.sluice.sim.Faults;
import dev.sluice.sim.scenes.Cast;
import dev.sluice.sim.scenes.Scene;
import dev.sluice.sim.scenes.Scenes;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Campaigns: which seeds are played, and what is told of them. */
@Timeout(60)
class CampaignTest {
    private static final Duration LONG = Duration.ofMinutes(1);

    private static final Scene FAILS_FROM_40_ON = (world, casting) -> {
        if (world.seed() >= 40) {
            throw new AssertionError("seed " + world.seed() + " is not liked");
        }
    };

    @Test
    void eachSeedIsPlayedOnce() throws InterruptedException {
        List<Long> seeds = new ArrayList<>();
        Run pattern = Run.of(Scenes.of("echo"), 0);
        Campaign campaign = new Campaign(pattern, 100, 50, LONG, 4);
        Campaign.Result result =
                campaign.run(totals -> {}, outcome -> seeds.add(outcome.run().seed()));
        assertThat(result.failed()).isNull();
        assertThat(result.totals().runCount()).isEqualTo(50);
        assertThat(result.totals().eventCount()).isPositive();
        assertThat(result.totals().virtualSeconds()).isPositive();
        assertThat(new TreeSet<>(seeds)).hasSize(50).first().isEqualTo(100L);
        assertThat(seeds).doesNotHaveDuplicates();
    }

    @Test
    void theSmallestSeedThatFailsIsTold() throws InterruptedException {
        for (int threads = 1; threads <= 4; threads++) {
            Campaign campaign = new Campaign(Run.of(FAILS_FROM_40_ON, 0), 0, 1000, LONG, threads);
            Campaign.Result result = campaign.run(totals -> {}, outcome -> {});
            assertThat(result.failed().run().seed()).isEqualTo(40);
            assertThat(result.failed().failure())
                    .hasMessageStartingWith("seed 40 is not liked\n  seed 40, at 0.000000000 s");
            assertThat(result.totals().runCount()).isBetween(41L, 44L);
        }
    }

    private static final Scene ENDLESS_AT_7 = (world, casting) -> {
        while (world.seed() == 7) {
            Thread.onSpinWait();
        }
    };

    @Test
    void aWorldThatNeverEndsIsTold() throws InterruptedException {
        Campaign campaign = new Campaign(Run.of(ENDLESS_AT_7, 0), 0, 1000, LONG, 2, Duration.ofMillis(500));
        Campaign.Result result = campaign.run(totals -> {}, outcome -> {});
        Outcome failed = result.failed();
        assertThat(failed.run().seed()).isEqualTo(7);
        assertThat(failed.ended()).isFalse();
        assertThat(failed.failure().what()).startsWith("no end: ");
        assertThat(failed.failure().getCause().getStackTrace()).isNotEmpty();
    }

    @Test
    @Tag("slow")
    void itEndsWithItsTime() throws InterruptedException {
        Campaign campaign = new Campaign(Run.of(Scenes.of("echo"), 0), 0, Long.MAX_VALUE, Duration.ofMillis(1200), 2);
        List<Totals> progress = new ArrayList<>();
        Campaign.Result result = campaign.run(progress::add, outcome -> {});
        assertThat(result.failed()).isNull();
        assertThat(progress).hasSizeGreaterThanOrEqualTo(1);
        assertThat(result.totals().runCount())
                .isGreaterThanOrEqualTo(progress.getFirst().runCount())
                .isPositive();
    }

    @Test
    void itEndsWhenItIsStopped() throws InterruptedException {
        Campaign campaign = new Campaign(Run.of(Scenes.of("echo"), 0), 0, Long.MAX_VALUE, Duration.ofDays(1), 2);
        Campaign.Result result = campaign.run(totals -> {}, outcome -> campaign.stop());
        assertThat(result.totals().runCount()).isBetween(1L, 2L);
    }

    @Test
    void aBrokenListenerIsNoSilence() {
        Campaign campaign = new Campaign(Run.of(Scenes.of("echo"), 0), 0, 10, LONG, 2);
        assertThatThrownBy(() -> campaign.run(totals -> {}, outcome -> {
                    throw new IllegalArgumentException("no more");
                }))
                .hasMessageContaining("no more");
    }

    @Test
    void aChoiceOfOnesOwnChangesNothingElse() {
        Run run = Run.of(Scenes.of("http"), 3);
        Outcome drawn = run.play();
        assertThat(drawn.faults().kinds()).isNotEmpty();
        Outcome chosen = run.withFaults(Faults.parse(drawn.faults().toString()))
                .withCast(Cast.ALL.only(drawn.casting().clients()))
                .play();
        assertThat(chosen.storyHash()).isEqualTo(drawn.storyHash());
    }

    @Test
    void theCommandHasItAll() {
        Run run = new Run(
                Scenes.of("http"),
                7,
                Faults.parse("loss=0.1@0.5..2,reset=0.05"),
                Beneath.EDGE,
                Cast.ALL.only(new TreeSet<>(List.of(1, 3))).requestsMost(2));
        assertThat(Replay.command("http", run))
                .isEqualTo("sluice sim http --seed 7 --faults loss=0.1@0.500000000..2.000000000,reset=0.05"
                        + " --beneath edge --clients 1,3 --requests 2 --story");
        assertThat(Replay.command("echo", Run.of(Scenes.of("echo"), 8).withFaults(Faults.none())))
                .isEqualTo("sluice sim echo --seed 8 --faults off --story");
    }
}
