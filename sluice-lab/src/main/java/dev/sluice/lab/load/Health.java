package dev.sluice.lab.load;

import dev.sluice.Model;
import dev.sluice.Models;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** Judges whether the generator kept up, so that nobody takes its own limit for the server's. */
final class Health {
    /** Of a core for each thread; beyond it the generator waits for its processor rather than for the server. */
    private static final double BUSY = 0.95;
    /** Share of requests that may be late by {@link Lane#LATE_NANOS}. */
    private static final double LATE_SHARE = 0.01;
    /** Of the answers. */
    private static final double GROWTH = 0.01;

    private final Load load;
    private final double seconds;
    private final double cpuShare;
    /** As {@link #cpuShare}: able to run, and waiting for a processor. */
    private final double waitShare;

    private final long slippedNanos;
    private final long slippedCount;
    private final long requests;

    Health(Load load, double seconds, ProcessorTime time, List<Lane> lanes, long requests) {
        this.load = load;
        this.seconds = seconds;
        boolean loops = Models.choose(load.model()).can(Model.Ability.LOOPS);
        // Without loops there is a thread for each connection, and so many as there are processors can compute at once.
        int atOnce = loops
                ? load.threadsCount()
                : Math.clamp(load.connectionsCount(), 1, Runtime.getRuntime().availableProcessors());
        double nanos = seconds * 1e9 * atOnce;
        this.cpuShare = Math.clamp(time.runNanos() / nanos, 0, 1);
        this.waitShare = loops ? Math.clamp(time.waitNanos() / nanos, 0, 1) : 0;
        this.slippedNanos = lanes.stream().mapToLong(Lane::slippedNanos).max().orElse(0);
        this.slippedCount = lanes.stream().mapToLong(Lane::slippedCount).sum();
        this.requests = requests;
    }

    /**
     * Whether a rate was held: what is unanswered did not grow by more than a hundredth of the answers, or than they
     * fluctuate at random (their square root), and what is on its way of two bursts.
     *
     * @param growth of what was due and unanswered, and what failed
     */
    static boolean held(long answered, long growth, int burst) {
        return growth <= Math.max(answered * GROWTH, Math.sqrt((double) answered)) + 2.0 * burst;
    }

    LoadResult.Generator generator(int idleCount, String connectExample, boolean held, Lane.Unanswered unanswered) {
        boolean busy = cpuShare + waitShare >= BUSY;
        boolean late = slippedCount > requests * LATE_SHARE;
        List<String> words = new ArrayList<>();
        if (busy) {
            words.add(String.format(
                    Locale.ROOT,
                    "the generator computed %.0f %% of the time and waited for a processor %.0f %%: the server may be faster"
                            + " than this shows; give the generator more threads, or a core of its own",
                    cpuShare * 100,
                    waitShare * 100));
        }
        if (late) {
            words.add(String.format(
                    Locale.ROOT,
                    "%d requests left more than 1 ms late though a connection was free: the generator could not keep its"
                            + " schedule",
                    slippedCount));
        }
        if (!held && !busy && !late) {
            words.add(String.format(
                    Locale.ROOT,
                    "the server did not hold the rate: %.0f of %.0f a second; %d requests had no answer at the end, the"
                            + " oldest for %.0f ms, so delays grow with the run's length",
                    requests / seconds,
                    load.ratePerSecond(),
                    unanswered.count(),
                    unanswered.oldestNanos() / 1e6));
        }
        if (idleCount < load.idleCount()) {
            words.add(idleCount + " of " + load.idleCount() + " idle connections were open at the end"
                    + (connectExample.isEmpty() ? "" : "; the first that was not established: " + connectExample));
        }
        return new LoadResult.Generator(
                load.threadsCount(), cpuShare, slippedNanos / 1e3, busy || late, String.join("; ", words));
    }
}
