package dev.sluice.lab.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sluice.lab.compare.Results;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** results.json: what is written is read again, and what is none is refused in one line. */
class ResultsFileTest {
    @TempDir
    private Path folder;

    private Path file;

    @BeforeEach
    void name() {
        file = folder.resolve("results.json");
    }

    private void refused(String content, String cause) throws IOException {
        Files.writeString(file, content);
        refused(cause);
    }

    private void refused(String cause) {
        assertThatThrownBy(() -> ResultsFile.read(file))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("results.json")
                .hasMessageContaining(cause)
                .satisfies(failure -> assertThat(failure.getMessage().lines()).hasSize(1))
                .satisfies(failure -> assertThat(failure.getMessage()).doesNotContainPattern("\\p{Cc}"));
    }

    private String written() throws IOException {
        ResultsFile.write(SampleResults.plaintext(1), file);
        return Files.readString(file);
    }

    @Test
    void roundTripLosesNothing() throws IOException {
        for (Results results : List.of(
                SampleResults.plaintext(1), SampleResults.sweep(2), SampleResults.incomplete(SampleResults.of()))) {
            ResultsFile.write(results, file);
            assertThat(ResultsFile.read(file)).isEqualTo(results);
        }
    }

    @Test
    void absentFigureIsUnknownAndFurtherFieldsAreLeftOut() throws IOException {
        String without = written().replaceAll("\"gcPauseMicros\" : [^,]+,", "\"lunarPhase\" : 3,");
        Files.writeString(file, without);

        assertThat(ResultsFile.read(file)
                        .servers()
                        .getFirst()
                        .points()
                        .getFirst()
                        .median()
                        .gcPauseMicros())
                .isNull();
    }

    @Test
    void newestIsThatOfTheLatestRun() throws IOException {
        assertThat(ResultsFile.newest(folder.resolve("none"))).isEmpty();
        assertThat(ResultsFile.newest(folder)).isEmpty();
        Path earlier = Files.createDirectory(folder.resolve("b")).resolve(ResultsFile.NAME);
        Path later = Files.createDirectory(folder.resolve("a")).resolve(ResultsFile.NAME);
        Files.createDirectory(folder.resolve("empty"));
        ResultsFile.write(SampleResults.plaintext(1), later);
        ResultsFile.write(SampleResults.plaintext(1), earlier);
        Files.setLastModifiedTime(earlier, FileTime.fromMillis(1_000));
        assertThat(ResultsFile.newest(folder)).contains(later);
    }

    @Test
    void otherSchemaIsNamedThoughTheRestIsStrange() throws IOException {
        refused(
                "{\"novel\": [1, {\"schema\": 1}], \"schema\": 7, \"command\": 5}",
                "has schema 7, this program reads 1");
        refused("{\"schema\": 99999999999999999999}", "has schema 99999999999999999999");
        refused("{\"servers\": []}", "it has no schema number");
        refused("{\"schema\": \"1\"}", "it has no schema number");
    }

    @Test
    void whatIsNoJsonIsRefusedWithItsPlace() throws IOException {
        refused("<html>\n", "is no JSON (line 1, column 1");
        refused("{\"schema\": 1, \u001b[2J, \"command\": 5}", "is no JSON (line 1");
        refused("", "it is empty");
        refused("[1, 2]", "no object");
        refused("null", "no object");
        refused(written() + "{}", "is no");
        Files.write(file, new byte[] {0, 1, 2, (byte) 0xff, (byte) 0xfe});
        refused("is no JSON");
    }

    @Test
    void cutFileIsSaidToBeCutWhereverThatIs() throws IOException {
        String whole = written();
        for (int i = 1; i <= 300; i++) {
            String cut = whole.substring(0, (int) ((long) (whole.length() - 3) * i / 300));
            Files.writeString(file, cut);
            assertThatThrownBy(() -> ResultsFile.read(file))
                    .as(cut.substring(Math.max(0, cut.length() - 40)))
                    .isInstanceOf(IOException.class)
                    .hasMessageContaining("it was cut off");
        }
    }

    @Test
    void partThatIsMissingOrNoNumberIsNamed() throws IOException {
        String whole = written();
        refused(whole.replaceFirst("\"kernel\" : \"[^\"]*\",", ""), "machine.kernel is missing");
        refused(whole.replaceFirst("\"cpu\" : \"[^\"]*\"", "\"cpu\" : null"), "machine.cpu is missing");
        refused(whole.replaceFirst("\"coresCount\" : 2", "\"coresCount\" : \"many\""), "machine.coresCount: ");
        refused(
                whole.replaceFirst("\"requestsPerSecond\" : [0-9.E]+", "\"requestsPerSecond\" : 1e999"),
                "is no finite number");
        refused(whole.replaceFirst("\"p99Micros\" : [0-9.E]+", "\"p99Micros\" : -5"), "p99Micros is negative");
        refused(whole.replaceFirst("\"p99Micros\" : [0-9.E]+,", ""), "servers[0].points[0].rounds[0].load.latency");
        refused(whole.replaceFirst("\"servers\" : \\[", "\"servers\" : [null,"), "servers[0] is missing");
    }

    @Test
    void fileThatCannotBeOneIsNotRead() throws IOException {
        refused("there is no file");
        try (RandomAccessFile huge = new RandomAccessFile(file.toFile(), "rw")) {
            huge.setLength(ResultsFile.LIMIT_BYTES + 1L);
        }
        refused("is larger than 64 MiB");
        Files.delete(file);
        Files.createDirectory(file);
        refused("can't be read");
    }

    @Test
    void endlessFileIsNotReadToItsEnd() throws IOException {
        assertThatThrownBy(() -> ResultsFile.read(Path.of("/dev/zero")))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("is larger than 64 MiB");
    }
}
