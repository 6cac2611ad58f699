package dev.sluice.cli;

import dev.sluice.lab.compare.Results;
import dev.sluice.lab.disk.DiskComparison;
import dev.sluice.lab.disk.DiskException;
import dev.sluice.lab.disk.DiskPlan;
import dev.sluice.lab.report.Report;
import dev.sluice.lab.report.ResultsFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;

/** The life of a comparison of disk engines as the command line shows it: progress, Ctrl-C, the table, the files. */
final class DiskRun {
    private DiskRun() {}

    /**
     * Runs it until it is done or SIGTERM or Ctrl-C ends it; the file that it made is removed in either case.
     *
     * @param json where results go, or null
     * @param report where the report goes, or null
     * @param stepping whether a line of standard input begins each measurement
     * @return the process's exit status: 0 where all that this machine can run was measured, and that was something
     * @throws Failures.StartException where a block was wrong, the disk failed, or a file can't be written
     */
    static int untilDone(CommandLine line, DiskPlan plan, @Nullable Path json, @Nullable Path report, boolean stepping)
            throws InterruptedException {
        requireFolder("--json", json);
        requireFolder("--report", report);
        Consumer<String> told = ComparisonRun.telling(line);
        AtomicBoolean signalled = new AtomicBoolean();
        Steps steps = new Steps(told);
        try (DiskComparison comparison = new DiskComparison(
                plan, told, results -> keep(results, json), stepping ? steps::await : (name, depth) -> {})) {
            Runnable stop = () -> {
                signalled.set(true);
                comparison.stop();
                steps.end();
            };
            Signals.onStop(() -> {
                told.accept("stopping: what was measured so far is kept, the file is removed");
                stop.run();
            });
            if (stepping) {
                told.accept("file " + comparison.file());
                steps.readUntilEnd(stop);
            }
            Results results = comparison.run();
            ComparisonRun.show(results, line.getOut());
            keep(results, json);
            draw(results, report);
            boolean nothing =
                    results.servers().stream().allMatch(s -> s.points().isEmpty());
            return nothing || signalled.get() ? CommandLine.ExitCode.SOFTWARE : CommandLine.ExitCode.OK;
        } catch (DiskException e) {
            throw new Failures.StartException(String.valueOf(e.getMessage()), e);
        }
    }

    private static void requireFolder(String option, @Nullable Path file) {
        Path folder = file == null ? null : file.toAbsolutePath().getParent();
        if (folder != null && !Files.isDirectory(folder)) {
            throw new Failures.StartException(
                    option + " " + file + " can't be written: there is no folder " + folder + "; make it", null);
        }
    }

    private static void keep(Results results, @Nullable Path file) {
        try {
            if (file != null) {
                ResultsFile.write(results, file);
            }
        } catch (IOException e) {
            throw new Failures.StartException("--json " + file + " can't be written: " + Failures.reason(e), e);
        }
    }

    private static void draw(Results results, @Nullable Path html) {
        try {
            if (html != null) {
                Report.write(List.of(results), html);
            }
        } catch (IOException e) {
            throw new Failures.StartException("--report " + html + " can't be written: " + Failures.reason(e), e);
        }
    }
}
