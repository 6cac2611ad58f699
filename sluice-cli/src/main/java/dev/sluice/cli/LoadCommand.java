package dev.sluice.cli;

import dev.sluice.Server;
import dev.sluice.lab.load.Load;
import dev.sluice.lab.load.LoadPlan;
import dev.sluice.lab.load.LoadResult;
import dev.sluice.lab.load.LoadRun;
import dev.sluice.lab.load.LoadText;
import dev.sluice.lab.load.Progress;
import dev.sluice.lab.preflight.Finding;
import dev.sluice.lab.preflight.Preflight;
import java.io.IOException;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code sluice load}. */
@Command(
        name = "load",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        description = {
            "Offers load to a server, and tells its rate, its latencies and its errors.",
            "",
            "Without --rate the loop is closed: each connection sends again when it was answered, so a server that stalls is"
                    + " asked less. With --rate it is open: requests have their times, and latency counts from the time that"
                    + " a request was due, so a stall shows as its users feel it.",
            ""
        },
        footer = {
            "",
            "Examples:",
            "  sluice load http://127.0.0.1:8080/                        64 connections, closed loop, 8 s",
            "  sluice load http://127.0.0.1:8080/ --rate 5000            5,000 requests a second, at random times",
            "  sluice load http://127.0.0.1:8080/ --connections 16 --pipeline 16",
            "  sluice load http://127.0.0.1:8080/ --idle 10000 --connections 10",
            "  sluice load http://127.0.0.1:8080/ -c 0 --idle 100000 --ask-idle",
            "  sluice load http://127.0.0.1:8080/ --mix requests.txt --json",
            "  sluice load tcp://127.0.0.1:7000 --body-size 1k           an echo, each answer compared",
            "",
            "A mix is a file with a line for each kind of request: WEIGHT METHOD TARGET [BODY or @FILE].",
            "Errors are told apart: connect, reset (closed without an answer), timeout, status (400 and above), body"
                    + " (malformed, cut short, or other than it must be).",
        })
final class LoadCommand implements Callable<Integer> {
    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Parameters(paramLabel = "URL", description = "http://HOST:PORT/PATH, or tcp://HOST:PORT for an echo.")
    private String url = "";

    @Mixin
    private LoadOptions options = new LoadOptions();

    @Option(
            names = "--json",
            description = "Prints the result as JSON, its fields named with their units, and nothing else.")
    private boolean json;

    @Option(
            names = "--hgrm",
            paramLabel = "FILE",
            description = "Writes the percentile distribution, in microseconds, as HdrHistogram's plotter reads it.")
    private @Nullable Path hgrm;

    @Option(
            names = {"-q", "--quiet"},
            description = "No line while it runs; without --json and --quiet there is one a second on standard error.")
    private boolean quiet;

    @Option(
            names = "--preflight",
            description =
                    "Only tells which limits of this machine would stop this load, and how to lift them. A load of"
                            + " 10,000 connections or more looks by itself before it begins.")
    private boolean preflight;

    /** For picocli. */
    LoadCommand() {}

    @Override
    public Integer call() {
        PrintWriter out = spec.commandLine().getOut();
        PrintWriter err = spec.commandLine().getErr();
        Load load = options.load(url);
        boolean large = (long) load.connectionsCount() + load.slowCount() + load.idleCount() >= Preflight.LARGE;
        if (preflight || large) {
            List<Finding> findings = Preflight.check(LoadPlan.of(load, Main.command()));
            if (preflight) {
                return PreflightText.print(findings, out);
            }
            PreflightText.require(findings, "so many connections can't be held", err);
        }
        LoadRun run =
                new LoadRun(load, json || quiet ? progress -> {} : liveLine(err), LoadRun.Marks.NONE, Main.command());
        Signals.onStop(run::stop);
        Server.calmCompilers(); // or latencies would be the generator's own compilation
        try (PrintStream distribution = open(hgrm)) {
            LoadResult result = run.run();
            if (distribution != null) {
                run.writeDistribution(distribution);
                if (distribution.checkError()) {
                    throw new Failures.StartException("--hgrm can't be written: is the disk full?", null);
                }
            }
            out.print(json ? result.toJson() + System.lineSeparator() : LoadText.table(result));
            out.flush();
            if (result.requestsCount() == 0 && result.connectionsCount() > 0) {
                throw new Failures.StartException("no request was answered; " + whyNone(result), null);
            }
            LoadResult.IdleAnswers idle = result.idleAnswers();
            if (idle.askedCount() > 0 && idle.answeredCount() == 0) {
                throw new Failures.StartException(
                        "no idle connection was answered; errors: " + LoadText.errors(idle.errorsCount()), null);
            }
            return ExitCode.OK;
        }
    }

    private static String whyNone(LoadResult result) {
        String errors = LoadText.errors(result.errorsCount());
        return errors.isEmpty() ? "the run ended too early" : "errors: " + errors;
    }

    private static @Nullable PrintStream open(@Nullable Path file) {
        try {
            return file == null ? null : new PrintStream(Files.newOutputStream(file), false, StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new Failures.StartException("--hgrm can't be written: " + Failures.reason(e), e);
        }
    }

    private static Consumer<Progress> liveLine(PrintWriter err) {
        LiveLine live = new LiveLine(err);
        return progress -> {
            boolean last = progress.phaseSeconds() > 0 && progress.elapsedSeconds() >= progress.phaseSeconds();
            live.say(LoadText.line(progress), last);
        };
    }
}
