package dev.sluice.threading;

import dev.sluice.engine.WakeFd;
import dev.sluice.os.CallState;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/**
 * Questions for the workers' counts as of now: the master asks every worker, and the question is answered when all have
 * reported. Workers that don't report by themselves are also asked once a second, for the sum to be about right when one dies. {@link #ask} and {@link #wake} may be called from any thread; all else is for the master's.
 */
final class Inquiries {
    /** How long a worker may take to report; one that is stopped or swamped is not waited for. */
    private static final long ANSWER_NANOS = TimeUnit.SECONDS.toNanos(1);

    private static final long REGULAR_NANOS = TimeUnit.SECONDS.toNanos(1);

    private final WakeFd wake;
    private final boolean regular;
    /** Those that are asked next. */
    private List<CompletableFuture<Void>> waiting = new ArrayList<>();
    /** Those that the reports that are owed answer. */
    private List<CompletableFuture<Void>> asked = List.of();

    private boolean underWay;
    private long answerByNanos;
    private long nextNanos = System.nanoTime();
    private boolean over;

    /**
     * None yet.
     *
     * @param wake ends the master's wait; closed with this
     * @param regular whether to ask every second though nobody wants to know
     */
    Inquiries(WakeFd wake, boolean regular) {
        this.wake = wake;
        this.regular = regular;
    }

    /** Returns when the workers have told their counts, or there is nobody to ask any more. */
    void ask() {
        CompletableFuture<Void> answer = new CompletableFuture<>();
        synchronized (this) {
            if (over) {
                return;
            }
            waiting.add(answer);
            wake.wake();
        }
        answer.join();
    }

    /** Ends the master's wait. */
    synchronized void wake() {
        if (!over) {
            wake.wake();
        }
    }

    /** Asks the workers, where somebody wants to know or it is time; or sees whether all that were asked have told. */
    void answer(List<WorkerProcess> workers, long memory, CallState state) {
        long now = System.nanoTime();
        if (!underWay) {
            take();
            if (asked.isEmpty() && (!regular || now - nextNanos < 0)) {
                return;
            }
            underWay = true;
            answerByNanos = now + ANSWER_NANOS;
            for (WorkerProcess worker : workers) {
                if (worker.report.state() != WorkerReport.State.STARTING) {
                    worker.owesReport = true;
                    worker.order(MasterLink.REPORT, memory, state);
                }
            }
        }
        if (now - answerByNanos >= 0 || workers.stream().noneMatch(worker -> worker.owesReport)) {
            underWay = false;
            nextNanos = now + REGULAR_NANOS;
            workers.forEach(worker -> worker.owesReport = false);
            complete();
            wakeForMore();
        }
    }

    private synchronized void take() {
        asked = waiting;
        waiting = new ArrayList<>();
    }

    private synchronized void wakeForMore() {
        if (!waiting.isEmpty()) {
            wake.wake();
        }
    }

    private void complete() {
        asked.forEach(answer -> answer.complete(null));
        asked = List.of();
    }

    /** How long the master may wait. */
    long delayNanos(long now) {
        return underWay ? Math.max(1, answerByNanos - now) : regular ? Math.max(1, nextNanos - now) : Long.MAX_VALUE;
    }

    /** Nobody may ask any more; who does is answered at once. */
    synchronized void close() {
        over = true;
        complete();
        asked = waiting;
        complete();
        wake.close();
    }
}
