package dev.sluice.lab.disk;

import dev.sluice.disk.DiskEngine;
import dev.sluice.disk.DiskOptions;
import dev.sluice.disk.DrivenDisk;
import dev.sluice.lab.compare.Progress;
import dev.sluice.lab.compare.Results;
import dev.sluice.lab.compare.Results.Round;
import dev.sluice.lab.compare.Rounds;
import dev.sluice.os.SysException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Measures the same file through several engines, buffered and direct, at several depths. Each round takes all of them, in an
 * order of its own, so that whatever drifts meanwhile hits them all alike. {@link #stop} may come from any thread; all else is
 * for one thread.
 */
public final class DiskComparison implements AutoCloseable {
    private record Step(int round, DiskChoice choice, int depth) {}

    /** What comes before each measurement: another program's turn, say. */
    public interface Pause {
        void before(String name, int depth) throws InterruptedException;
    }

    private final DiskPlan plan;
    private final TestFile file;
    private final DiskLedger ledger;
    private final Consumer<String> told;
    private final Consumer<Results> kept;
    private final Pause pause;
    private final Progress progress;
    private int order;
    private volatile boolean stopped;

    /**
     * Makes the file, still empty.
     *
     * @param told given lines of progress
     * @param kept given the results so far, before the first measurement and after each
     * @throws DiskException where the file can't be made there, or there is too little room for it
     */
    public DiskComparison(DiskPlan plan, Consumer<String> told, Consumer<Results> kept, Pause pause)
            throws DiskException {
        this.plan = plan;
        this.told = told;
        this.kept = kept;
        this.pause = pause;
        this.file = TestFile.make(plan.folder(), new BlockContent(plan.seed()), plan.blocksCount(), plan.blockBytes());
        this.ledger = new DiskLedger(plan, file.place());
        this.progress = new Progress(told, "an operation", plan.warmup().plus(plan.duration()));
    }

    /** Where the file is, for others to look at it. */
    public Path file() {
        return file.path();
    }

    /**
     * Measures, until all is done or it is stopped.
     *
     * @return the results, complete unless it was stopped
     * @throws DiskException where a block isn't what was written, or the file system fails
     */
    public Results run() throws DiskException, InterruptedException {
        plan.choices().forEach(this::requireAvailable);
        kept.accept(ledger.results(false)); // before minutes are spent: results may have no place
        progress.begin(ledger.words(), plan.stepsCount(), plan.rounds(), "order by seed " + plan.seed());
        file.lay(() -> stopped);
        progress.stepsBegin();
        for (Step step : Rounds.shuffled(plan.rounds(), plan.seed(), this::steps)) {
            if (stopped) {
                return ledger.results(false);
            }
            if (ledger.failure(step.choice()).isEmpty()) {
                take(step);
            }
            progress.stepEnded();
        }
        if (plan.pattern().writes() && !stopped) {
            file.dropCache();
            file.readAll();
            told.accept(
                    "all " + plan.blocksCount() + " blocks were read back from the disk: each holds its last write");
        }
        return ledger.results(!stopped);
    }

    /** Ends the measurement of the moment, and what would follow. */
    public void stop() {
        stopped = true;
    }

    /** Removes the file. */
    @Override
    public void close() throws DiskException {
        file.close();
    }

    private void requireAvailable(DiskChoice choice) {
        var availability = engine(choice).availability();
        if (!availability.available()) {
            ledger.fail(choice, availability.reason() + "; " + availability.cure());
        } else {
            ledger.features(choice, availability.reason());
        }
    }

    private static DiskEngine engine(DiskChoice choice) {
        return DiskEngine.named(choice.engine()).orElseThrow();
    }

    private List<Step> steps(int round) {
        List<Step> steps = new ArrayList<>();
        for (DiskChoice choice : plan.choices()) {
            for (int depth : plan.depths()) {
                steps.add(new Step(round, choice, depth));
            }
        }
        return steps;
    }

    private void take(Step step) throws DiskException, InterruptedException {
        try {
            pause.before(step.choice().name(), step.depth());
            prepareCache(step.choice());
            Measurement.Seen seen = measure(step);
            if (seen != null) {
                Round round = DiskFigures.round(++order, plan, step.choice(), step.depth(), seen);
                ledger.add(step.choice(), step.depth(), round);
                progress.measured(
                        step.choice().name() + ", " + step.depth() + " in flight", step.round(), round.figures());
                kept.accept(ledger.results(false));
            }
        } catch (DiskException.Refused e) {
            ledger.fail(step.choice(), String.valueOf(e.getMessage()));
            progress.failed(step.choice().name() + ": " + e.getMessage());
        }
        if (plan.pattern().writes()) {
            file.sync(); // what it left to be written is not the next one's burden
        }
    }

    /** The same beginning for all: nothing of the file is in the page cache, or all of it. */
    private void prepareCache(DiskChoice choice) throws DiskException {
        if (choice.direct() || plan.dropCache()) {
            file.dropCache();
        } else if (fitsIntoMemory()) {
            file.readAll();
        }
    }

    private boolean fitsIntoMemory() {
        try (Stream<String> lines = Files.lines(Path.of("/proc/meminfo"))) {
            return lines.filter(line -> line.startsWith("MemAvailable:"))
                    .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")) << 10)
                    .anyMatch(available -> available / 2 > plan.sizeBytes());
        } catch (IOException e) {
            return false; // no /proc: nothing is known of it
        }
    }

    private Measurement.@Nullable Seen measure(Step step) throws DiskException {
        Measurement.Task task = new Measurement.Task(
                plan.pattern(),
                step.choice().direct(),
                step.depth(),
                plan.batchAt(step.depth()),
                plan.warmup(),
                plan.duration(),
                plan.seed() + order,
                plan.dropCache() && !step.choice().direct() ? file::dropCache : () -> {},
                () -> stopped);
        try (DrivenDisk disk = engine(step.choice()).open(options(step.depth()))) {
            return new Measurement(disk, task, file).run();
        } catch (SysException e) {
            throw new DiskException.Refused(String.valueOf(e.getMessage()));
        }
    }

    /** As many threads as the depth has a use for, and entries: a write and its sync take two. */
    private static DiskOptions options(int depth) {
        return DiskOptions.standard().withThreads(depth).withEntries(2 * Integer.highestOneBit(2 * depth - 1));
    }
}
