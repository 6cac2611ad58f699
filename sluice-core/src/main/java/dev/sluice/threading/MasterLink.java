package dev.sluice.threading;

import dev.sluice.os.CallState;
import dev.sluice.os.Errno;
import dev.sluice.os.NativeMemory;
import dev.sluice.os.Sockets;
import dev.sluice.os.SysException;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * A worker process's end of the control socket: the set-up comes first, then orders, and reports go back. The end of the
 * stream means that the master is gone, however that was; nobody would count or stop this process then, and it goes too.
 */
final class MasterLink {
    /** An order to report now. An order of 0 or more is to leave: the nanoseconds that connections have left. */
    static final long REPORT = -1;

    /** An order to look at the listening socket: somebody waits there. */
    static final long ACCEPT_AGAIN = -2;

    /** The time that one has to leave which is superfluous, while others stay. */
    static final Duration UNHURRIED = Duration.ofNanos(Long.MAX_VALUE >> 1);

    /** The largest set-up that a master may send. */
    static final int MESSAGE_BYTES = 128 * 1024;

    /** What a worker does when it is told; on the link's own thread, which must not be held up. */
    interface Orders {
        /**
         * Accept no more, and cut what is open when the time is over. Where nobody stays to accept, which is so but for
         * {@link #UNHURRIED}, who waits in a shared queue is served first.
         */
        void leave(Duration drain);

        void report();

        void acceptAgain();
    }

    private final CallState listenState = CallState.global();
    private final CallState reportState = CallState.global();
    private final long report = NativeMemory.allocate(WorkerReport.BYTES);

    /** The master's first message, or null where it is gone already. */
    static @Nullable WorkerSetup receiveSetup() {
        CallState state = CallState.global();
        long memory = NativeMemory.allocate(MESSAGE_BYTES);
        try {
            long n;
            do {
                n = Sockets.recv(WorkerCommand.CONTROL, memory, MESSAGE_BYTES, 0, state);
            } while (n == -Errno.EINTR);
            SysException.check(n, "recv", "the master's control socket, fd=" + WorkerCommand.CONTROL);
            if (n == 0) {
                return null;
            }
            byte[] message = new byte[(int) n];
            NativeMemory.copy(memory, message, 0, message.length);
            return WorkerSetup.decode(message);
        } finally {
            NativeMemory.free(memory);
        }
    }

    /** Begins to take orders, on a thread of its own. */
    void listen(Orders orders) {
        Thread.ofPlatform().daemon().name("sluice-worker-control").start(() -> obey(orders));
    }

    private void obey(Orders orders) {
        long memory = NativeMemory.allocate(Long.BYTES);
        while (true) {
            long n = Sockets.recv(WorkerCommand.CONTROL, memory, Long.BYTES, 0, listenState);
            if (n == Long.BYTES) {
                long order = NativeMemory.getLong(memory);
                if (order == REPORT) {
                    orders.report();
                } else if (order == ACCEPT_AGAIN) {
                    orders.acceptAgain();
                } else {
                    orders.leave(Duration.ofNanos(order));
                }
            } else if (n != -Errno.EINTR) {
                Runtime.getRuntime().halt(0);
            }
        }
    }

    /** Tells the master; from any thread. */
    synchronized void report(WorkerReport news) {
        news.encode(report);
        long n;
        do {
            n = Sockets.send(WorkerCommand.CONTROL, report, WorkerReport.BYTES, Sockets.MSG_NOSIGNAL, reportState);
        } while (n == -Errno.EINTR);
        // Another failure means that the master is gone, which the control thread sees and acts upon.
    }
}
