package dev.sluice.threading;

import dev.sluice.engine.Alarm;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * Threads that bring tasks and timers into domains in which nobody is. A few suffice, since callbacks are short; but on this
 * model they may block, so while visits wait and none ends, one more courier is taken on every {@link #LOOK_NANOS}. Safe for
 * use from any thread.
 */
final class Couriers implements AutoCloseable {
    private static final int USUAL_COUNT = 2;
    private static final int MOST_COUNT = 512;
    private static final long LOOK_NANOS = TimeUnit.MILLISECONDS.toNanos(5);

    private final ThreadPoolExecutor threads;
    private final Alarm alarm;
    private final AtomicBoolean watching = new AtomicBoolean();
    /** Visits that had ended at the last look; the alarm's. */
    private long endedBefore;

    @SuppressWarnings("ErroneousThreadPoolConstructorChecker") // it grows when look() raises the core's size
    Couriers(String name, Alarm alarm) {
        this.alarm = alarm;
        this.threads = new ThreadPoolExecutor(
                USUAL_COUNT,
                MOST_COUNT,
                1,
                TimeUnit.SECONDS,
                new LinkedBlockingQueue<>(),
                Thread.ofPlatform().daemon().name(name, 0).factory(),
                new ThreadPoolExecutor.DiscardPolicy());
        threads.allowCoreThreadTimeOut(true);
    }

    void carry(Runnable visit) {
        threads.execute(visit);
        if (!threads.getQueue().isEmpty() && watching.compareAndSet(false, true)) {
            alarm.after(LOOK_NANOS, this::look);
        }
    }

    int count() {
        return threads.getPoolSize();
    }

    private void look() {
        if (threads.getQueue().isEmpty()) {
            threads.setCorePoolSize(USUAL_COUNT);
            watching.set(false);
            if (threads.getQueue().isEmpty() || !watching.compareAndSet(false, true)) {
                return; // else a visit came in between, and nobody else watches
            }
        }
        long ended = threads.getCompletedTaskCount();
        if (ended == endedBefore && threads.getCorePoolSize() < MOST_COUNT) {
            threads.setCorePoolSize(threads.getCorePoolSize() + 1);
        }
        endedBefore = ended;
        alarm.after(LOOK_NANOS, this::look);
    }

    /** Ends the threads once their visits are done. */
    @Override
    public void close() {
        threads.shutdownNow();
        awaitEnd(threads);
    }

    /** Waits for a pool's threads, for as long as a session may take that blocks. */
    static void awaitEnd(ThreadPoolExecutor pool) {
        boolean interrupted = false;
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(5);
        while (!pool.isTerminated() && System.nanoTime() - deadline < 0) {
            try {
                pool.awaitTermination(deadline - System.nanoTime(), TimeUnit.NANOSECONDS);
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
