package dev.sluice.threading;

import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * How many workers a master wants: never fewer than the least, one idle one beyond the busy ones up to the most, and
 * back to the least when several have been idle for long. While all are busy the number of those started at once doubles.
 * For the master's thread only.
 */
final class WorkerNeed {
    private static final int MOST_AT_ONCE = 16;
    /** JVMs that start side by side: more of them than cores would make each miss its time to come up. */
    private static final int MOST_STARTING = 2 * Runtime.getRuntime().availableProcessors();

    private static final long IDLE_NANOS = TimeUnit.SECONDS.toNanos(5);
    private static final long LEAST_BACKOFF_NANOS = TimeUnit.MILLISECONDS.toNanos(100);
    private static final long MOST_BACKOFF_NANOS = TimeUnit.SECONDS.toNanos(10);

    private final int least;
    private final int most;
    private int atOnce = 1;
    private int failedStarts;
    private long notBeforeNanos = System.nanoTime();
    private boolean plenty;
    private long plentySinceNanos;

    WorkerNeed(int least, int most) {
        this.least = least;
        this.most = most;
    }

    /** Workers to be started now. */
    int toSpawn(List<WorkerProcess> workers, long now) {
        if (now - notBeforeNanos < 0) {
            return 0;
        }
        int staying = 0;
        int coming = 0;
        int busy = 0;
        for (WorkerProcess worker : workers) {
            switch (worker.state()) {
                case STARTING -> coming++;
                case BUSY -> busy++;
                case IDLE, LEAVING -> {}
            }
            staying += worker.dismissed ? 0 : 1;
        }
        if (failedStarts > 0) {
            // While they fail, one at a time.
            return coming == 0 && (staying < least || staying == busy && staying < most) ? 1 : 0;
        }
        if (staying < least) {
            return Math.max(0, Math.min(least - staying, MOST_STARTING - coming));
        }
        if (staying > busy) {
            if (staying > busy + coming) {
                atOnce = 1;
            }
            return 0;
        }
        int wanted = Math.min(atOnce, most - staying);
        atOnce = Math.min(atOnce * 2, MOST_AT_ONCE);
        return wanted;
    }

    /** A worker that has nothing to do and won't soon have, or null. */
    @Nullable
    WorkerProcess toDismiss(List<WorkerProcess> workers, long now) {
        WorkerProcess youngest = null;
        int idle = 0;
        int staying = 0;
        for (WorkerProcess worker : workers) {
            staying += worker.dismissed ? 0 : 1;
            if (worker.state() == WorkerReport.State.IDLE) {
                idle++;
                youngest = worker;
            }
        }
        boolean tooMany = staying > least && idle > 1;
        if (!tooMany) {
            plenty = false;
            return null;
        }
        if (!plenty) {
            plenty = true;
            plentySinceNanos = now;
        }
        return now - plentySinceNanos >= IDLE_NANOS ? youngest : null;
    }

    void startFailed(long now) {
        long backoff = LEAST_BACKOFF_NANOS << Math.min(failedStarts, 10);
        failedStarts++;
        notBeforeNanos = now + Math.min(backoff, MOST_BACKOFF_NANOS);
    }

    void startSucceeded() {
        failedStarts = 0;
    }

    int failedStarts() {
        return failedStarts;
    }

    /** How long the master may wait before it asks again. */
    long delayNanos(long now) {
        long backoff = notBeforeNanos - now;
        long dismissal = plenty ? plentySinceNanos + IDLE_NANOS - now : Long.MAX_VALUE;
        return Math.max(TimeUnit.MILLISECONDS.toNanos(1), Math.min(backoff > 0 ? backoff : Long.MAX_VALUE, dismissal));
    }
}
