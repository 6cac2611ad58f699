package dev.sluice.lab.disk;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.data.Percentage.withPercentage;

import dev.sluice.disk.DiskEngine;
import dev.sluice.disk.DiskOptions;
import dev.sluice.disk.DrivenDisk;
import dev.sluice.lab.compare.Results;
import dev.sluice.lab.compare.Results.Figures;
import dev.sluice.lab.compare.Results.Point;
import dev.sluice.lab.compare.Results.Round;
import dev.sluice.lab.compare.Results.ServerResult;
import dev.sluice.lab.report.ResultsFile;
import dev.sluice.lab.report.TextTable;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Real files through real engines. */
@Timeout(60)
@EnabledOnOs(OS.LINUX)
@Tag("slow")
class DiskComparisonTest {
    private static final DiskComparison.Pause NO_PAUSE = (name, depth) -> {};
    private static final List<String> ENGINES =
            Arrays.stream(DiskEngine.values()).map(DiskEngine::label).toList();

    @TempDir
    Path folder;

    private final List<String> told = new ArrayList<>();

    @BeforeEach
    void somebodyElsesFileIsThere() throws IOException {
        Files.writeString(folder.resolve("theirs"), "untouched");
    }

    private Results run(DiskPlan plan, DiskComparison.Pause pause) throws Exception {
        try (DiskComparison comparison = new DiskComparison(plan, told::add, results -> {}, pause)) {
            return comparison.run();
        } finally {
            onlyTheirsIsLeft();
        }
    }

    private void onlyTheirsIsLeft() throws IOException {
        try (Stream<Path> left = Files.list(folder)) {
            assertThat(left.map(Path::getFileName).map(Path::toString)).containsExactly("theirs");
        }
        assertThat(folder.resolve("theirs")).hasContent("untouched");
    }

    @ParameterizedTest
    @EnumSource
    void everyEngineDoesEveryPattern(DiskPattern pattern) throws Exception {
        DiskPlan plan = DiskPlanTest.plan(folder, pattern, DiskChoice.all(ENGINES, true, true), List.of(6));
        Results results = run(plan, NO_PAUSE);

        assertThat(results.complete()).isTrue();
        assertThat(results.workload().preset()).isEqualTo("disk-" + pattern.text());
        for (ServerResult engine : results.servers()) {
            if (!engine.skipped().isEmpty()) {
                assertThat(engine.skipped()).containsAnyOf("O_DIRECT", "io_uring");
                continue;
            }
            assertThat(engine.points()).extracting(Point::value).containsExactly(6.0);
            engine.points().forEach(point -> isWhole(point, pattern));
        }
        assertThat(results.servers().getFirst().points()).isNotEmpty();
        Path json = folder.resolveSibling(folder.getFileName() + ".json");
        try {
            ResultsFile.write(results, json);
            assertThat(ResultsFile.read(json)).isEqualTo(results);
        } finally {
            Files.deleteIfExists(json);
        }
    }

    private static void isWhole(Point point, DiskPattern pattern) {
        Round round = point.rounds().getFirst();
        Figures figures = round.figures();
        long bytes = round.load().receivedBytes() + round.load().sentBytes();
        assertThat(round.load().requestsCount()).isGreaterThanOrEqualTo((long) point.value());
        assertThat(bytes).isEqualTo(round.load().requestsCount() * 4096);
        assertThat(round.load().receivedBytes() > 0 || !pattern.reads()).isTrue();
        assertThat(round.load().sentBytes() > 0 || !pattern.writes() || pattern.reads())
                .isTrue();
        assertThat(figures.p50Micros()).isPositive().isLessThanOrEqualTo(figures.p99Micros());
        assertThat(figures.p99Micros()).isLessThanOrEqualTo(figures.maxMicros());
        assertThat(figures.cpuMicros()).isPositive();
        assertThat(figures.systemCallsPerRequest()).isPositive();
        assertThat(figures.patternMicros()).isPositive();
        assertThat(figures.bytesPerSecond()).isCloseTo(figures.requestsPerSecond() * 4096, withPercentage(0.1));
    }

    @Test
    void aBlockThatWasChangedEndsItWithItsOffset() {
        DiskPlan plan = DiskPlanTest.plan(
                folder, DiskPattern.SEQUENTIAL_READ, DiskChoice.all(ENGINES, true, false), List.of(4));
        assertThatThrownBy(() -> run(plan, (name, depth) -> damage(40_963)))
                .isInstanceOf(DiskException.class)
                .hasMessageContaining("at offset 40960 there should be the word ");
    }

