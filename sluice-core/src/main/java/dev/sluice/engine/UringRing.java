package dev.sluice.engine;

import dev.sluice.os.Errno;
import dev.sluice.os.Poll;
import dev.sluice.os.Sqe;
import dev.sluice.os.SysException;
import dev.sluice.os.Uring;
import dev.sluice.os.UringQueues;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * The turn of a ring: what was started is submitted by the same io_uring_enter(2) that waits. {@link #wake} is for any
 * thread, the rest for the loop's.
 *
 * <p>A wake-up is an eventfd on which a multishot poll is armed. The eventfd is never read: each write completes the
 * poll again, whatever the counter. Only a wake-up of a loop that waits (or is about to) costs a write:
 *
 * <pre>
 *   RUNNING ──turn begins to wait──▶ WAITING ──wake(): write──▶ WOKEN
 *      ▲ └───────────wake(): no write, the next turn doesn't wait──▲ │
 *      └──────────────────────── the turn ends ──────────────────────┘
 * </pre>
 */
final class UringRing implements AutoCloseable {
    private static final int RUNNING = 0;
    private static final int WAITING = 1;
    private static final int WOKEN = 2;

    private final UringQueues queues;
    private final EngineCounters counters;
    private final WakeFd wakeFd = new WakeFd();
    private final AtomicInteger attention = new AtomicInteger(RUNNING);
    private boolean enabled;

    UringRing(UringQueues queues, EngineCounters counters) {
        this.queues = queues;
        this.counters = counters;
    }

    UringQueues queues() {
        return queues;
    }

    /** A cleared submission entry. A full queue is submitted first. */
    long sqe() {
        long sqe = queues.nextSqe();
        return sqe != 0 ? sqe : sqeAfterSubmit();
    }

    private long sqeAfterSubmit() {
        enable();
        // EBUSY and EAGAIN pass once overflowed completions are flushed, which GETEVENTS does.
        for (int i = 0; i < 16; i++) {
            enter(0, -1);
            long sqe = queues.nextSqe();
            if (sqe != 0) {
                return sqe;
            }
        }
        throw new SysException("io_uring_enter", "nothing of a full submission queue was consumed", Errno.EBUSY);
    }

    /**
     * Submits, and waits for a completion unless there are some already.
     *
     * @return the completions that are there
     */
    int turn(long timeoutNanos) {
        enable();
        boolean overflowed = queues.overflowed();
        if (overflowed) {
            counters.completionOverflows++;
        }
        int ready = queues.ready();
        if (ready > 0 && !overflowed && queues.unsubmitted() == 0) {
            return ready; // left over from the last turn
        }
        boolean waits = timeoutNanos != 0 && ready == 0 && !overflowed && attention.compareAndSet(RUNNING, WAITING);
        enter(waits ? 1 : 0, waits ? timeoutNanos : -1);
        attention.set(RUNNING);
        counters.waits++;
        return queues.ready();
    }

    private void enter(int minComplete, long timeoutNanos) {
        counters.systemCalls++;
        int result = queues.enter(minComplete, Uring.IORING_ENTER_GETEVENTS, timeoutNanos);
        // EBUSY and EAGAIN (no memory for a request just now) leave the entries queued for the next turn. EBADR, lost
        // completions, is not survivable: buffers and operations would be waited for without end.
        if (result < 0
                && result != -Errno.ETIME
                && result != -Errno.EINTR
                && result != -Errno.EBUSY
                && result != -Errno.EAGAIN) {
            throw new SysException("io_uring_enter", "fd=" + queues.fd(), -result);
        }
    }

    /** On the first turn: the calling thread becomes the ring's issuer. */
    private void enable() {
        if (enabled) {
            return;
        }
        enabled = true;
        SysException.check(queues.enable(), "io_uring_register", "ENABLE_RINGS, fd=" + queues.fd());
        queues.registerRingFd(); // where it is refused (before Linux 5.18, or 16 rings on this thread), enters go on
        // as before
        counters.systemCalls += 2;
        armWake();
    }

    /** Arms the poll of the wake-up descriptor; also after it ended, as it does at an overflow. */
    void armWake() {
        Sqe.pollMultishot(sqe(), wakeFd.descriptor(), Poll.POLLIN, UringTag.WAKE);
    }

    void wake() {
        if (attention.getAndSet(WOKEN) == WAITING) {
            wakeFd.wake();
        }
    }

    @Override
    public void close() {
        queues.close();
        wakeFd.close();
    }
}
