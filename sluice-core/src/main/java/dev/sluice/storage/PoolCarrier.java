package dev.sluice.storage;

import dev.sluice.EventLog;
import dev.sluice.os.Errno;
import java.lang.System.Logger.Level;
import java.util.concurrent.ThreadFactory;
import org.jspecify.annotations.Nullable;

/**
 * Threads that carry operations out, in the order in which they came: one more is started when all are busy, up to a bound, and
 * they stay until the end. What waits for them is bounded by what each disk may have under way.
 *
 * <p>A monitor guards the queue, since it allocates nothing; it is held for some ten instructions.
 */
final class PoolCarrier implements Carrier, Runnable {
    private final int most;
    private final ThreadFactory factory;
    private final Object monitor = new Object();
    // Guarded by the monitor.
    private @Nullable Operation first;
    private @Nullable Operation last;
    private int waiting;
    private int threads;
    private int idle;
    private boolean over;

    /** @param most threads at most */
    PoolCarrier(int most) {
        this(most, Thread.ofPlatform().daemon().name("sluice-disk-pool").factory());
    }

    /** With threads of one's own. */
    PoolCarrier(int most, ThreadFactory factory) {
        this.most = most;
        this.factory = factory;
    }

    @Override
    public void carry(Operation op) {
        boolean grows;
        synchronized (monitor) {
            op.next = null;
            if (last == null) {
                first = op;
            } else {
                last.next = op;
            }
            last = op;
            waiting++;
            grows = waiting > idle && threads < most;
            if (grows) {
                threads++;
            } else {
                monitor.notify();
            }
        }
        if (grows) {
            grow();
        }
    }

    private void grow() {
        try {
            factory.newThread(this).start();
        } catch (OutOfMemoryError e) { // pthread_create(3): EAGAIN, a limit on threads
            EventLog.log(Level.WARNING, "no thread could be started for a disk", e);
            for (Operation op = unmanned(); op != null; ) {
                Operation next = op.next;
                op.result = -Errno.EAGAIN;
                op.disk.completed(op);
                op = next;
            }
        }
    }

    /** A thread was not started: the operations that nobody is there to carry out, if none other is there. */
    private @Nullable Operation unmanned() {
        synchronized (monitor) {
            threads--;
            if (threads > 0) {
                monitor.notify();
                return null;
            }
            Operation op = first;
            first = null;
            last = null;
            waiting = 0;
            return op;
        }
    }

    /** The next to carry out, waited for; null at the end. */
    private @Nullable Operation next() {
        synchronized (monitor) {
            while (first == null) {
                if (over) {
                    return null;
                }
                idle++;
                try {
                    monitor.wait();
                } catch (InterruptedException e) {
                    // Nobody has a reason to interrupt these threads: they end when they are told so.
                } finally {
                    idle--;
                }
            }
            Operation op = first;
            first = op.next;
            if (first == null) {
                last = null;
            }
            waiting--;
            return op;
        }
    }

    @Override
    public void run() {
        OperationCalls calls = new OperationCalls();
        for (Operation op = next(); op != null; op = next()) {
            calls.carryOut(op);
        }
    }

    @Override
    public void release() {
        synchronized (monitor) {
            over = true;
            monitor.notifyAll();
        }
    }
}
