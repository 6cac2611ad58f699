package dev.sluice.style;

import dev.sluice.Connection;
import dev.sluice.threading.VirtualThreads;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.concurrent.ForkJoinPool;
import java.util.concurrent.locks.LockSupport;
import org.jctools.queues.varhandle.unpadded.MpscLinkedVarHandleUnpaddedQueue;
import org.jspecify.annotations.Nullable;

/**
 * Runs the virtual threads of one connection's sequential code, and of what it dials, inside of that connection's domain: what
 * resumes one of them makes its continuation a task there, which on a loop is run at the end of the same turn. So they are in
 * one order with callbacks, and what they write leaves at once.
 *
 * <p>It is a task and not a part of the callback that brought what was waited for, since a continuation may be run only where no
 * monitor is held: the JVM takes whatever is locked for the virtual thread's, and crashes (JDK 25). A callback may be in the middle
 * of somebody's {@code synchronized}; a task of the runtime is not.
 *
 * <p>Where callbacks run on virtual threads themselves (model {@code virtual}), or the JVM does not let us schedule, its threads
 * are the JDK's own and not inside: their operations enter by {@link Connection#execute}.
 */
final class DomainScheduler implements Executor {
    /** Then others get their turn. */
    private static final int RUNS_IN_A_ROW = 64;

    private final Connection connection;
    private final boolean schedules =
            VirtualThreads.isLoopScheduled() && !Thread.currentThread().isVirtual();
    private final Runnable drain = this::drain;
    private final MpscLinkedVarHandleUnpaddedQueue<Runnable> ready = new MpscLinkedVarHandleUnpaddedQueue<>();
    private final Set<Thread> others = ConcurrentHashMap.newKeySet(1);
    private @Nullable Thread first;

    /** The thread that resumes one from inside, for which there is {@link #next} in front of the queue. */
    private @Nullable Thread resumer;

    private @Nullable Runnable next;

    /** For a connection whose session is being opened. */
    DomainScheduler(Connection connection) {
        this.connection = connection;
    }

    // ---- inside the domain

    /** Starts the first thread. */
    void start(Runnable body) {
        Thread thread = thread(body);
        first = thread;
        resumer = Thread.currentThread();
        thread.start();
        resumer = null;
    }

    /** Resumes a thread that waits. */
    void resume(Thread thread) {
        resumer = Thread.currentThread();
        LockSupport.unpark(thread);
        resumer = null;
    }

    // ---- from any thread

    /** Whether the calling thread is one of these, and so inside the domain. */
    boolean isInside() {
        Thread thread = Thread.currentThread();
        return schedules && (thread == first || others.contains(thread));
    }

    /** A further thread; not started. */
    Thread fork(Runnable body) {
        Thread thread = thread(() -> {
            try {
                body.run();
            } finally {
                others.remove(Thread.currentThread());
            }
        });
        others.add(thread);
        return thread;
    }

    private Thread thread(Runnable body) {
        Thread.Builder.OfVirtual threads = schedules ? VirtualThreads.scheduledBy(this) : Thread.ofVirtual();
        return threads.name("sluice-sequential").unstarted(body);
    }

    @Override
    public void execute(Runnable continuation) {
        if (Thread.currentThread() == resumer && next == null) { // written by this very thread, or it is another's
            next = continuation;
        } else {
            ready.offer(continuation);
        }
        schedule();
    }

    /** As a task of the connection, whose output is sent when it returns. */
    private void schedule() {
        if (!DomainTasks.submit(connection, drain)) {
            ForkJoinPool.commonPool().execute(this::drainAfterTheEnd); // the server has stopped
        }
    }

    private void drain() {
        for (int n = 0; n < RUNS_IN_A_ROW; n++) {
            Runnable continuation = poll();
            if (continuation == null) {
                return;
            }
            continuation.run();
        }
        schedule();
    }

    private @Nullable Runnable poll() {
        Runnable continuation = next;
        if (continuation == null) {
            return ready.poll();
        }
        next = null;
        return continuation;
    }

    /** There is no domain any more that makes this one thread's. */
    private synchronized @Nullable Runnable pollAfterTheEnd() {
        return poll();
    }

    private void drainAfterTheEnd() {
        for (Runnable continuation = pollAfterTheEnd(); continuation != null; continuation = pollAfterTheEnd()) {
            continuation.run();
        }
    }
}
