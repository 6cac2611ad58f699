package dev.sluice.lab.report;

import static dev.sluice.lab.report.SampleResults.of;
import static dev.sluice.lab.report.SampleResults.server;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.lab.compare.Results;
import dev.sluice.lab.report.Changes.Verdict;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Two runs: only what lies beyond the rounds of both is a difference. */
class ChangesTest {
    private static Changes comparison(Results before, Results after) {
        return Changes.of(Ranking.of(before, 0), Ranking.of(after, 0));
    }

    private static Verdict throughput(Results before, Results after) {
        return comparison(before, after)
                .servers()
                .getFirst()
                .changes()
                .get(Figure.THROUGHPUT)
                .verdict();
    }

    @Test
    void roundsDecideNotMedians() {
        assertThat(throughput(of(server("a", 100, 102)), of(server("a", 110, 112))))
                .isEqualTo(Verdict.BETTER);
        assertThat(throughput(of(server("a", 110, 112)), of(server("a", 100, 102))))
                .isEqualTo(Verdict.WORSE);
        assertThat(throughput(of(server("a", 100, 111)), of(server("a", 110, 190))))
                .isEqualTo(Verdict.NOISE);
        assertThat(throughput(of(server("a", 100)), of(server("a", 900, 901)))).isEqualTo(Verdict.UNTOLD);
    }

    @Test
    void lowerLatencyIsBetter() {
        Results before = of(SampleResults.changed(server("a", 100, 101), round -> SampleResults.p99(round, 500)));
        Results after = of(SampleResults.changed(server("a", 100, 101), round -> SampleResults.p99(round, 250)));

        Changes comparison = comparison(before, after);
        assertThat(comparison.servers().getFirst().changes().get(Figure.P99).verdict())
                .isEqualTo(Verdict.BETTER);
        assertThat(comparison.words()).containsExactly("a is better: p99 50 % lower.");
    }

    @Test
    void sameRunTwiceHasNoDifference() {
        Results run = SampleResults.plaintext(3);

        assertThat(comparison(run, run).words()).containsExactly("No difference is outside the noise.");
        assertThat(Changes.circumstances(run, run)).isEmpty();
    }

    @Test
    void serversOfOneRunAndUnknownFiguresAreToldApart() {
        Results before = of(server("both", 100, 101), server("gone", 90, 91));
        Results after =
                of(SampleResults.changed(server("both", 100, 101), SampleResults::unknown), server("new", 90, 91));

        Changes comparison = comparison(before, after);
        assertThat(comparison.words()).contains("new is in the second run only.", "gone is in the first run only.");
        assertThat(comparison.servers())
                .singleElement()
                .satisfies(both -> assertThat(both.changes())
                        .containsKey(Figure.CPU)
                        .doesNotContainKeys(Figure.CALLS, Figure.ALLOCATED, Figure.GC));
    }

    @Test
    void circumstancesThatDifferAreNamed() {
        Results before = SampleResults.plaintext(1);
        Results.Machine machine = before.machine();
        Results after = new Results(
                before.schema(),
                before.command(),
                before.startedAt(),
                true,
                new Results.Machine(
                        machine.os(),
                        "6.12.1",
                        machine.cpu(),
                        4,
                        machine.memoryBytes(),
                        machine.jdk(),
                        machine.pinning()),
                new Results.Workload("plaintext", "words", "", Map.of("connections", "128")),
                before.servers());

        assertThat(Changes.circumstances(before, after))
                .contains(
                        "kernel: 6.1.0-28-amd64 in the first run, 6.12.1 in the second",
                        "cores: 2 in the first run, 4 in the second",
                        "connections: 64 in the first run, 128 in the second",
                        "seed: 42 in the first run, none in the second")
                .noneMatch(words -> words.startsWith("JDK"));
    }

    @Test
    void sweepsOfDifferentThingsShareNoPoint() {
        Results connections =
                SampleResults.results("connections", List.of(server("a", SampleResults.pointOf(10, 100, 101))));
        Results rate = SampleResults.results("rate", List.of(server("a", SampleResults.pointOf(10, 100, 101))));

        assertThat(Page.of(List.of(connections, rate)).comparisons()).isEmpty();
        assertThat(Page.of(List.of(connections, connections)).comparisons()).hasSize(1);
    }
}
