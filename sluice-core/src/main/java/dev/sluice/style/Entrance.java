package dev.sluice.style;

import dev.sluice.Connection;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.locks.LockSupport;

/** The way into a connection's domain for threads that are elsewhere, and wait until they were inside. */
final class Entrance {
    private static final long LOOK_NANOS = 1_000_000;

    private final Connection connection;
    private final Queue<Pass> passes = new ConcurrentLinkedQueue<>();
    private volatile boolean closed;

    Entrance(Connection connection) {
        this.connection = connection;
    }

    /**
     * Has a section run inside, and waits for that; an interrupt doesn't end the wait, and is not lost.
     *
     * @return false where the connection closed before
     */
    boolean pass(Runnable section) {
        Pass pass = new Pass(section);
        passes.add(pass);
        boolean interrupted = false;
        try {
            boolean sent = false;
            while (!pass.done && !closed) {
                sent = sent || connection.execute(pass);
                if (sent) {
                    LockSupport.park(this);
                } else {
                    LockSupport.parkNanos(this, LOOK_NANOS); // its queue of tasks is full
                }
                interrupted |= Thread.interrupted();
            }
        } finally {
            passes.remove(pass);
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
        return pass.done;
    }

    /** The connection is over: none passes any more, and none waits. */
    void close() {
        closed = true;
        for (Pass pass : passes) {
            LockSupport.unpark(pass.thread);
        }
    }

    private static final class Pass implements Runnable {
        private final Runnable section;
        private final Thread thread = Thread.currentThread();
        private volatile boolean done;

        Pass(Runnable section) {
            this.section = section;
        }

        @Override
        public void run() {
            section.run();
            done = true;
            LockSupport.unpark(thread);
        }
    }
}
