package dev.sluice.lab.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.sluice.lab.compare.Results;
import dev.sluice.lab.compare.Results.Figures;
import dev.sluice.lab.compare.Results.Round;
import dev.sluice.lab.compare.Results.ServerResult;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Results of disk engines, in words that fit them. */
class DiskReportTest {
    private static ServerResult engine(String name, String family, double rate, @Nullable Double cachedShare) {
        ServerResult made = SampleResults.changed(
                SampleResults.server(name, rate, rate * 1.01),
                round -> new Round(round.order(), round.load(), disk(round.figures(), cachedShare)));
        return new ServerResult(name, family, "./sluice disk", List.of(), "", made.points());
    }

    private static Figures disk(Figures f, @Nullable Double cachedShare) {
        return new Figures(
                f.requestsPerSecond(),
                f.p50Micros(),
                f.p90Micros(),
                f.p99Micros(),
                f.p999Micros(),
                f.maxMicros(),
                0,
                f.cpuMicros(),
                f.userMicros(),
                f.systemMicros(),
                1.0,
                null,
                null,
                null,
                null,
                null,
                null,
                f.requestsPerSecond() * 4096,
                cachedShare,
                0.25);
    }

    private static Results results(String preset, ServerResult... engines) {
        Results of = SampleResults.of(engines);
        return new Results(
                of.schema(),
                of.command(),
                of.startedAt(),
                true,
                of.machine(),
                new Results.Workload(preset, "reads", "", Map.of()),
                of.servers());
    }

    private static String oneLine(String text) {
        return text.replaceAll("\\s+", " ");
    }

    @Test
    void theTableHasADisksColumnsAndNoServers() {
        String text = TextTable.of(results(
                "disk-random-read",
                engine("io_uring direct", "direct", 50_000, 0.0),
                engine("pool direct", "direct", 40_000, 0.0)));
        assertThat(text.lines().findFirst().orElseThrow())
                .contains("engine", "IOPS", "bandwidth", "CPU/op", "calls/op", "cached")
                .doesNotContain("server", "requests", "memory");
        assertThat(text).contains("197 MiB/s").contains("io_uring direct does the most, 50");
        assertThat(oneLine(text)).contains("Filling and checking a block took 0.25 us, which is in the CPU time");
        assertThat(text).doesNotContain("server", "request", "answer");
    }

    @Test
    void whatCameFromTheCacheIsSaid() {
        String text = oneLine(TextTable.of(results(
                "disk-random-read",
                engine("pool", "buffered", 900_000, 1.0),
                engine("blocking", "buffered", 100_000, 0.6),
                engine("pool direct", "direct", 40_000, 0.0))));
        assertThat(text)
                .contains("pool read from the page cache alone: these figures are of memory")
                .contains("blocking read partly from the page cache (60 %)")
                .doesNotContain("pool direct read");
    }

    @Test
    void whatWasWrittenIntoTheCacheIsSaid() {
        ServerResult buffered = engine("pool", "buffered", 900_000, null);
        ServerResult direct = engine("pool direct", "direct", 40_000, null);
        assertThat(oneLine(TextTable.of(results("disk-random-write", buffered, direct))))
                .contains("- pool wrote into the page cache: a write is over before the disk has it");
        assertThat(oneLine(TextTable.of(results("disk-random-write-sync", buffered, direct))))
                .doesNotContain("wrote into the page cache");
    }

    @Test
    void thePageHasADisksWords() {
        Results run = results("disk-random-read", engine("pool", "buffered", 900_000, 1.0));
        Page page = Page.of(List.of(run));
        assertThat(page.terms().server()).isEqualTo("Engine");
        assertThat(page.figures().keySet())
                .contains("BANDWIDTH", "CACHED", "PATTERN")
                .doesNotContain("CONNECTION", "ERRORS", "GC");
        assertThat(page.figures().values())
                .extracting(Page.Column::what)
                .noneMatch(what -> what.contains("request") || what.contains("answer") || what.contains("server"));
        assertThat(page.runs().getFirst().ranks().getFirst().doubts())
                .noneMatch(doubt -> doubt.contains("Unknown") || doubt.contains("server"));
        assertThat(Report.html(List.of(run, run))).contains("Sluice disk comparison");
    }

    @Test
    void aServersPageHasNoDisksFigures() {
        Page page = Page.of(List.of(SampleResults.plaintext(1)));
        assertThat(page.terms().server()).isEqualTo("Server");
        assertThat(page.figures().keySet()).contains("ERRORS").doesNotContain("BANDWIDTH", "CACHED", "PATTERN");
    }

    @Test
    void serversAndDisksAreNotLaidSideBySide() {
        Results disk = results("disk-random-read", engine("pool", "buffered", 900_000, 1.0));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Report.html(List.of(disk, SampleResults.plaintext(1))))
                .withMessageContaining("not one of each");
    }
}
