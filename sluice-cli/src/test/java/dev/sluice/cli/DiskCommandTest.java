package dev.sluice.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.lab.compare.Results;
import dev.sluice.lab.report.ResultsFile;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** {@code sluice disk} as a process. */
@Timeout(60)
@EnabledOnOs(OS.LINUX)
@Tag("slow")
class DiskCommandTest {
    @TempDir
    Path disk;

    @TempDir
    Path output;

    private SluiceProcess start(String... more) throws IOException {
        List<String> arguments =
                new ArrayList<>(List.of("disk", disk.toString(), "--size=4m", "--json=" + output.resolve("disk.json")));
        arguments.addAll(List.of(more));
        return SluiceProcess.start(arguments.toArray(String[]::new));
    }

    private List<Path> left() throws IOException {
        try (Stream<Path> all = Files.list(disk)) {
            return all.toList();
        }
    }

    /** The file that it made, once it is so long as it is to be. */
    private Path awaitFile() throws Exception {
        long deadline = System.nanoTime() + Duration.ofSeconds(30).toNanos();
        while (left().isEmpty() || Files.size(left().getFirst()) < 4 << 20) {
            assertThat(System.nanoTime()).as("in time").isLessThan(deadline);
            Thread.sleep(Duration.ofMillis(20)); // between two looks
        }
        return left().getFirst();
    }

    @Test
    void tableJsonAndReportAreWrittenAndTheFileIsGone() throws Exception {
        Path html = output.resolve("disk.html");
        try (SluiceProcess sluice =
                start("--quick", "--duration=60ms", "--warmup=20ms", "--depths=1,4", "--report=" + html, "--seed=9")) {
            assertThat(sluice.status()).as(sluice.errors()).isZero();
            assertThat(sluice.errors()).contains("12 measurements in 1 round, order by seed 9", "[12/12] round 1: ");
            assertThat(sluice.line()).isEmpty();
            assertThat(sluice.line()).isEqualTo("1 operations in flight");
            assertThat(sluice.line()).contains("engine", "IOPS", "bandwidth", "CPU/op");
        }
        Results results = ResultsFile.read(output.resolve("disk.json"));
        assertThat(results.complete()).isTrue();
        assertThat(results.command()).startsWith("./sluice disk ").contains("--seed=9");
        assertThat(Files.readString(html)).contains("Sluice disk comparison", "disk-random-read");
        assertThat(left()).isEmpty();
    }

    @Test
    void signalKeepsTheResultsAndRemovesTheFile() throws Exception {
        try (SluiceProcess sluice = start("--duration=10m")) {
            awaitFile();
            sluice.terminate();
            assertThat(sluice.status()).isEqualTo(1);
            assertThat(sluice.errors()).contains("stopping: ");
        }
        assertThat(left()).isEmpty();
        assertThat(ResultsFile.read(output.resolve("disk.json")).complete()).isFalse();
    }

    @Test
    void aBlockThatIsWrongEndsItWithOneLineThatNamesTheOffset() throws Exception {
        try (SluiceProcess sluice =
                start("--pattern=sequential-read", "--engines=pool", "--modes=direct", "--depths=2", "--step")) {
            try (FileChannel file = FileChannel.open(awaitFile(), StandardOpenOption.WRITE)) {
                file.write(ByteBuffer.wrap(new byte[] {1, 2, 3, 4, 5, 6, 7, 8}), 1 << 20);
                file.force(true);
            }
            sluice.send("");
            assertThat(sluice.status()).isEqualTo(1);
            assertThat(sluice.errors().lines().filter(line -> line.startsWith("sluice disk: ")))
                    .singleElement()
                    .asString()
                    .contains("at offset 1048576 there should be the word ");
        }
        assertThat(left()).isEmpty();
    }
}
