package dev.sluice.style;

import dev.sluice.Connection;
import dev.sluice.threading.VirtualThreads;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.concurrent.ForkJoinPool;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;
import org.jctools.queues.varhandle.unpadded.MpscLinkedVarHandleUnpaddedQueue;
import org.jspecify.annotations.Nullable;

/**
 * Runs the virtual threads of one connection's sequential code, and of what it dials, inside of that connection's domain: what
 * a callback brings is given to the thread that waits for it right there, so nothing is queued, nothing is handed over, and
 * the lent buffer is still there. Threads that something else resumes (a lock, a sleep, another thread) enter the domain as a
 * task. Once no connection is left, what still runs does so in the common pool, one at a time as ever.
 *
 * <p>Where callbacks run on virtual threads themselves (model {@code virtual}), or the JVM does not let us schedule, its threads
 * are the JDK's own and not inside: their operations enter by {@link Connection#execute}.
 */
final class DomainScheduler implements Executor {
    /** Then others get their turn. */
    private static final int RUNS_IN_A_ROW = 64;

    private static final Connection[] NONE = {};

    private final boolean schedules =
            VirtualThreads.isLoopScheduled() && !Thread.currentThread().isVirtual();
    private final MpscLinkedVarHandleUnpaddedQueue<Runnable> ready = new MpscLinkedVarHandleUnpaddedQueue<>();
    private final AtomicBoolean inPool = new AtomicBoolean();
    /** Those that live; whichever takes a task will do. */
    private volatile Connection[] members = NONE;

    private @Nullable Thread first;
    private final Set<Thread> others = ConcurrentHashMap.newKeySet(1);

    /** The thread that resumes one now: what it wakes comes to {@link #next}. */
    private @Nullable Thread resumer;

    private @Nullable Runnable next;

    // ---- inside the domain

    /** A connection shares this scheduler. */
    synchronized void join(Connection connection) {
        Connection[] now = members;
        Connection[] more = new Connection[now.length + 1];
        System.arraycopy(now, 0, more, 0, now.length);
        more[now.length] = connection;
        members = more;
    }

    /** A connection is closed; runs what waited to run in it. */
    void leave(Connection connection) {
        drain();
        remove(connection);
        if (!ready.isEmpty()) {
            schedule();
        }
    }

    private synchronized void remove(Connection connection) {
        Connection[] now = members;
        Connection[] fewer = new Connection[now.length - 1];
        int count = 0;
        for (Connection member : now) {
            if (member != connection) {
                fewer[count++] = member;
            }
        }
        members = fewer;
    }

    /** Starts the first thread, which runs until it waits. */
    void start(Runnable body) {
        Thread thread = thread(body);
        first = thread;
        if (!schedules) {
            thread.start();
            return;
        }
        resumer = Thread.currentThread();
        thread.start();
        resumer = null;
        runNext();
    }

    /** Resumes a thread from a callback; where it is one of these, it runs until it waits again. */
    void resume(Thread thread) {
        if (!schedules) {
            LockSupport.unpark(thread);
            return;
        }
        resumer = Thread.currentThread();
        LockSupport.unpark(thread);
        resumer = null;
        runNext();
    }

    private void runNext() {
        Runnable continuation = next;
        if (continuation != null) {
            next = null;
            continuation.run();
        }
    }

    // ---- from any thread

    /** Whether the calling thread is one of these, and so inside the domain. */
    boolean isInside() {
        return schedules && isOurs(Thread.currentThread());
    }

    private boolean isOurs(Thread thread) {
        return thread == first || others.contains(thread);
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
        if (Thread.currentThread() == resumer) { // written by this very thread, or it is another's
            next = continuation;
            return;
        }
        ready.offer(continuation);
        schedule();
    }

    private void schedule() {
        Connection[] now = members;
        for (Connection member : now) {
            if (member.execute(this::drain)) {
                return;
            }
        }
        if (now.length == 0) {
            ForkJoinPool.commonPool().execute(this::drainInPool);
        } else {
            DomainTasks.later(this::schedule); // they are closing, or their queues are full
        }
    }

    private void drain() {
        for (int n = 0; n < RUNS_IN_A_ROW; n++) {
            Runnable continuation = ready.poll();
            if (continuation == null) {
                return;
            }
            continuation.run();
        }
        schedule();
    }

    private void drainInPool() {
        while (!ready.isEmpty() && inPool.compareAndSet(false, true)) {
            for (Runnable continuation = ready.poll(); continuation != null; continuation = ready.poll()) {
                continuation.run();
            }
            inPool.set(false); // and look again: one may have come meanwhile
        }
    }
}
