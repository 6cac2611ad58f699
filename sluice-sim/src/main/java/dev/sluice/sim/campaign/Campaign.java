package dev.sluice.sim.campaign;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Plays one seed after another, each in a world of its own, on several threads; until all are played, the time is over, or one
 * fails. Of several that fail the smallest seed is told, and every smaller one was played to its end, so that what is found
 * depends neither on the number of threads nor on their speed.
 */
public final class Campaign {
    private static final long PROGRESS_NANOS = Duration.ofSeconds(1).toNanos();

    private final Run pattern;
    private final long from;
    private final long count;
    private final long mostNanos;
    private final int threadCount;

    private final Object lock = new Object();
    private final TreeMap<Long, Outcome> failures = new TreeMap<>();
    private Totals totals = Totals.NONE;
    private long next;
    private boolean stopped;
    private @Nullable Throwable broken;
    private int running;

    /**
     * A campaign.
     *
     * @param pattern the run, whatever its seed
     * @param from the first seed
     * @param count how many seeds at most
     * @param most how long at most; a world that is being played is played to its end
     * @param threadCount on how many threads
     */
    public Campaign(Run pattern, long from, long count, Duration most, int threadCount) {
        if (count < 1 || threadCount < 1) {
            throw new IllegalArgumentException("a campaign of " + count + " seeds on " + threadCount + " threads");
        }
        this.pattern = pattern;
        this.from = from;
        this.count = count;
        this.mostNanos = most.toNanos();
        this.threadCount = threadCount;
    }

    /** What came of a campaign: the figures, and the failure of the smallest seed that failed, or null. */
    public record Result(Totals totals, @Nullable Outcome failed) {}

    /**
     * Plays them. The calling thread waits, and tells of the progress once a second.
     *
     * @param told is given each outcome, on any of the threads, one at a time
     */
    public Result run(Consumer<Totals> progress, Consumer<Outcome> told) throws InterruptedException {
        long start = System.nanoTime();
        List<Thread> threads = new ArrayList<>();
        synchronized (lock) {
            for (int i = 1; i <= threadCount; i++) {
                running++;
                threads.add(Thread.ofPlatform().name("sluice-sim-" + i).start(() -> work(start, told)));
            }
            awaitEnd(start, progress);
        }
        for (Thread thread : threads) {
            thread.join();
        }
        synchronized (lock) {
            if (broken != null) {
                throw new IllegalStateException("a thread of the campaign ended: " + broken, broken);
            }
            Outcome failed = failures.isEmpty() ? null : failures.firstEntry().getValue();
            return new Result(totals.after(System.nanoTime() - start), failed);
        }
    }

    private void awaitEnd(long start, Consumer<Totals> progress) throws InterruptedException {
        long due = start + PROGRESS_NANOS;
        while (running > 0) {
            long wait = due - System.nanoTime();
            if (wait > 0) {
                lock.wait(wait / 1_000_000 + 1);
            } else {
                progress.accept(totals.after(System.nanoTime() - start));
                due += PROGRESS_NANOS;
            }
        }
    }

    /** Begins no further world; from any thread. */
    public void stop() {
        synchronized (lock) {
            stopped = true;
        }
    }

    private void work(long start, Consumer<Outcome> told) {
        Throwable thrown = null;
        try {
            for (Long seed = take(start); seed != null; seed = take(start)) {
                Outcome outcome = pattern.withSeed(seed).play();
                synchronized (lock) {
                    totals = totals.plus(outcome);
                    if (outcome.failure() != null) {
                        failures.put(seed, outcome);
                        stopped = true;
                    }
                    told.accept(outcome);
                }
            }
        } catch (Throwable e) {
            thrown = e;
        }
        synchronized (lock) {
            broken = broken == null ? thrown : broken;
            stopped |= thrown != null;
            running--;
            lock.notifyAll();
        }
    }

    /** The next seed, or null. Seeds are begun in their order, so none below a failure is left out. */
    private @Nullable Long take(long start) {
        synchronized (lock) {
            if (stopped || next == count || System.nanoTime() - start >= mostNanos) {
                return null;
            }
            return from + next++;
        }
    }
}
