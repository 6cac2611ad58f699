package dev.sluice.lab.disk;

import dev.sluice.lab.compare.Results.Figures;
import java.util.Locale;
import java.util.function.Consumer;

/** Tells how far a comparison has come, and how long the rest may take. For one thread. */
final class DiskProgress {
    private static final long SECOND_NANOS = 1_000_000_000;
    private static final long LONG_SECONDS = 90;

    private final DiskPlan plan;
    private final Consumer<String> told;
    private final int steps;
    private int done;
    private long begun;

    DiskProgress(DiskPlan plan, Consumer<String> told) {
        this.plan = plan;
        this.told = told;
        this.steps = plan.stepsCount();
    }

    void laying(String words) {
        told.accept(
                words + ". " + steps + " measurements in " + plan.rounds() + (plan.rounds() == 1 ? " round" : " rounds")
                        + ", order by seed " + plan.seed() + "; about " + left(0));
    }

    void begin() {
        begun = System.nanoTime();
    }

    void measured(DiskChoice choice, int depth, int round, Figures figures) {
        Double cpu = figures.cpuMicros();
        told.accept(String.format(
                Locale.ROOT,
                "[%d/%d] round %d: %s, %d in flight: %,.0f/s, p99 %,.0f us%s; about %s left",
                done + 1,
                steps,
                round,
                choice.name(),
                depth,
                figures.requestsPerSecond(),
                figures.p99Micros(),
                cpu == null ? "" : String.format(Locale.ROOT, ", %.1f us CPU an operation", cpu),
                left(done + 1)));
    }

    void failed(DiskChoice choice, DiskException failure) {
        told.accept(String.format(
                Locale.ROOT, "[%d/%d] left out: %s: %s", done + 1, steps, choice.name(), failure.getMessage()));
    }

    void stepEnded() {
        done++;
    }

    private String left(int finished) {
        long each =
                finished == 0 ? plan.warmup().plus(plan.duration()).toNanos() : (System.nanoTime() - begun) / finished;
        long seconds = Math.round((double) each * (steps - finished) / SECOND_NANOS);
        return seconds < LONG_SECONDS ? seconds + " s" : Math.round(seconds / 60.0) + " min";
    }
}
