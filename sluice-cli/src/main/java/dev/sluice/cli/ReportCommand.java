package dev.sluice.cli;

import dev.sluice.lab.compare.Results;
import dev.sluice.lab.report.Report;
import dev.sluice.lab.report.ResultsFile;
import dev.sluice.lab.report.TextTable;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code sluice report}. */
@Command(
        name = "report",
        mixinStandardHelpOptions = true,
        description = {
            "Draws the report of a comparison again, from its results.json: one HTML file that needs no network. Of two"
                    + " runs it lays the second beside the first, and marks what differs by more than the noise.",
            ""
        },
        footer = {
            "",
            "Examples:",
            "  sluice report out/results.json                         out/report.html",
            "  sluice report before/results.json after/results.json   what changed; before/report.html",
            "  sluice report out/results.json --text                  the table only, here"
        })
final class ReportCommand implements Callable<Integer> {
    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Parameters(arity = "1..*", paramLabel = "results.json", description = "One run, or two: before and after.")
    private List<Path> files = List.of();

    @Option(
            names = "--output",
            paramLabel = "FILE",
            description = "Where the report goes (default: report.html beside the first results.json).")
    private @Nullable Path output;

    @Option(names = "--text", description = "Prints the ranking as text, and writes nothing.")
    private boolean text;

    /** For picocli. */
    ReportCommand() {}

    @Override
    public Integer call() {
        if (files.size() > 2) {
            throw new ParameterException(
                    spec.commandLine(), "a report shows one run, or two side by side, not " + files.size());
        }
        if (text && output != null) {
            throw new ParameterException(spec.commandLine(), "--text prints and writes no file: leave --output out");
        }
        PrintWriter out = spec.commandLine().getOut();
        try {
            List<Results> runs = new ArrayList<>();
            for (Path file : files) {
                runs.add(ResultsFile.read(file));
            }
            if (text) {
                print(runs, out);
            } else {
                Path html = output == null ? files.getFirst().resolveSibling("report.html") : output;
                write(runs, html);
                out.println("wrote " + html + "; open it in a browser");
            }
            out.flush();
            return ExitCode.OK;
        } catch (IOException e) {
            spec.commandLine().getErr().println(spec.qualifiedName() + ": " + e.getMessage());
            return ExitCode.SOFTWARE;
        }
    }

    private void print(List<Results> runs, PrintWriter out) {
        if (runs.size() == 1) {
            out.print(TextTable.of(runs.getFirst()));
            return;
        }
        for (int i = 0; i < runs.size(); i++) {
            out.println((i == 0 ? "First run: " : "Second run: ") + files.get(i));
            out.println(TextTable.of(runs.get(i)));
        }
        out.println("From the first run to the second");
        out.print(TextTable.changes(runs.getFirst(), runs.getLast()));
    }

    private void write(List<Results> runs, Path html) throws IOException {
        for (Path file : files) {
            if (Files.exists(html) && Files.isSameFile(html, file)) {
                throw new ParameterException(
                        spec.commandLine(), "--output " + html + " is one of the results: name another file");
            }
        }
        try {
            Report.write(runs, html);
        } catch (NoSuchFileException e) {
            throw new IOException("there is no folder for " + html + "; make it, or name another", e);
        } catch (IOException e) {
            throw new IOException(html + " can't be written (" + e + ")", e);
        }
    }
}