    private void damage(long offset) {
        try (FileChannel file = FileChannel.open(ours(), StandardOpenOption.READ, StandardOpenOption.WRITE)) {
            ByteBuffer one = ByteBuffer.allocate(1);
            file.read(one, offset);
            file.write(ByteBuffer.wrap(new byte[] {(byte) ~one.get(0)}), offset);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private Path ours() throws IOException {
        try (Stream<Path> all = Files.list(folder)) {
            return all.filter(path -> path.getFileName().toString().startsWith("sluice-disk-"))
                    .findFirst()
                    .orElseThrow();
        }
    }

    @Test
    void aWrongBlockThatAnEngineReadsIsFoundWhileItMeasures() throws Exception {
        try (TestFile file = TestFile.make(folder, new BlockContent(3), 64, 4096)) {
            file.lay(() -> false);
            damage(8192);
            assertThatThrownBy(() -> measure(file, DiskPattern.RANDOM_READ, Duration.ofSeconds(5)))
                    .isInstanceOf(DiskException.class)
                    .hasMessageContaining("at offset 8192 ");
        }
    }

    private static Measurement.Seen measure(TestFile file, DiskPattern pattern, Duration duration) throws Exception {
        Measurement.Task task =
                new Measurement.Task(pattern, false, 4, 2, Duration.ofMillis(300), duration, 1, () -> {}, () -> false);
        try (DrivenDisk disk = DiskEngine.best().open(DiskOptions.standard())) {
            return Objects.requireNonNull(new Measurement(disk, task, file).run());
        }
    }

    @Test
    void aLostWriteIsCalledThat() throws Exception {
        try (TestFile file = TestFile.make(folder, new BlockContent(3), 64, 4096)) {
            file.lay(() -> false);
            file.readAll();
            file.blocks().written(5);
            assertThatThrownBy(file::readAll)
                    .isInstanceOf(DiskException.class)
                    .hasMessageContaining("at offset 20480 ")
                    .hasMessageContaining("a later one is lost");
        }
    }

    @Test
    void anOperationAllocatesNothing() throws Exception {
        var threads = (com.sun.management.ThreadMXBean) ManagementFactory.getThreadMXBean();
        try (TestFile file = TestFile.make(folder, new BlockContent(3), 256, 4096)) {
            file.lay(() -> false);
            measure(file, DiskPattern.RANDOM_MIXED, Duration.ofMillis(50));
            long before = threads.getCurrentThreadAllocatedBytes();
            measure(file, DiskPattern.RANDOM_MIXED, Duration.ofMillis(50));
            long once = threads.getCurrentThreadAllocatedBytes() - before;
            Measurement.Seen seen = measure(file, DiskPattern.RANDOM_MIXED, Duration.ofMillis(500));
            long longer = threads.getCurrentThreadAllocatedBytes() - before - once;
            double each = (double) (longer - once) / seen.latencies().getTotalCount();
            assertThat(each)
                    .as("bytes an operation, of %d", seen.latencies().getTotalCount())
                    .isLessThan(1);
        }
    }

    @Test
    void tooLittleRoomIsRefusedBeforeAnythingIsWritten() throws Exception {
        DiskPlan plan = DiskPlanTest.plan(
                folder,
                DiskPattern.RANDOM_READ,
                DiskChoice.all(ENGINES, true, false),
                List.of(1),
                4096,
                4000L << 30, // whose blocks the heap has no room for either
                Duration.ofSeconds(1));
        assertThatThrownBy(() -> run(plan, NO_PAUSE))
                .isInstanceOf(DiskException.class)
                .hasMessageContaining("MiB free in " + folder)
                .hasMessageContaining("name a smaller --size");
    }

    @Test
    void aFileThatIsThereAlreadyIsLeftAlone() throws Exception {
        Path name = folder.resolve("sluice-disk-" + ProcessHandle.current().pid() + "-5.tmp");
        Files.writeString(name, "somebody's");
        DiskPlan plan =
                DiskPlanTest.plan(folder, DiskPattern.RANDOM_WRITE, DiskChoice.all(ENGINES, true, false), List.of(1));
        assertThatThrownBy(() -> new DiskComparison(plan, told::add, results -> {}, NO_PAUSE))
                .isInstanceOf(DiskException.class)
                .hasMessageContaining("can't make a file in " + folder);
        assertThat(name).hasContent("somebody's");
    }

    @Test
    void stoppedItKeepsWhatWasMeasuredAndRemovesTheFile() throws Exception {
        DiskPlan plan = DiskPlanTest.plan(
                folder,
                DiskPattern.RANDOM_READ,
                DiskChoice.all(ENGINES, true, false),
                List.of(1, 2),
                4096,
                4 << 20,
                Duration.ofMillis(60));
        try (DiskComparison comparison = new DiskComparison(plan, told::add, results -> {}, NO_PAUSE)) {
            assertThat(comparison.file()).exists();
            comparison.stop();
            Results results = comparison.run();
            assertThat(results.complete()).isFalse();
            assertThat(results.servers()).allMatch(engine -> engine.points().isEmpty());
        }
        onlyTheirsIsLeft();
    }

    @Test
    void whatThePageCacheDidIsSaid() throws Exception {
        DiskPlan plan = DiskPlanTest.plan(
                folder, DiskPattern.RANDOM_READ, List.of(new DiskChoice("blocking", false)), List.of(1));
        String text = TextTable.of(run(plan, NO_PAUSE));
        assertThat(text)
                .contains("IOPS", "CPU/op", "calls/op", "1 operations in flight", "Filling and checking a block took ");
        assertThat(text.replaceAll("\\s+", " ")).containsAnyOf("blocking read from the page cache alone", "? unknown");
    }
}
