package dev.sluice.lab.disk;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What a comparison may be, and what its patterns are. */
class DiskPlanTest {
    static DiskPlan plan(Path folder, DiskPattern pattern, List<DiskChoice> choices, List<Integer> depths) {
        return plan(folder, pattern, choices, depths, 4096, 4 << 20, Duration.ofMillis(60));
    }

    static DiskPlan plan(
            Path folder,
            DiskPattern pattern,
            List<DiskChoice> choices,
            List<Integer> depths,
            int blockBytes,
            long sizeBytes,
            Duration duration) {
        return new DiskPlan(
                folder,
                pattern,
                blockBytes,
                sizeBytes,
                choices,
                depths,
                null,
                1,
                Duration.ofMillis(20),
                duration,
                false,
                5,
                "./sluice disk");
    }

    @ParameterizedTest
    @CsvSource({
        "0, 4096, 1000000, 'a depth is 0, must be 1 to 256'",
        "257, 4096, 9000000, 'a depth is 257'",
        "1, 1000, 1000000, '--block is 1000 bytes, must be a multiple of 512'",
        "1, 0, 1000000, '--block is 0 bytes'",
        "16, 4096, 65536, '--size is 65536 bytes, must be 32 to'",
        "256, 4194304, 9000000000, 'take more than 512 MiB of memory'",
    })
    void whatCannotBeIsRefusedByName(int depth, int block, long size, String words) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> plan(
                        Path.of("."),
                        DiskPattern.RANDOM_READ,
                        List.of(new DiskChoice("pool", false)),
                        List.of(depth),
                        block,
                        size,
                        Duration.ofSeconds(1)))
                .withMessageContaining(words);
    }

    @Test
    void aFileHasWholeBlocks() {
        DiskPlan plan = plan(
                Path.of("."),
                DiskPattern.RANDOM_READ,
                List.of(new DiskChoice("pool", true)),
                List.of(1, 2),
                4096,
                4096 * 9 + 1,
                Duration.ofSeconds(1));
        assertThat(plan.blocksCount()).isEqualTo(9);
        assertThat(plan.stepsCount()).isEqualTo(2);
        assertThat(plan.batchAt(1)).isEqualTo(1);
        assertThat(plan.batchAt(32)).isEqualTo(2);
        assertThat(plan.batchAt(256)).isEqualTo(16);
    }

    @Test
    void patternsHaveNamesThatAreTheirOwn() {
        assertThat(DiskPattern.names()).doesNotHaveDuplicates().hasSize(8);
        for (DiskPattern pattern : DiskPattern.values()) {
            assertThat(DiskPattern.named(pattern.text())).isSameAs(pattern);
            assertThat(pattern.reads() || pattern.writes()).isTrue();
        }
        assertThatIllegalArgumentException()
                .isThrownBy(() -> DiskPattern.named("backwards"))
                .withMessageContaining("random-read, ");
    }

    @Test
    void choicesAreEnginesTimesModes() {
        assertThat(DiskChoice.all(List.of("blocking", "pool"), true, true))
                .extracting(DiskChoice::name)
                .containsExactly("blocking", "blocking direct", "pool", "pool direct");
        assertThat(DiskChoice.all(List.of("pool"), false, true))
                .extracting(DiskChoice::mode)
                .containsExactly("direct");
    }
}
