package dev.sluice.lab.compare;

import dev.sluice.lab.compare.Results.Figures;
import java.time.Duration;
import java.util.Locale;
import java.util.function.Consumer;

/** Tells how far a comparison has come, and how long the rest may take. For one thread. */
public final class Progress {
    private final Consumer<String> told;
    private final String aRequest;
    private final long guessNanos;
    private int steps;
    private int done;
    private long begun = System.nanoTime();

    /**
     * Tells nothing yet.
     *
     * @param aRequest what is measured does one, in words, as in "a request"
     * @param guess how long a step may take, until some have shown it
     */
    public Progress(Consumer<String> told, String aRequest, Duration guess) {
        this.told = told;
        this.aRequest = aRequest;
        this.guessNanos = guess.toNanos();
    }

    /**
     * Says what is done.
     *
     * @param how the rounds are made, in words
     */
    public void begin(String what, int count, int rounds, String how) {
        steps = count;
        told.accept(what + ". " + count + " measurements in " + rounds + (rounds == 1 ? " round, " : " rounds, ") + how
                + "; about " + left(0));
        stepsBegin();
    }

    /** What was done until now is no step's time. */
    public void stepsBegin() {
        begun = System.nanoTime();
    }

    /** Says what a step saw. */
    public void measured(String what, int round, Figures figures) {
        Double cpu = figures.cpuMicros();
        told.accept(String.format(
                Locale.ROOT,
                "[%d/%d] round %d: %s: %,.0f/s, p99 %,.0f us%s%s; about %s left",
                done + 1,
                steps,
                round,
                what,
                figures.requestsPerSecond(),
                figures.p99Micros(),
                cpu == null ? "" : String.format(Locale.ROOT, ", %.1f us CPU %s", cpu, aRequest),
                figures.errorsCount() == 0 ? "" : ", " + figures.errorsCount() + " errors",
                left(done + 1)));
    }

    /** Says what came to nothing, and why. */
    public void failed(String what) {
        told.accept("[" + (done + 1) + "/" + steps + "] left out: " + what);
    }

    /** Measured, failed or left out. */
    public void stepEnded() {
        done++;
    }

    private String left(int finished) {
        long each = finished == 0 ? guessNanos : (System.nanoTime() - begun) / finished;
        long seconds = Math.round(each * (double) (steps - finished) / 1e9);
        return seconds < 90 ? seconds + " s" : Math.round(seconds / 60.0) + " min";
    }
}
