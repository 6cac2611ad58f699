package dev.sluice.cli;

import dev.sluice.disk.DiskEngine;
import dev.sluice.lab.compare.Shell;
import dev.sluice.lab.disk.DiskChoice;
import dev.sluice.lab.disk.DiskPattern;
import dev.sluice.lab.disk.DiskPlan;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ThreadLocalRandom;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code sluice disk}. */
@Command(
        name = "disk",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        description = {
            "Measures a disk through each engine of this machine, through the page cache (buffered) and past it (direct), with"
                    + " one and with many operations in flight: rate, bandwidth, latency, CPU time and system calls an operation.",
            "",
            "It makes a file of its own in the folder, checks every block that it reads, and removes the file in the end, on"
                    + " Ctrl-C too. No other file is touched.",
            ""
        },
        footer = {
            "",
            "Patterns: random-read, random-write, random-write-sync, random-mixed (7 of 10 read), and the same with sequential-."
                    + " A write-sync is over when the block is durable.",
            "",
            "Examples:",
            "  sluice disk                         the current folder's, in about a minute",
            "  sluice disk /var/lib/data --quick   one short round each, in ten seconds",
            "  sluice disk --modes direct --depths 1,2,4,8,16,32,64,128,256",
            "  sluice disk --pattern random-write-sync --depths 1,16",
            "  sluice disk --pattern sequential-read --block 1m --size 4g --drop-cache",
            "  sluice disk --json disk.json --report disk.html",
            "  sluice report earlier.json disk.json   what has changed since",
            "",
            "Exit status: 0 all that runs here was measured, 1 a block was wrong, the disk failed or Ctrl-C, 2 wrong options."
        })
final class DiskCommand implements Callable<Integer> {
    private static final Duration QUICK = Duration.ofMillis(400);

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Parameters(
            paramLabel = "FOLDER",
            arity = "0..1",
            defaultValue = ".",
            description = "Where the file is made: on the disk to be measured (default: the current folder).")
    private Path folder = Path.of(".");

    @Option(
            names = "--pattern",
            paramLabel = "NAME",
            defaultValue = "random-read",
            completionCandidates = Patterns.class,
            description = "What is done to the file (default: ${DEFAULT-VALUE}).")
    private String pattern = "random-read";

    @Option(
            names = "--engines",
            paramLabel = "NAME",
            split = ",",
            completionCandidates = Engines.class,
            description = "Which engines, of ${COMPLETION-CANDIDATES} (default: all).")
    private List<String> engines = List.copyOf(Engines.NAMES);

    @Option(
            names = "--modes",
            paramLabel = "MODE",
            split = ",",
            description = "buffered, direct, or both (default: both).")
    private Set<String> modes = new LinkedHashSet<>(List.of("buffered", "direct"));

    @Option(
            names = "--depths",
            paramLabel = "N",
            split = ",",
            description = "How many operations are kept in flight, 1 to 256; a list draws a curve (default: 1,32).")
    private List<Integer> depths = List.of(1, 32);

    @Option(
            names = "--batch",
            paramLabel = "N",
            description = "How many operations are begun at once, where so many may be, before the engine submits them"
                    + " (default: a sixteenth of the depth). More cost fewer system calls, and let the disk wait.")
    private @Nullable Integer batch;

    @Option(
            names = "--block",
            paramLabel = "SIZE",
            defaultValue = "4k",
            converter = SizeConverter.class,
            description = "Bytes of an operation (default: ${DEFAULT-VALUE}).")
    private long block = 4096;

    @Option(
            names = "--size",
            paramLabel = "SIZE",
            defaultValue = "256m",
            converter = SizeConverter.class,
            description =
                    "Of the file (default: ${DEFAULT-VALUE}). What fits into memory is read from the page cache unless"
                            + " it is direct.")
    private long size = 256L << 20;

