package dev.sluice.sim.campaign;

import dev.sluice.sim.WorldFailure;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Plays one seed after another, each in a world of its own, on several threads; until all are played, the time is over, or one
 * fails or never ends. Of several that fail the smallest seed is told, and every smaller one was played to its end, so that what is found
 * depends neither on the number of threads nor on their speed.
 */
public final class Campaign {
    private static final long PROGRESS_NANOS = Duration.ofSeconds(1).toNanos();
    /** Most worlds take a millisecond: one that takes so long goes round in circles. */
    private static final Duration ENDLESS = Duration.ofSeconds(30);

    private final Run pattern;
    private final long from;
    private final long count;
    private final long mostNanos;
    private final int threadCount;
    private final Duration endless;

    private final Object lock = new Object();
    private final TreeMap<Long, Outcome> failures = new TreeMap<>();
    private Totals totals = Totals.NONE;
    private long next;
    private boolean stopped;
    private @Nullable Throwable broken;
    private final List<Player> players = new ArrayList<>();

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
        this(pattern, from, count, most, threadCount, ENDLESS);
    }

    /** @param endless a world that takes so long never ends */
    Campaign(Run pattern, long from, long count, Duration most, int threadCount, Duration endless) {
        if (count < 1 || threadCount < 1) {
            throw new IllegalArgumentException("a campaign of " + count + " seeds on " + threadCount + " threads");
        }
        this.pattern = pattern;
        this.from = from;
        this.count = count;
        this.mostNanos = most.toNanos();
        this.threadCount = threadCount;
        this.endless = endless;
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
        synchronized (lock) {
            for (int i = 1; i <= threadCount; i++) {
                Player player = new Player(start, told);
                players.add(player);
                player.thread =
                        Thread.ofPlatform().daemon().name("sluice-sim-" + i).start(player);
            }
            awaitEnd(start, progress);
            if (broken != null) {
                throw new IllegalStateException("a thread of the campaign ended: " + broken, broken);
            }
            Outcome failed = failures.isEmpty() ? null : failures.firstEntry().getValue();
            return new Result(totals.after(System.nanoTime() - start), failed);
        }
    }

    private void awaitEnd(long start, Consumer<Totals> progress) throws InterruptedException {
        long due = start + PROGRESS_NANOS;
        while (!players.isEmpty()) {
            long wait = due - System.nanoTime();
            if (wait > 0) {
                lock.wait(wait / 1_000_000 + 1);
            } else {
                progress.accept(totals.after(System.nanoTime() - start));
                List.copyOf(players).forEach(Player::giveUpIfEndless);
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

    /** The next seed, or null. Seeds are begun in their order, so none below a failure is left out. */
    private @Nullable Long take(long start) {
        synchronized (lock) {
            if (stopped || next == count || System.nanoTime() - start >= mostNanos) {
                return null;
            }
            return from + next++;
        }
    }

    /** Plays seeds, one after another. */
    private final class Player implements Runnable {
        private final long start;
        private final Consumer<Outcome> told;
        private @Nullable Thread thread;
        private @Nullable Run run;
        private long begunAt;

        Player(long start, Consumer<Outcome> told) {
            this.start = start;
            this.told = told;
        }

        @Override
        public void run() {
            Throwable thrown = null;
            try {
                for (Run next = begin(); next != null; next = begin()) {
                    ended(next.play());
                }
            } catch (Throwable e) {
                thrown = e;
            }
            synchronized (lock) {
                broken = broken == null ? thrown : broken;
                stopped |= thrown != null;
                leave();
            }
        }

        private @Nullable Run begin() {
            synchronized (lock) {
                Long seed = players.contains(this) ? take(start) : null;
                run = seed == null ? null : pattern.withSeed(seed);
                begunAt = System.nanoTime();
                return run;
            }
        }

        private void ended(Outcome outcome) {
            synchronized (lock) {
                if (!players.contains(this)) {
                    return; // it was given up, and told
                }
                totals = totals.plus(outcome);
                note(outcome);
                told.accept(outcome);
            }
        }

        private void note(Outcome outcome) {
            if (outcome.failure() != null) {
                failures.put(outcome.run().seed(), outcome);
                stopped = true;
            }
        }

        /** Its thread is left to itself: nothing ends a thread that goes round in circles. */
        void giveUpIfEndless() {
            Run under = run;
            Thread at = thread;
            if (under != null && at != null && System.nanoTime() - begunAt > endless.toNanos()) {
                note(Outcome.endless(under, WorldFailure.endless(under.seed(), endless, at.getStackTrace())));
                leave();
            }
        }

        private void leave() {
            players.remove(this);
            lock.notifyAll();
        }
    }
}
