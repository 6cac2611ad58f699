package dev.sluice.engine;

import java.util.List;
import java.util.concurrent.AbstractExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.jctools.queues.varhandle.MpscUnboundedVarHandleArrayQueue;
import org.jspecify.annotations.Nullable;

/**
 * The executor of an asynchronous channel group, run by the loop itself: what the JDK gives it from its internal
 * thread waits in a queue until the loop takes it, so that completion handlers run on the loop's thread only.
 *
 * <p>The loop parks while there is nothing. {@link #state} keeps a wake-up from being lost between its last look at
 * the queue and the park: whoever adds stores {@code SIGNALLED} after the task, and unparks if it replaced {@code
 * PARKED}; the loop parks only if it can replace {@code RUNNING}.
 */
final class AioTasks extends AbstractExecutorService {
    private static final int RUNNING = 0;
    private static final int PARKED = 1;
    private static final int SIGNALLED = 2;
    private static final int TASKS_PER_TURN = 4096;

    private final MpscUnboundedVarHandleArrayQueue<Runnable> tasks = new MpscUnboundedVarHandleArrayQueue<>(1024);
    private final AtomicInteger state = new AtomicInteger(RUNNING);
    private volatile boolean woken;
    private volatile boolean shutdown;
    private volatile @Nullable Thread loop;
    /** The group's thread that waits for the kernel; the JDK hides it, so it is known from its first task on. */
    private volatile @Nullable Thread internal;

    @Override
    public void execute(Runnable task) {
        Thread current = Thread.currentThread();
        Thread owner = loop;
        if (current == owner) {
            tasks.offer(task); // the loop looks at the queue before it parks
            return;
        }
        if (owner != null && internal != current && !current.isVirtual()) { // a session's, mounted on the loop's
            internal = current;
        }
        tasks.offer(task);
        signal();
    }

    /** Ends the wait that is under way, or the next one. */
    void wake() {
        woken = true;
        signal();
    }

    private void signal() {
        if (state.getAndSet(SIGNALLED) == PARKED) {
            LockSupport.unpark(loop);
        }
    }

    /** The calling thread is the loop's. */
    void enter() {
        Thread current = Thread.currentThread();
        if (loop != current) {
            loop = current;
        }
    }

    /** Whether {@link #wake} was called since the last time that this was asked. */
    boolean takeWoken() {
        if (!woken) {
            return false;
        }
        woken = false;
        return true;
    }

    /** Runs what is queued. */
    void run() {
        for (int i = 0; i < TASKS_PER_TURN; i++) {
            Runnable task = tasks.relaxedPoll();
            if (task == null) {
                return;
            }
            task.run();
        }
    }

    /**
     * Parks until there is a task or a wake-up, or the time is over; may return early.
     *
     * @param timeoutNanos negative: without a bound
     */
    void await(long timeoutNanos) {
        if (tasks.isEmpty() && state.compareAndSet(RUNNING, PARKED)) {
            if (timeoutNanos < 0) {
                LockSupport.park(this);
            } else {
                LockSupport.parkNanos(this, timeoutNanos);
            }
            // An interrupted thread never parks. Loops are ended by wake(), and no interrupt is meant for them.
            Thread.interrupted();
        }
        state.set(RUNNING);
    }

    /** Waits for the group's thread, which ends when the group is shut down. */
    void joinInternal(long timeoutNanos) throws InterruptedException {
        Thread thread = internal;
        if (thread != null) {
            TimeUnit.NANOSECONDS.timedJoin(thread, timeoutNanos);
        }
    }

    // ---- what the group asks of an executor

    @Override
    public void shutdown() {
        shutdown = true;
    }

    @Override
    public List<Runnable> shutdownNow() {
        shutdown = true;
        return List.of();
    }

    @Override
    public boolean isShutdown() {
        return shutdown;
    }

    @Override
    public boolean isTerminated() {
        return shutdown;
    }

    @Override
    public boolean awaitTermination(long timeout, TimeUnit unit) {
        return shutdown;
    }
}
