package dev.sluice.cli;

import dev.sluice.sim.campaign.Campaign;
import dev.sluice.sim.campaign.Outcome;
import dev.sluice.sim.campaign.Run;
import dev.sluice.sim.campaign.Shrinker;
import java.io.PrintWriter;
import java.time.Duration;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code sluice sim}. */
@Command(
        name = "sim",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        description = {
            "Runs a bundled service in simulated worlds: a network, kernels and clients in virtual time, where a seed decides every"
                    + " delay, order and fault.",
            "",
            "The same seed is the same world, byte for byte, on any machine. What fails is told with its seed, the last lines of"
                    + " its story, and the command that plays it again.",
            ""
        },
        footer = {
            "",
            "Examples:",
            "  sluice sim http                              1,000 seeds, on all cores",
            "  sluice sim http --for 10m --from 1000000     other seeds, for ten minutes",
            "  sluice sim http --seed 4711 --story          one world, line by line",
            "  sluice sim http --seed 4711 --shrink         a shorter run that fails so",
            "  sluice sim files                             files that change, on a disk that fails",
            "  sluice sim echo --faults loss=0.1,reset=0.05 --beneath edge",
            "",
            "docs/simulation.md tells what each fault is, how a story reads, and how to test a service of your own.",
            "Exit status: 0 all seeds held, 1 one failed, 2 the command line was wrong."
        })
final class SimCommand implements Callable<Integer> {
    private static final long SEEDS = 1000;

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Parameters(
            paramLabel = "SERVICE",
            description =
                    "echo, http, files, relay (between clients and a server), proxy, proxied-proxy (behind another"
                            + " one) or kv.")
    private String service = "";

    // ---- which seeds

    @Option(names = "--seeds", paramLabel = "N", description = "So many seeds (default: 1000, or with --for no limit).")
    private @Nullable Long seeds;

    @Option(
            names = "--for",
            paramLabel = "DURATION",
            converter = DurationConverter.class,
            description = "As many seeds as there is time for, as in 10m.")
    private @Nullable Duration time;

    @Option(
            names = "--from",
            paramLabel = "S",
            defaultValue = "0",
            description = "The first seed (default: ${DEFAULT-VALUE}).")
    private long from;

    @Option(names = "--seed", paramLabel = "S", description = "This seed alone.")
    private @Nullable Long seed;

    @Option(
            names = "--threads",
            paramLabel = "N",
            defaultValue = "0",
            description = "Worlds that are played at once; 0: one a core (default: ${DEFAULT-VALUE}).")
    private int threads;

    // ---- what they are like

    @Mixin
    private SimOptions options = new SimOptions();

    // ---- what is told

    @Option(names = "--story", description = "Prints the story of each world: time, host, connection, event.")
    private boolean story;

    @Option(names = "--hash", description = "Prints each seed with the hash of its story, and nothing else.")
    private boolean hash;

    @Option(
            names = "--shrink",
            description =
                    "When a seed fails: looks for a shorter run that fails with the same words, with fewer faults, clients"
                            + " and requests, among some further seeds too.")
    private boolean shrink;

    /** For picocli. */
    SimCommand() {}

    @Override
    public Integer call() throws InterruptedException {
        PrintWriter out = spec.commandLine().getOut();
        Run pattern = options.run(service);
        requireSense();
        if (story) {
            return tell(pattern, out);
        }
        TreeMap<Long, Outcome> hashes = new TreeMap<>();
        LiveLine live = new LiveLine(spec.commandLine().getErr());
        Campaign campaign = campaign(pattern);
        Signals.onStop(campaign::stop);
        Campaign.Result result = campaign.run(totals -> live.show(SimText.line(service, totals)), outcome -> {
            if (hash) {
                hashes.put(outcome.run().seed(), outcome);
            }
        });
        live.clear();
        for (Map.Entry<Long, Outcome> entry : hashes.entrySet()) {
            out.println(entry.getKey() + " " + Long.toHexString(entry.getValue().storyHash()));
        }
        return report(result, out);
    }

    private void requireSense() {
        if (seed != null && (seeds != null || time != null || from != 0)) {
            throw new IllegalArgumentException("--seed is one seed alone: leave --seeds, --for and --from out");
        }
        if (story && (hash || shrink)) {
            throw new IllegalArgumentException("--story prints what happens: leave --hash and --shrink out");
        }
        if (seeds != null && seeds < 1) {
            throw new IllegalArgumentException("--seeds is " + seeds + ", must be at least 1");
        }
        if (threads < 0) {
            throw new IllegalArgumentException("--threads is " + threads + ", must be at least 0");
        }
    }

    private long first() {
        return seed == null ? from : seed;
    }

    private long count() {
        if (seed != null) {
            return 1;
        }
        return seeds != null ? seeds : time != null ? Long.MAX_VALUE : story ? 1 : SEEDS;
    }

    private Campaign campaign(Run pattern) {
        int cores = Runtime.getRuntime().availableProcessors();
        return new Campaign(
                pattern,
                first(),
                count(),
                time == null ? Duration.ofDays(10_000) : time,
                threads == 0 ? cores : threads);
    }

    /** One world after another, so that their stories don't mix. */
    private int tell(Run pattern, PrintWriter out) {
        long start = System.nanoTime();
        for (long i = 0; i < count() && (time == null || System.nanoTime() - start < time.toNanos()); i++) {
            Outcome outcome = pattern.withSeed(first() + i).play(out::println);
            out.flush();
            if (outcome.failure() != null) {
                out.println(SimText.failure(service, outcome));
                out.flush();
                return ExitCode.SOFTWARE;
            }
        }
        return ExitCode.OK;
    }

    private int report(Campaign.Result result, PrintWriter out) {
        Outcome failed = result.failed();
        if (!hash) {
            out.print(SimText.summary(service, result.totals()));
        }
        if (failed != null) {
            out.println(SimText.failure(service, failed));
            if (shrink && !failed.ended()) {
                out.println("shrinking: a world that never ends can't be made shorter");
            } else if (shrink) {
                out.println();
                out.flush();
                Outcome shortest = Shrinker.shrink(failed, step -> {
                    out.println("shrinking: " + step);
                    out.flush();
                });
                out.println(SimText.shrunk(service, failed, shortest));
            }
        } else if (!hash) {
            out.println("next: other seeds, with --from "
                    + (first() + result.totals().runCount()));
        }
        out.flush();
        return failed == null ? ExitCode.OK : ExitCode.SOFTWARE;
    }
}
