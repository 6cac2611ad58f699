package dev.sluice.lab.load;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** Judges whether the generator kept up, so that nobody takes its own limit for the server's. */
final class Health {
    /** Of a core for each thread; beyond it the generator waits for its processor rather than for the server. */
    private static final double BUSY = 0.95;
    /** Share of requests that may be late by {@link Lane#LATE_NANOS}. */
    private static final double LATE_SHARE = 0.01;
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
        double nanos = seconds * 1e9 * load.threadsCount();
        this.cpuShare = Math.min(1, time.runNanos() / nanos);
        this.waitShare = Math.min(1, time.waitNanos() / nanos);
        this.slippedNanos = lanes.stream().mapToLong(Lane::slippedNanos).max().orElse(0);
        this.slippedCount = lanes.stream().mapToLong(Lane::slippedCount).sum();
        this.requests = requests;
    }

    LoadResult.Generator generator(int idleCount, Lane.Unanswered unanswered) {
        boolean busy = cpuShare + waitShare >= BUSY;
        boolean late = slippedCount > requests * LATE_SHARE;
        long mostInFlight = (long) load.connectionsCount() * load.pipelineCount();
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
        if (load.isOpen() && !busy && !late && !LoadResult.held(requests, unanswered.count(), mostInFlight)) {
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
            words.add(idleCount + " of " + load.idleCount() + " idle connections were open at the end");
        }
        return new LoadResult.Generator(
                load.threadsCount(), cpuShare, slippedNanos / 1e3, busy || late, String.join("; ", words));
    }
}
