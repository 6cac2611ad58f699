package dev.sluice.cli;

import dev.sluice.lab.advise.Advice;
import dev.sluice.lab.advise.Needs;
import dev.sluice.lab.advise.Rules;
import dev.sluice.lab.advise.Trial;
import dev.sluice.lab.compare.Comparison;
import dev.sluice.lab.compare.Pinning;
import dev.sluice.lab.compare.Results;
import dev.sluice.lab.compare.Sweep;
import dev.sluice.lab.report.ResultsFile;
import java.io.BufferedReader;
import java.io.Console;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code sluice advise}. */
@Command(
        name = "advise",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        description = {
            "Says which I/O model fits a service: rules leave out what can't, a short comparison decides among the rest."
                    + " Without options, on a terminal, it asks.",
            ""
        },
        footer = {
            "",
            "Examples:",
            "  sluice advise --connections 5000 --active 2%% --rate 2000",
            "  sluice advise --connections 100 --block-per-request 20ms --sequential --tail 50ms",
            "  sluice advise --connections 64 --no-run"
        })
final class AdviseCommand implements Callable<Integer> {
    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Option(names = "--connections", paramLabel = "N", description = "Held at once (default: ${DEFAULT-VALUE}).")
    private int connections = 64;

    @Option(
            names = "--active",
            paramLabel = "SHARE",
            description = "Of them, that ask; the rest is silent, as in 0.05 or 5%% (default: 100%%).")
    private String active = "100%";

    @Option(
            names = "--rate",
            paramLabel = "N",
            description = "Requests a second over all connections; 0: as many as it can (default: ${DEFAULT-VALUE}).")
    private double rate;

    @Option(
            names = "--cpu-per-request",
            paramLabel = "DURATION",
            converter = DurationConverter.class,
            description = "What a handler computes for (default: nothing).")
    private Duration cpu = Duration.ZERO;

    @Option(
            names = "--block-per-request",
            paramLabel = "DURATION",
            converter = DurationConverter.class,
            description = "What a handler waits for something else (default: nothing).")
    private Duration block = Duration.ZERO;

    @Option(
            names = "--tail",
            paramLabel = "DURATION",
            converter = DurationConverter.class,
            description = "What the 99th percentile must keep (default: no target).")
    private @Nullable Duration tail;

    @Option(
            names = "--memory",
            paramLabel = "SIZE",
            converter = SizeConverter.class,
            description = "What the server may take, as in 512m (default: no limit).")
    private @Nullable Long memory;

    @Option(names = "--sequential", description = "Handlers must be sequential code, which may block.")
    private boolean sequential;

    @Option(
            names = "--systems",
            paramLabel = "SYSTEM",
            split = ",",
            description = "What it must run on: linux, macos, windows (default: linux).")
    private Set<String> systems = Set.of("linux");

    @Option(
            names = "--duration",
            paramLabel = "DURATION",
            defaultValue = "2s",
            converter = DurationConverter.class,
            description = "How long each measurement counts, after a warm-up as long (default: ${DEFAULT-VALUE}).")
    private Duration duration = Duration.ofSeconds(2);

    @Option(
            names = "--no-run",
            description = "Measures nothing: answers from the last results, or from rules where there are none.")
    private boolean noRun;

    /** For picocli. */
    AdviseCommand() {}

    @Override
    public Integer call() throws IOException, InterruptedException {
        Optional<Console> terminal = terminal();
        if (terminal.isPresent()
                && spec.commandLine().getParseResult().matchedOptions().isEmpty()) {
            List<String> answers = Interview.ask(
                    terminal.get().writer(), new BufferedReader(terminal.get().reader()));
            terminal.get().writer().println("that is: ./sluice advise " + String.join(" ", answers));
            AdviseCommand asked = new AdviseCommand();
            CommandLine line = new CommandLine(asked);
            line.setOut(spec.commandLine().getOut()).setErr(spec.commandLine().getErr());
            line.parseArgs(answers.toArray(String[]::new));
            return asked.advise();
        }
        return advise();
    }

    @SuppressWarnings("SystemConsoleNull") // as NullAway has it, and -Djdk.console may make it so
    private static Optional<Console> terminal() {
        Console console = System.console();
        return console != null && console.isTerminal() ? Optional.of(console) : Optional.empty();
    }

    private int advise() throws IOException, InterruptedException {
        Needs needs = needs();
        Rules.Shortlist shortlist = Rules.apply(needs);
        Advice advice = new Advice(needs, shortlist);
        PrintWriter out = spec.commandLine().getOut();
        if (shortlist.choices().isEmpty()) {
            out.print(advice.text());
            out.flush();
            return CommandLine.ExitCode.SOFTWARE;
        }
        out.println("for " + needs.words() + ":\n");
        int status = CommandLine.ExitCode.OK;
        if (noRun) {
            out.print(withoutRun(advice));
        } else {
            status = run(needs, shortlist, advice, out);
        }
        out.flush();
        return status;
    }

    private int run(Needs needs, Rules.Shortlist shortlist, Advice advice, PrintWriter out)
            throws IOException, InterruptedException {
        Consumer<String> told = ComparisonRun.telling(spec.commandLine());
        Pinning pinning = Pinning.parse("auto");
        Sweep workload = Sweep.none(needs.workload());
        Trial trial = new Trial(
                advice,
                shortlist,
                (choices, rounds) -> new Comparison.Plan(
                        workload,
                        choices,
                        List.of(),
                        rounds,
                        duration,
                        duration,
                        pinning,
                        1,
                        Main.command(),
                        "./sluice advise"),
                told);
        AtomicBoolean signalled = new AtomicBoolean();
        Signals.onStop(() -> {
            signalled.set(true);
            told.accept("stopping: the answer is from what was measured so far");
            trial.stop();
        });
        Results results = trial.run();
        out.print(advice.text(results));
        return signalled.get() || advice.ranked(results).isEmpty()
                ? CommandLine.ExitCode.SOFTWARE
                : CommandLine.ExitCode.OK;
    }

    private static String withoutRun(Advice advice) {
        try {
            Optional<Path> last = ResultsFile.newest(MeasureOptions.RESULTS);
            return last.isPresent() ? advice.textOfEarlier(last.get(), ResultsFile.read(last.get())) : advice.text();
        } catch (IOException e) {
            throw new Failures.StartException(String.valueOf(e.getMessage()), e);
        }
    }

    private Needs needs() {
        return new Needs(connections, share(), rate, cpu, block, tail, memory, sequential, systems);
    }

    private double share() {
        if (!active.matches("\\d{1,3}(\\.\\d{1,6})?%?")) {
            throw new ParameterException(
                    spec.commandLine(), "--active is '" + active + "', must be a share, as in 0.05 or 5%");
        }
        boolean percent = active.endsWith("%");
        double number = Double.parseDouble(percent ? active.substring(0, active.length() - 1) : active);
        return percent ? number / 100 : number;
    }
}
