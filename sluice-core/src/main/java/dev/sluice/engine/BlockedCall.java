package dev.sluice.engine;

import dev.sluice.os.CallState;
import dev.sluice.os.Errno;
import dev.sluice.os.Signals;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * How a thread is woken out of a system call that blocks: with a signal whose handler does nothing, so that the call ends
 * with EINTR.
 *
 * <p>A signal that arrives just before the call begins is lost, and nothing short of ppoll's mask can tell. So the thread
 * says when it is about to block and when it is back, and whoever wakes it repeats the signal until it is back:
 *
 * <pre>
 *               begin                     wake (signal)
 *     RUNNING ---------> BLOCKED ---------------------------> WOKEN --(repeat until back)
 *        |  ^               | end                               | end
 *   wake |  +---------------+-----------------------------------+
 *        v
 *     PENDING: the next begin doesn't block
 * </pre>
 */
final class BlockedCall {
    private static final int RUNNING = 0;
    private static final int BLOCKED = 1;
    private static final int PENDING = 2;
    private static final int WOKEN = 3;

    /** For signals of all threads, and guarded by itself: sending one takes a microsecond. */
    private static final CallState SENDER = CallState.global();

    private static final long FIRST_REPEAT_NANOS = 50_000;
    private static final long LAST_REPEAT_NANOS = 10_000_000;

    private final AtomicInteger state = new AtomicInteger(RUNNING);
    private final Alarm alarm;
    /** The kernel's number of the thread, 0 before it starts and after it ends. Guarded by this. */
    private long thread;

    private @Nullable Thread parker;

    /** The alarm repeats signals; what runs on it must be short. */
    BlockedCall(Alarm alarm) {
        this.alarm = alarm;
    }

    /** The calling thread is the one that will block. */
    synchronized void attach() {
        parker = Thread.currentThread();
        synchronized (SENDER) {
            thread = Signals.self(SENDER);
        }
    }

    /** The thread blocks no more, and its number may soon be another's. */
    synchronized void detach() {
        parker = null;
        thread = 0;
        state.set(RUNNING);
    }

    /** Blocks in no call but until {@link #wake}; between {@link #begin} and {@link #end}. */
    void park() {
        while (state.get() == BLOCKED) {
            LockSupport.park(this);
            if (Thread.interrupted()) {
                // Meant for a callback that blocked; left standing, it would turn this wait into a loop.
                Thread.onSpinWait();
            }
        }
    }

    /** About to block; false if it was woken before and must not. */
    boolean begin() {
        if (state.compareAndSet(RUNNING, BLOCKED)) {
            return true;
        }
        state.set(RUNNING); // only PENDING can stand here, and it is taken
        return false;
    }

    /** Back, for whatever reason; whether somebody had woken it. */
    boolean end() {
        return state.getAndSet(RUNNING) == WOKEN;
    }

    /** Ends the call that is under way, or keeps the next one from blocking. From any thread. */
    void wake() {
        while (true) {
            int now = state.get();
            if (now == PENDING || now == WOKEN) {
                return;
            }
            if (now == RUNNING && state.compareAndSet(RUNNING, PENDING)) {
                return;
            }
            if (now == BLOCKED && state.compareAndSet(BLOCKED, WOKEN)) {
                signal(FIRST_REPEAT_NANOS);
                return;
            }
        }
    }

    private synchronized void signal(long repeatNanos) {
        if (thread == 0 || state.get() != WOKEN) {
            return;
        }
        LockSupport.unpark(parker);
        synchronized (SENDER) {
            int result = Signals.interrupt(thread, Signals.WAKE, SENDER);
            assert result == 0 || result == -Errno.EAGAIN
                    : Errno.describe(-result); // it lives, for it detaches before it ends; EAGAIN: too many are queued
        }
        long next = Math.min(repeatNanos * 2, LAST_REPEAT_NANOS);
        alarm.after(repeatNanos, () -> signal(next));
    }
}
