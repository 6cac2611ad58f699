package dev.sluice.lab.advise;

import static dev.sluice.lab.report.SampleResults.of;
import static dev.sluice.lab.report.SampleResults.server;
import static dev.sluice.lab.report.SampleResults.skipped;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.lab.compare.Results;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;

@EnabledOnOs(OS.LINUX)
class AdviceTest {
    private static final Needs NEEDS =
            new Needs(64, 1, 0, Duration.ZERO, Duration.ZERO, null, null, false, Set.of("linux"));

    private static Advice advice() {
        return new Advice(NEEDS, Rules.apply(NEEDS));
    }

    private static Results with(Results results, Map<String, String> settings) {
        Results.Workload workload = results.workload();
        return new Results(
                results.schema(),
                results.command(),
                results.startedAt(),
                true,
                results.machine(),
                new Results.Workload(workload.preset(), workload.words(), workload.sweep(), settings),
                results.servers());
    }

    @Test
    void whoLostTheFirstRoundDoesNotWinByIt() {
        Results first = of(server("epoll", 100_000), server("poll", 98_000), server("select", 97_000));
        Results all = first.with(of(server("epoll", 94_000, 95_000), server("poll", 93_000, 94_000)));

        assertThat(advice().text(all)).startsWith("Take epoll").contains("Next is poll.");
    }

    @Test
    void whoFailedInAFurtherRoundIsNotAdvised() {
        Results first = of(server("epoll", 100_000), server("poll", 98_000));
        Results all = first.with(of(skipped("epoll", "epoll ended with status 134"), server("poll", 97_000, 99_000)));

        assertThat(advice().text(all))
                .startsWith("Take poll:")
                .contains("failed in a further round: epoll ended with status 134");
    }

    @Test
    void whatAnEarlierRunMeasuredOtherwiseIsTold() {
        Map<String, String> settings = new HashMap<>(NEEDS.workload().settings());
        settings.put("load.pipeline", "16");
        settings.put("rounds", "3");
        Results earlier = with(of(server("epoll", 1000, 1010)), settings);

        assertThat(advice().textOfEarlier(Path.of("results.json"), earlier))
                .contains("Your workload differs (load.pipeline 16 there)");
        settings.remove("load.pipeline");
        assertThat(advice().textOfEarlier(Path.of("results.json"), with(earlier, settings)))
                .doesNotContain("differs");
    }

    @Test
    void aDisksResultsAreNotTakenForServers() {
        Results made = of(server("io_uring", 1000, 1010));
        Results disk = new Results(
                made.schema(),
                made.command(),
                made.startedAt(),
                true,
                made.machine(),
                new Results.Workload("disk-random-read", "reads", "operations in flight", Map.of()),
                made.servers());

        assertThat(advice().textOfEarlier(Path.of("results.json"), disk))
                .startsWith("results.json is of a disk, and says nothing of servers.")
                .contains("By rule, not measured:")
                .doesNotContain("Measured on this machine");
    }
}
