package dev.sluice.lab.compare;

import dev.sluice.lab.compare.Results.Round;
import dev.sluice.lab.load.LoadResult;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Measures the same workload on several servers. Each round starts every server afresh, in an order of its own, so that
 * whatever drifts meanwhile hits them all alike, and each figure carries what two starts of a JVM differ by.
 * {@link #stop} may come from any thread; all else is for one thread.
 */
public final class Comparison implements AutoCloseable {
    /**
     * What is to be compared, and how.
     *
     * @param sweep the workload, at one value or at several
     * @param choices ours, in the order of the table
     * @param also others' servers, as {@code --also} takes them
     * @param warmup how long the load is offered before it counts
     * @param duration how long it counts
     * @param seed of the order
     * @param sluice the command that starts Sluice, without a sub-command
     * @param commandLine what makes these results again, for people
     */
    public record Plan(
            Sweep sweep,
            List<Choice> choices,
            List<String> also,
            int rounds,
            Duration warmup,
            Duration duration,
            Pinning pinning,
            long seed,
            List<String> sluice,
            String commandLine) {
        Workload workload() {
            return sweep.points().getFirst().workload();
        }
    }

    /** What a step takes besides its load: starting a server and a generator, and ending them. */
    private static final Duration AROUND = Duration.ofSeconds(3);

    private record Step(int round, Contender contender, Sweep.Point point) {}

    private final Plan plan;
    private final Path folder;
    private final List<Contender> contenders = new ArrayList<>();
    private final Ledger ledger;
    private final Consumer<Results> kept;
    private final Progress progress;
    private int order;
    private volatile boolean stopped;
    private volatile @Nullable ServerProcess server;
    private volatile @Nullable Generator generator;

    /**
     * Prepares a comparison.
     *
     * @param told given lines of progress
     * @param kept given the results so far, before the first measurement and after each
     * @throws IllegalArgumentException where a server of another's is not installed, or not named as it should be
     */
    public Comparison(Plan plan, Consumer<String> told, Consumer<Results> kept) throws IOException {
        this.plan = plan;
        this.kept = kept;
        this.folder = Files.createTempDirectory("sluice-compare");
        contenders.addAll(new SluiceContenders(plan.sluice(), plan.workload(), folder).of(plan.choices()));
        try {
            for (String other : plan.also()) {
                contenders.add(References.of(other, plan.workload(), folder));
            }
        } catch (IllegalArgumentException e) {
            Folders.delete(folder);
            throw e;
        }
        this.ledger = new Ledger(plan, contenders);
        this.progress = new Progress(
                told, "a request", plan.warmup().plus(plan.duration()).plus(AROUND));
    }

    /** Whether some server that could have been measured was not, for a failure of its own. */
    public boolean failed() {
        return ledger.failed();
    }

    /**
     * Measures, until all is done or it is stopped.
     *
     * @return the results, complete unless it was stopped
     * @throws IllegalArgumentException where the generator doesn't take the workload
     */
    public Results run() throws IOException, InterruptedException {
        kept.accept(ledger.results(false)); // before minutes are spent: results may have no place
        List<Step> steps = Rounds.shuffled(plan.rounds(), plan.seed(), this::steps);
        progress.begin(
                plan.workload().name() + ": " + plan.workload().words(),
                steps.size(),
                plan.rounds(),
                "order by seed " + plan.seed() + "; pinning: " + plan.pinning().words());
        for (Step step : steps) {
            if (stopped) {
                return ledger.results(false);
            }
            if (ledger.failure(step.contender()).isEmpty()) {
                take(step);
            }
            progress.stepEnded();
        }
        return ledger.results(!stopped);
    }

    /** Deletes what it and its servers left in files. */
    @Override
    public void close() throws IOException {
        Folders.delete(folder);
    }

    /** Ends the measurement of the moment, and what would follow. */
    public void stop() {
        stopped = true;
        Generator load = generator;
        if (load != null) {
            load.close();
        }
        ServerProcess running = server;
        if (running != null) {
            running.close();
        }
    }

    private List<Step> steps(int round) {
        List<Step> steps = new ArrayList<>();
        for (Contender contender : contenders) {
            for (Sweep.Point point : plan.sweep().points()) {
                if (contender.skipped().isEmpty()
                        && contender.cannotHold(point.workload().held()).isEmpty()) {
                    steps.add(new Step(round, contender, point));
                }
            }
        }
        return steps;
    }

    private void take(Step step) throws IOException, InterruptedException {
        try {
            Round round = measure(step);
            ledger.add(step.contender(), step.point(), round);
            progress.measured(step.contender().name() + at(step.point()), step.round(), round.figures());
            kept.accept(ledger.results(false));
        } catch (ServerException e) {
            if (!stopped) {
                ledger.fail(step.contender(), e.getMessage() == null ? e.toString() : e.getMessage());
                progress.failed(String.valueOf(e.getMessage()));
            }
        } catch (IOException e) {
            if (!stopped) {
                throw e; // else its streams were closed by stop()
            }
        }
    }

    private static String at(Sweep.Point point) {
        String at = point.value() == 0 ? "" : String.format(Locale.ROOT, " at %,.10g", point.value());
        return at.contains(".") ? at.replaceAll("0+$", "").replaceAll("\\.$", "") : at;
    }

    private Round measure(Step step) throws IOException, InterruptedException, ServerException {
        Workload workload = step.point().workload();
        order++;
        Path own = folder.resolve("step-" + order);
        try (ServerProcess process =
                ServerProcess.start(step.contender(), workload, plan.pinning().server(), own)) {
            server = process;
            try {
                if (workload.held() >= Sample.CONNECTIONS_THAT_SHOW) {
                    offer(process, workload.few(), own, Duration.ofMillis(200));
                }
                Round round = offer(process, workload, own, plan.duration());
                ledger.features(step.contender(), process.counters());
                return round;
            } catch (ServerException e) {
                // The generator's complaint of a server that is gone tells less than the server's own last words.
                throw process.isAlive() ? e : process.failed("has ended");
            }
        } finally {
            server = null;
            Folders.delete(own);
        }
    }

    private Round offer(ServerProcess process, Workload workload, Path own, Duration duration)
            throws IOException, InterruptedException, ServerException {
        Sample bare = Sample.of(process);
        try (Generator load = Generator.start(
                plan.sluice(),
                workload,
                process.port(),
                plan.warmup(),
                duration,
                plan.pinning().generator(),
                own)) {
            generator = load;
            if (stopped) {
                throw new ServerException("the comparison was stopped");
            }
            load.awaitMeasuring();
            Sample start = Sample.of(process);
            load.awaitMeasured();
            Sample end = Sample.of(process);
            LoadResult result = load.finish();
            requireHeld(process, workload, result, Sample.refused(bare, end));
            return new Round(order, result, Sample.figures(result, bare, start, end, workload.held()));
        } finally {
            generator = null;
        }
    }

    /** A server that ended, or held fewer connections than the others did, was not measured by the same load. */
    private static void requireHeld(ServerProcess process, Workload workload, LoadResult result, long refusedCount)
            throws ServerException, InterruptedException {
        if (!process.isAlive()) {
            throw process.failed("has ended");
        }
        if (refusedCount > 0) {
            throw process.failed("refused " + refusedCount + " connections");
        }
        if (result.idleCount() < workload.idle()) {
            throw process.failed("held only " + result.idleCount() + " of " + workload.idle() + " idle connections");
        }
    }
}
