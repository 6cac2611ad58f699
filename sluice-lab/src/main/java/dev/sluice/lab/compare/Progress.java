package dev.sluice.lab.compare;

import dev.sluice.lab.compare.Results.Round;
import java.time.Duration;
import java.util.Locale;
import java.util.function.Consumer;

/** Tells how far a comparison has come, and how long the rest may take. For one thread. */
final class Progress {
    /** What a step takes besides its load: starting a server and a generator, and ending them. */
    private static final Duration AROUND = Duration.ofSeconds(3);

    private final Consumer<String> told;
    private final long guessNanos;
    private int steps;
    private int done;
    private long begun = System.nanoTime();

    Progress(Consumer<String> told, Duration load) {
        this.told = told;
        this.guessNanos = load.plus(AROUND).toNanos();
    }

    void begin(Comparison.Plan plan, int count) {
        steps = count;
        begun = System.nanoTime();
        told.accept(plan.workload().name() + ": " + plan.workload().words() + ". " + count + " measurements in "
                + plan.rounds() + (plan.rounds() == 1 ? " round" : " rounds") + ", order by seed " + plan.seed()
                + "; pinning: " + plan.pinning().words() + "; about " + left());
    }

    void measured(String name, Sweep.Point point, int round, Round result) {
        String at = point.value() == 0 ? "" : String.format(Locale.ROOT, " at %,.10g", point.value());
        at = at.contains(".") ? at.replaceAll("0+$", "").replaceAll("\\.$", "") : at;
        Double cpu = result.figures().cpuMicros();
        told.accept(String.format(
                Locale.ROOT,
                "[%d/%d] round %d: %s%s: %,.0f/s, p99 %,.0f us%s%s; about %s left",
                done + 1,
                steps,
                round,
                name,
                at,
                result.figures().requestsPerSecond(),
                result.figures().p99Micros(),
                cpu == null ? "" : String.format(Locale.ROOT, ", %.1f us CPU a request", cpu),
                result.figures().errorsCount() == 0
                        ? ""
                        : ", " + result.figures().errorsCount() + " errors",
                left(done + 1)));
    }

    void failed(ServerException failure) {
        told.accept(String.format(Locale.ROOT, "[%d/%d] left out: %s", done + 1, steps, failure.getMessage()));
    }

    void stepEnded() {
        done++;
    }

    private String left() {
        return left(done);
    }

    private String left(int finished) {
        long each = finished == 0 ? guessNanos : (System.nanoTime() - begun) / finished;
        long seconds = Math.round(each * (double) (steps - finished) / 1e9);
        return seconds < 90 ? seconds + " s" : Math.round(seconds / 60.0) + " min";
    }
}
