package dev.sluice.cli;

import dev.sluice.lab.compare.Comparison;
import dev.sluice.lab.compare.Results;
import dev.sluice.lab.report.Report;
import dev.sluice.lab.report.ResultsFile;
import dev.sluice.lab.report.TextTable;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
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
     * @return the process's exit status: 0 where all that this machine can run was measured, and that was something
     * @throws Failures.StartException where a file can't be written
     */
    static int untilDone(CommandLine line, Comparison.Plan plan, Path output) throws InterruptedException {
        Path file = output.resolve(ResultsFile.NAME);
        Consumer<String> told = telling(line);
        AtomicBoolean signalled = new AtomicBoolean();
        try (Comparison comparison = new Comparison(plan, told, results -> keep(results, file))) {
            makeFolder(output);
            Signals.onStop(() -> {
                signalled.set(true);
                told.accept("stopping: what was measured so far is kept");
                comparison.stop();
            });
            Results results = comparison.run();
            show(results, line.getOut());
            keep(results, file);
            draw(results, file, line.getOut());
            boolean nothing =
                    results.servers().stream().allMatch(s -> s.points().isEmpty());
            return nothing || signalled.get() || comparison.failed()
                    ? CommandLine.ExitCode.SOFTWARE
                    : CommandLine.ExitCode.OK;
        } catch (IOException e) {
            throw new Failures.StartException("the comparison can't go on: " + reason(e), e);
        }
    }

    private static void makeFolder(Path output) {
        try {
            Files.createDirectories(output);
        } catch (IOException e) {
            throw new Failures.StartException("can't make the folder " + output + " for the results: " + reason(e), e);
        }
    }

    /** Takes lines of progress. */
    static Consumer<String> telling(CommandLine line) {
        PrintWriter err = line.getErr();
        return words -> {
            err.println(words);
            err.flush();
        };
    }

    /** Prints the table. */
    static void show(Results results, PrintWriter out) {
        out.println();
        out.print(TextTable.of(results));
        out.println();
        out.flush();
    }

    private static void keep(Results results, Path file) {
        try {
            ResultsFile.write(results, file);
        } catch (IOException e) {
            throw cannotWrite(file, e);
        }
    }

    private static void draw(Results results, Path file, PrintWriter out) {
        Path html = file.resolveSibling("report.html");
        try {
            Report.write(List.of(results), html);
        } catch (IOException e) {
            throw cannotWrite(html, e);
        }
        out.println("wrote " + file + " and " + html + "; open the latter in a browser");
        out.flush();
    }

    private static Failures.StartException cannotWrite(Path file, IOException e) {
        return new Failures.StartException(file + " can't be written: " + reason(e), e);
    }

    /** Two exceptions of the file system name the file alone. */
    private static String reason(IOException e) {
        return switch (e) {
            case AccessDeniedException _ -> "this user may not write there";
            case FileAlreadyExistsException _ -> "there is a file of that name; name another with --output";
            default -> Failures.reason(e);
        };
    }
}
