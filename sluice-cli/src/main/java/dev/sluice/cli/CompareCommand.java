package dev.sluice.cli;

import dev.sluice.lab.compare.Comparison;
import dev.sluice.lab.compare.Shell;
import dev.sluice.lab.compare.Sweep;
import dev.sluice.lab.compare.Workload;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ThreadLocalRandom;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code sluice compare}. */
@Command(
        name = "compare",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        description = {
            "Measures the same workload on every I/O model that this machine can run: each server in a process of its own,"
                    + " kept apart from the generator, in rounds whose order is shuffled.",
            ""
        },
        footer = {
            "",
            "Examples:",
            "  sluice compare                                    one short answer, on every model",
            "  sluice compare --quick                            one short round each, in about a minute and a half",
            "  sluice compare --preset many-idle --models poll,epoll,io_uring",
            "  sluice compare --connections 1,10,100,1000        how each model scales",
            "  sluice compare --preset blocking-handler --workers none,32",
            "  sluice compare --also nginx --also 'mine=./server --port {port}'",
            "  sluice compare --models sleep-poll --sweep serve.poll-sleep=100us,1ms,10ms",
            "",
            "Ctrl-C keeps what was measured so far."
        })
final class CompareCommand implements Callable<Integer> {
    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Option(
            names = "--preset",
            paramLabel = "NAME",
            completionCandidates = Presets.class,
            description = "A workload of Sluice's own: ${COMPLETION-CANDIDATES} (default: plaintext).")
    private @Nullable String preset;

    @Option(names = "--presets", description = "Tells what each preset is, and measures nothing.")
    private boolean presets;

    @Option(
            names = "--workload",
            paramLabel = "FILE",
            description = "A workload of yours: a file of lines as in 'load.connections = 64', 'serve.respond = hello';"
                    + " docs/comparing.md tells all of them.")
    private @Nullable Path file;

    @Option(
            names = "--set",
            paramLabel = "KEY=VALUE",
            description = "Changes one setting of the workload, as in load.pipeline=4.")
    private Map<String, String> settings = Map.of();

    @Option(
            names = "--connections",
            paramLabel = "N",
            split = ",",
            description = "Active connections; several numbers, as in 1,10,100, draw how each model scales.")
    private List<String> connections = List.of();

    @Option(
            names = "--sweep",
            paramLabel = "KEY=V,V",
            description = "The same for any setting of the workload whose values are numbers or durations.")
    private @Nullable String sweep;

    @Option(
            names = "--cpu-per-request",
            paramLabel = "DURATION",
            description = "Handlers compute for so long, as in 1ms.")
    private @Nullable String cpuPerRequest;

    @Option(
            names = "--block-per-request",
            paramLabel = "DURATION",
            description = "Handlers wait for so long, as in 10ms.")
    private @Nullable String blockPerRequest;

    @Mixin
    private ContenderOptions contenders = new ContenderOptions();

    @Mixin
    private MeasureOptions measure = new MeasureOptions();

    /** For picocli. */
    CompareCommand() {}

    @Override
    public Integer call() throws IOException, InterruptedException {
        if (presets) {
            PrintWriter out = spec.commandLine().getOut();
            for (String name : Workload.PRESETS) {
                out.printf("%-17s %s%n", name, Workload.preset(name).words());
            }
            out.flush();
            return CommandLine.ExitCode.OK;
        }
        Sweep over = sweep();
        List<String> typed =
                new ArrayList<>(spec.root().commandLine().getParseResult().originalArgs());
        long seed = measure.seed().orElseGet(() -> ThreadLocalRandom.current().nextLong(1, 1_000_000));
        if (measure.seed().isEmpty()) {
            typed.add("--seed=" + seed);
        }
        Comparison.Plan plan = new Comparison.Plan(
                over,
                contenders.choices(),
                contenders.also(),
                measure.rounds(),
                measure.warmup(),
                measure.duration(),
                measure.pinning(),
                seed,
                Main.command(),
                "./sluice " + String.join(" ", typed.stream().map(Shell::quote).toList()));
        return ComparisonRun.untilDone(
                spec.commandLine(),
                plan,
                measure.output(over.points().getFirst().workload()));
    }

    private Sweep sweep() {
        Workload workload = workload();
        if (sweep != null && connections.size() > 1) {
            throw wrong("--sweep and several --connections exclude each other");
        }
        if (!connections.isEmpty()) {
            Sweep over = Sweep.of(workload, Workload.CONNECTIONS, connections);
            workload = over.points().getFirst().workload();
            if (sweep == null) {
                return over;
            }
        }
        if (sweep == null) {
            return Sweep.none(workload);
        }
        int equals = sweep.indexOf('=');
        if (equals < 1) {
            throw wrong("--sweep is '" + sweep + "', must be KEY=V,V as in serve.poll-sleep=100us,1ms");
        }
        return Sweep.of(
                workload,
                sweep.substring(0, equals),
                List.of(sweep.substring(equals + 1).split(",")));
    }

    private Workload workload() {
        if (preset != null && file != null) {
            throw wrong("--preset and --workload exclude each other");
        }
        Workload workload = file != null ? read(file) : Workload.preset(preset == null ? "plaintext" : preset);
        if (cpuPerRequest != null) {
            workload = workload.changed("serve.cpu-per-request", cpuPerRequest);
        }
        if (blockPerRequest != null) {
            workload = workload.changed("serve.block-per-request", blockPerRequest);
        }
        for (Map.Entry<String, String> setting : settings.entrySet()) {
            workload = workload.changed(setting.getKey(), setting.getValue());
        }
        return workload;
    }

    private Workload read(Path named) {
        try {
            return Workload.read(named);
        } catch (IOException e) {
            throw wrong(
                    "--workload " + named + " can't be read (" + e.getClass().getSimpleName() + ")");
        }
    }

    /** The names that {@code --preset} takes. */
    static final class Presets implements Iterable<String> {
        /** For picocli. */
        Presets() {}

        @Override
        public Iterator<String> iterator() {
            return Workload.PRESETS.iterator();
        }
    }

    private ParameterException wrong(String message) {
        return new ParameterException(spec.commandLine(), message);
    }
}
