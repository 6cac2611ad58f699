package dev.sluice.lab.compare;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.lab.compare.Results.Figures;
import dev.sluice.lab.compare.Results.Machine;
import dev.sluice.lab.compare.Results.Point;
import dev.sluice.lab.compare.Results.Round;
import dev.sluice.lab.compare.Results.ServerResult;
import java.lang.reflect.RecordComponent;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** docs/results-schema.md against the records. */
class ResultsSchemaTest {
    static Figures figures(double rate, Double cpu) {
        return new Figures(
                rate, 1, 2, 3, 4, 5, 0, cpu, cpu, cpu, null, 1.0, null, null, 2.0, null, 3.0, null, null, null);
    }

    @Test
    void everyFieldIsInTheDocumentation() throws Exception {
        String page = Files.readString(Path.of("..", "docs", "results-schema.md"));
        for (Class<?> part : List.of(
                Results.class,
                Machine.class,
                Results.Workload.class,
                ServerResult.class,
                Point.class,
                Round.class,
                Figures.class)) {
            for (RecordComponent field : part.getRecordComponents()) {
                assertThat(page).as(part.getSimpleName()).contains("`" + field.getName() + "`");
            }
        }
        assertThat(page).contains("| `schema` | " + Results.SCHEMA + " |");
    }

    @Test
    void furtherRoundsKeepBothReasonsForWhatWasLeftOut() {
        Results first = results(server("a", "first"), server("b", ""), server("c", "same"), server("d", "alone"));
        Results second = results(server("a", "second"), server("b", "late"), server("c", "same"));
        assertThat(first.with(second).servers())
                .extracting(ServerResult::skipped)
                .containsExactly("first; second", "late", "same", "alone");
    }

    private static Results results(ServerResult... servers) {
        return new Results(
                Results.SCHEMA,
                "./sluice compare",
                "2025-01-01T00:00:00Z",
                true,
                new Machine("Linux", "6", "cpu", 2, 1, "jdk", "none"),
                new Results.Workload("plaintext", "words", "", Map.of()),
                List.of(servers));
    }

    private static ServerResult server(String name, String skipped) {
        return new ServerResult(name, "reactor", "./sluice serve", List.of(), skipped, List.of());
    }

    @Test
    void mediansAreThoseOfTheRoundsThatKnow() {
        Figures median = Medians.of(List.of(figures(100, 1.0), figures(300, null), figures(250, 2.0)));
        assertThat(median.requestsPerSecond()).isEqualTo(250);
        assertThat(median.cpuMicros()).isEqualTo(1.5);
        assertThat(median.gcPauseMicros()).isNull();
    }
}
