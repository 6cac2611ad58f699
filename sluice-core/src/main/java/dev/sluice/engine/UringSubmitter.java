package dev.sluice.engine;

import dev.sluice.os.Cqe;
import dev.sluice.os.Errno;
import dev.sluice.os.Sqe;
import dev.sluice.os.SysException;
import dev.sluice.os.Uring;
import dev.sluice.os.UringQueues;
import java.util.Arrays;
import java.util.concurrent.TimeUnit;

/** What goes into a ring and what comes out: entries to fill, the calls that submit them, and completions, one by one. */
final class UringSubmitter implements AutoCloseable {
    private static final int TRIES = 16;
    /** How long one of the tries waits for SQPOLL's thread. */
    private static final long NOW_NANOS = TimeUnit.MILLISECONDS.toNanos(100);

    /** The completion that {@link #take} took. */
    long userData;

    int result;
    int flags;

    private final UringQueues queues;
    private final EngineCounters counters;
    private boolean enabled;

    // Completions that were met while one of them was waited for: told before those of the queue, in their order.
    private long[] earlyUserData = new long[0];
    private int[] earlyResult = new int[0];
    private int[] earlyFlags = new int[0];
    private int earlyFrom;
    private int earlyTo;

    UringSubmitter(UringQueues queues, EngineCounters counters) {
        this.queues = queues;
        this.counters = counters;
    }

    /** The calling thread becomes the ring's issuer. Doing it again does nothing. */
    boolean enable() {
        if (enabled) {
            return false;
        }
        enabled = true;
        SysException.check(queues.enable(), "io_uring_register", "ENABLE_RINGS, fd=" + queues.fd());
        queues.registerRingFd(); // where it is refused (before Linux 5.18, or 16 rings on this thread), enters go on
        // as before
        counters.systemCalls += 2;
        return true;
    }

    /** A cleared submission entry. A full queue is submitted first. */
    long sqe() {
        long sqe = queues.nextSqe();
        return sqe != 0 ? sqe : sqeAfterSubmit();
    }

    /** A cleared entry for an operation on a handle's descriptor. */
    long sqe(UringHandle h) {
        long sqe = sqe();
        if (h.direct) {
            Sqe.flags(sqe, Sqe.IOSQE_FIXED_FILE);
        }
        return sqe;
    }

    private long sqeAfterSubmit() {
        makeRoom();
        return queues.nextSqe();
    }

    private void makeRoom() {
        enable();
        // EBUSY and EAGAIN pass once overflowed completions are flushed, which GETEVENTS does.
        for (int i = 0; i < TRIES; i++) {
            enter(0, -1, queues.isPolled() ? Uring.IORING_ENTER_SQ_WAIT : 0);
            if (queues.free() > 0) {
                return;
            }
        }
        throw new SysException("io_uring_enter", "nothing of a full submission queue was consumed", Errno.EBUSY);
    }

    /** Whether an enter would submit something, or let the kernel finish something. */
    boolean isDue() {
        return queues.unsubmitted() > 0 || queues.taskrunPending() || queues.overflowed();
    }

    boolean overflowed() {
        return queues.overflowed();
    }

    int unsubmitted() {
        return queues.unsubmitted();
    }

    /**
     * Submits what was started, and waits.
     *
     * @param timeoutNanos for how long at most, negative without a bound
     */
    void enter(int minComplete, long timeoutNanos) {
        if (queues.isPolled() && minComplete == 0 && !queues.publish() && !queues.overflowed()) {
            return; // the kernel's thread is at it
        }
        enter(minComplete, timeoutNanos, 0);
    }

    private void enter(int minComplete, long timeoutNanos, int more) {
        counters.systemCalls++;
        int entered = queues.enter(minComplete, Uring.IORING_ENTER_GETEVENTS | more, timeoutNanos);
        // EBUSY and EAGAIN (no memory for a request just now) leave the entries queued for the next turn. EBADR, lost
        // completions, is not survivable: buffers and operations would be waited for without end.
        if (entered < 0
                && entered != -Errno.ETIME
                && entered != -Errno.EINTR
                && entered != -Errno.EBUSY
                && entered != -Errno.EAGAIN) {
            throw new SysException("io_uring_enter", "fd=" + queues.fd(), -entered);
        }
    }

    /** The completions that {@link #take} can take. */
    int ready() {
        return earlyTo - earlyFrom + queues.ready();
    }

    /** Takes the next of the {@link #ready} completions. */
    void take() {
        if (earlyFrom < earlyTo) {
            userData = earlyUserData[earlyFrom];
            result = earlyResult[earlyFrom];
            flags = earlyFlags[earlyFrom];
            earlyFrom++;
        } else {
            takeFromQueue();
        }
    }

    private void takeFromQueue() {
        long cqe = queues.cqe(0);
        userData = Cqe.userData(cqe);
        result = Cqe.res(cqe);
        flags = Cqe.flags(cqe);
        queues.advance(1);
    }

    /**
     * Waits for the operation that was put last, tagged {@link UringTag#NOW}; it must be one that completes while it is
     * submitted, or with SQPOLL soon after.
     *
     * @return its result
     */
    int now() {
        enable();
        boolean polled = queues.isPolled();
        for (int i = 0; i < TRIES; i++) {
            enter(polled ? 1 : 0, polled ? NOW_NANOS : -1);
            int found = Integer.MIN_VALUE;
            while (queues.ready() > 0) {
                takeFromQueue();
                if (UringTag.operation(userData) == UringTag.NOW) {
                    found = result;
                } else {
                    keep();
                }
            }
            if (found != Integer.MIN_VALUE) {
                return found;
            }
        }
        throw new SysException("io_uring_enter", "an operation was not done at once, fd=" + queues.fd(), Errno.EBUSY);
    }

    private void keep() {
        if (earlyFrom == earlyTo) {
            earlyFrom = 0;
            earlyTo = 0;
        }
        if (earlyTo == earlyUserData.length) {
            int length = Math.max(64, earlyTo * 2);
            earlyUserData = Arrays.copyOf(earlyUserData, length);
            earlyResult = Arrays.copyOf(earlyResult, length);
            earlyFlags = Arrays.copyOf(earlyFlags, length);
        }
        earlyUserData[earlyTo] = userData;
        earlyResult[earlyTo] = result;
        earlyFlags[earlyTo++] = flags;
    }

    @Override
    public void close() {
        queues.close();
    }
}