    @Option(
            names = "--drop-cache",
            description =
                    "Drops the file from the page cache before each buffered measurement counts; else all of it is"
                            + " read into it before.")
    private boolean dropCache;

    @Option(names = "--quick", description = "One short round: a first impression, without a spread.")
    private boolean quick;

    @Option(
            names = "--rounds",
            paramLabel = "N",
            description = "How often each is measured (default: 3; with --quick 1).")
    private @Nullable Integer rounds;

    @Option(
            names = "--duration",
            paramLabel = "DURATION",
            converter = DurationConverter.class,
            description = "How long each measurement counts (default: 1s; with --quick 400ms).")
    private @Nullable Duration duration;

    @Option(
            names = "--warmup",
            paramLabel = "DURATION",
            converter = DurationConverter.class,
            description = "How long each runs before it counts (default: 400ms).")
    private Duration warmup = QUICK;

    @Option(
            names = "--seed",
            paramLabel = "N",
            description = "Of the order, the blocks and their content (default: another each time).")
    private @Nullable Long seed;

    @Option(
            names = "--json",
            paramLabel = "FILE",
            description = "Where the results go as JSON, which 'sluice report' reads (docs/results-schema.md).")
    private @Nullable Path json;

    @Option(
            names = "--report",
            paramLabel = "FILE",
            description = "Where the report goes: one HTML file that needs no network.")
    private @Nullable Path report;

    @Option(
            names = "--step",
            description = "Waits for a line on standard input before each measurement, so that another program can take"
                    + " its turn on the same file; standard error names it.")
    private boolean step;

    /** For picocli. */
    DiskCommand() {}

    @Override
    public Integer call() throws InterruptedException {
        return DiskRun.untilDone(spec.commandLine(), plan(), json, report, step);
    }

    private DiskPlan plan() {
        if (!Files.isDirectory(folder)) {
            throw wrong("there is no folder " + folder + ": name one on the disk to be measured");
        }
        for (String mode : modes) {
            if (!List.of("buffered", "direct").contains(mode)) {
                throw wrong("--modes has '" + mode + "', must be buffered, direct, or both as in buffered,direct");
            }
        }
        for (String engine : engines) {
            if (DiskEngine.named(engine).isEmpty()) {
                throw wrong("no engine is named '" + engine + "'; there are " + String.join(", ", Engines.NAMES));
            }
        }
        if (block > Integer.MAX_VALUE) {
            throw wrong("--block is " + block + " bytes, must be at most 16m");
        }
        List<String> typed =
                new ArrayList<>(spec.root().commandLine().getParseResult().originalArgs());
        long start = seed != null ? seed : ThreadLocalRandom.current().nextLong(1, 1_000_000);
        if (seed == null) {
            typed.add("--seed=" + start);
        }
        return new DiskPlan(
                folder,
                DiskPattern.named(pattern),
                (int) block,
                size,
                DiskChoice.all(
                        engines.stream().distinct().toList(), modes.contains("buffered"), modes.contains("direct")),
                depths,
                batch,
                rounds != null ? rounds : quick ? 1 : 3,
                warmup,
                duration != null ? duration : quick ? QUICK : Duration.ofSeconds(1),
                dropCache,
                start,
                "./sluice " + String.join(" ", typed.stream().map(Shell::quote).toList()));
    }

    private ParameterException wrong(String message) {
        return new ParameterException(spec.commandLine(), message);
    }

    /** The names that {@code --pattern} takes. */
    static final class Patterns implements Iterable<String> {
        /** For picocli. */
        Patterns() {}

        @Override
        public Iterator<String> iterator() {
            return DiskPattern.names().iterator();
        }
    }

    /** The names that {@code --engines} takes. */
    static final class Engines implements Iterable<String> {
        static final List<String> NAMES =
                Arrays.stream(DiskEngine.values()).map(DiskEngine::label).toList();

        /** For picocli. */
        Engines() {}

        @Override
        public Iterator<String> iterator() {
            return NAMES.iterator();
        }
    }
}
