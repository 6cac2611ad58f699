package dev.sluice.threading;

import dev.sluice.EventLog;
import dev.sluice.os.CallState;
import dev.sluice.os.Poll;
import java.lang.System.Logger.Level;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * Looks whether newcomers lie in the accept queue that processes share. Of those that wait on the socket the kernel wakes one
 * for a newcomer; where that one has just become full, the others are told to look. For the master's thread only.
 */
final class StrandedLook {
    private static final long LOOK_NANOS = TimeUnit.MILLISECONDS.toNanos(250);
    /** A newcomer that is seen once is on its way. */
    private static final int STRANDED_LOOKS = 2;

    private static final int NOBODY_LOOKS = 8;

    private final int listener;
    private final boolean wanted;
    private final EventLog.Seldom seldom = new EventLog.Seldom();
    private long nextNanos = System.nanoTime();
    private int found;
    private long acceptedBefore;
    /** Looks in turn that found nobody accepted since the one before. */
    private int stalled;

    /**
     * A look at a listening socket.
     *
     * @param wanted false never looks
     */
    StrandedLook(int listener, boolean wanted) {
        this.listener = listener;
        this.wanted = wanted;
    }

    void look(List<WorkerProcess> workers, long memory, CallState state) {
        long now = System.nanoTime();
        if (!wanted || now - nextNanos < 0) {
            return;
        }
        nextNanos = now + LOOK_NANOS;
        boolean starting = workers.stream().anyMatch(worker -> worker.report.state() == WorkerReport.State.STARTING);
        long accepted = workers.stream()
                .mapToLong(worker -> worker.report.stats().accepted())
                .sum();
        stalled = accepted == acceptedBefore ? stalled + 1 : 0;
        acceptedBefore = accepted;
        found = !starting && Poll.pollOne(listener, Poll.POLLIN, 0, state) > 0 ? found + 1 : 0;
        if (found >= STRANDED_LOOKS) {
            workers.forEach(worker -> worker.order(MasterLink.ACCEPT_AGAIN, memory, state));
        }
        if (Math.min(found, stalled) >= NOBODY_LOOKS) {
            seldom.log(
                    Level.WARNING,
                    "newcomers wait and no server process takes them, which have used up their descriptors or threads: raise"
                            + " --processes, or the limit (ulimit -n, or -u)",
                    now);
        }
    }

    /** How long the master may wait before it looks. */
    long delayNanos(long now) {
        return wanted ? Math.max(1, nextNanos - now) : Long.MAX_VALUE;
    }
}
