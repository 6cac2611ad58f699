package dev.sluice.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.lab.compare.Results;
import dev.sluice.lab.compare.Results.Figures;
import dev.sluice.lab.compare.Results.Point;
import dev.sluice.lab.compare.Results.Round;
import dev.sluice.lab.compare.Results.ServerResult;
import dev.sluice.lab.load.LoadResult;
import dev.sluice.lab.report.ResultsFile;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/** {@code sluice report}: which files it reads and writes, and how it refuses. */
@Timeout(30)
class ReportCommandTest {
    private record Outcome(int status, String out, String err) {}

    @TempDir
    private Path folder;

    private Path first;
    private Path second;

    @BeforeEach
    void write() throws IOException {
        first = folder.resolve("first.json");
        second = folder.resolve("second.json");
        ResultsFile.write(results(1000), first);
        ResultsFile.write(results(2000), second);
    }

    private static Results results(double rate) {
        LoadResult load = new LoadResult(
                "http://127.0.0.1:1/",
                "epoll",
                "closed",
                1,
                0,
                1,
                1,
                0,
                true,
                (long) rate,
                rate,
                1,
                1,
                new LoadResult.Latency(1, 1, 1, 1, 1, 1, List.of(new LoadResult.Point(100, 1))),
                Map.of(),
                Map.of(),
                0,
                0,
                0,
                LoadResult.IdleAnswers.NONE,
                new LoadResult.Generator(1, 0.5, 0, false, ""));
        Figures figures = new Figures(
                rate, 1, 1, 1, 1, 1, 0, null, null, null, null, null, null, null, null, null, null, null, null, null);
        List<Round> rounds =
                IntStream.range(0, 3).mapToObj(i -> new Round(i, load, figures)).toList();
        return new Results(
                Results.SCHEMA,
                "sluice compare",
                "2026-11-25T00:00:00Z",
                true,
                new Results.Machine("os", "kernel", "cpu", 2, 1L << 30, "jdk", "none"),
                new Results.Workload("plaintext", "words", "", Map.of()),
                List.of(new ServerResult(
                        "epoll", "reactor", "sluice serve", List.of(), "", List.of(new Point(0, rounds, figures)))));
    }

    private static Outcome run(Object... arguments) {
        StringWriter out = new StringWriter();
        StringWriter err = new StringWriter();
        CommandLine line = Main.commandLine();
        line.setOut(new PrintWriter(out)).setErr(new PrintWriter(err));
        String[] words = new String[arguments.length + 1];
        words[0] = "report";
        for (int i = 0; i < arguments.length; i++) {
            words[i + 1] = arguments[i].toString();
        }
        int status = line.execute(words);
        return new Outcome(status, out.toString(), err.toString());
    }

    private static void refused(Outcome outcome, int status, String cause) {
        assertThat(outcome.status()).as(outcome.err()).isEqualTo(status);
        assertThat(outcome.out()).isEmpty();
        assertThat(outcome.err().strip().lines()).hasSize(1);
        assertThat(outcome.err()).startsWith("sluice report: ").contains(cause);
    }

    @Test
    void writesBesideTheFirstOrWhereItIsTold() throws IOException {
        Outcome outcome = run(first);

        assertThat(outcome.err()).isEmpty();
        assertThat(outcome.status()).isZero();
        assertThat(outcome.out()).contains("wrote " + folder.resolve("report.html"));
        assertThat(folder.resolve("report.html"))
                .content()
                .startsWith("<!doctype html>")
                .contains("1,000/s");

        Path other = folder.resolve("other.html");
        assertThat(run(first, second, "--output", other).status()).isZero();
        assertThat(Files.readString(other)).contains("\"First run\"", "\"Second run\"", "100 % higher");
    }

    @Test
    void printsTextAndWritesNothing() {
        assertThat(run(first, "--text").out()).contains("requests/s", "\n1  epoll  ");
        assertThat(run(first, second, "--text").out())
                .contains("First run: " + first, "Second run: " + second)
                .contains("epoll is better: Requests a second 100 % higher");
        assertThat(folder.resolve("report.html")).doesNotExist();
    }

    @Test
    void refusesInOneLine() throws IOException {
        Path broken = folder.resolve("broken.json");
        Files.writeString(broken, Files.readString(first).substring(0, 200));

        refused(run(folder.resolve("none.json")), 1, "there is no file");
        refused(run(first, broken), 1, "it was cut off");
        refused(run(first, "--output", folder.resolve("no/such/report.html")), 1, "there is no folder for");
        refused(run(first, "--output", folder), 1, "can't be written");
        refused(run(), 2, "results.json");
        refused(run(first, second, first), 2, "two side by side, not 3");
        refused(run(first, second, first, "--text"), 2, "two side by side, not 3");
        refused(run(first, "--text", "--output", "x.html"), 2, "leave --output out");
        refused(run(first, "--output", first), 2, "is one of the results");
        assertThat(Files.readString(first)).startsWith("{");
    }
}
