package dev.sluice.cli;

import dev.sluice.lab.compare.Comparison;
import dev.sluice.lab.compare.Results;
import dev.sluice.lab.report.Report;
import dev.sluice.lab.report.ResultsFile;
import dev.sluice.lab.report.TextTable;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import picocli.CommandLine;

/** A comparison's life as the command line shows it: progress, Ctrl-C, the table, the files. */
final class ComparisonRun {
    private ComparisonRun() {}

    /**
     * Runs a comparison until it is done or SIGTERM or Ctrl-C ends it; results are in the folder in either case.
     *
     * @return the process's exit status
     */
    static int untilDone(CommandLine line, Comparison.Plan plan, Path output) throws IOException, InterruptedException {
        PrintWriter err = line.getErr();
        Path file = output.resolve(ResultsFile.NAME);
        Consumer<String> told = words -> {
            err.println(words);
            err.flush();
        };
        AtomicBoolean signalled = new AtomicBoolean();
        try (Comparison comparison = new Comparison(plan, told, results -> keep(results, file))) {
            makeFolder(output);
            Signals.onStop(() -> {
                signalled.set(true);
                told.accept("stopping: what was measured so far is kept");
                comparison.stop();
            });
            Results results = comparison.run();
            keep(results, file);
            show(results, file, line.getOut());
            return signalled.get() || comparison.failed() ? CommandLine.ExitCode.SOFTWARE : CommandLine.ExitCode.OK;
        }
    }

    private static void makeFolder(Path output) {
        try {
            Files.createDirectories(output);
        } catch (IOException e) {
            throw new Failures.StartException("can't make the folder " + output + " for the results: " + e, e);
        }
    }

    private static void show(Results results, Path file, PrintWriter out) throws IOException {
        Path html = file.resolveSibling("report.html");
        Report.write(List.of(results), html);
        out.println();
        out.print(TextTable.of(results));
        out.println();
        out.println("wrote " + file + " and " + html + "; open the latter in a browser");
        out.flush();
    }

    private static void keep(Results results, Path file) {
        try {
            ResultsFile.write(results, file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
