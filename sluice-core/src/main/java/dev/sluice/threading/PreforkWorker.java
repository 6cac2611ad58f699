package dev.sluice.threading;

import dev.sluice.EventLog;
import dev.sluice.ServerStats;
import dev.sluice.Service;
import dev.sluice.engine.AcceptCall;
import dev.sluice.os.CallState;
import dev.sluice.os.Descriptors;
import dev.sluice.os.Errno;
import dev.sluice.os.NativeMemory;
import dev.sluice.os.Sockets;
import dev.sluice.os.SysException;
import java.lang.System.Logger.Level;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * A worker process of {@code prefork}: accepts a connection, serves it on its own thread, accepts the next. A second thread
 * listens to the master; the end of that stream means that the master is gone, and the worker follows it at once.
 */
public final class PreforkWorker {
    /** The largest set-up that a master may send. */
    static final int MESSAGE_BYTES = 128 * 1024;

    private static final long REPORT_NANOS = TimeUnit.MILLISECONDS.toNanos(200);
    private static final long PAUSE_NANOS = TimeUnit.MILLISECONDS.toNanos(500);
    private static final long LOOK_MILLIS = 5;

    private final CallState state = CallState.global();
    private final CallState controlState = CallState.global();
    private final CallState reportState = CallState.global();
    private final long report = NativeMemory.allocate(WorkerReport.BYTES);
    private final Crew crew;
    private final Service service;
    private final AcceptCall call;
    private final CountDownLatch done = new CountDownLatch(1);
    private volatile boolean leaving;
    private volatile long accepted;
    private volatile long pauses;
    private volatile WorkerReport.State doing = WorkerReport.State.IDLE;

    private PreforkWorker(WorkerSetup setup) {
        this.crew = new Crew(setup.options(), "sluice-worker");
        this.service = Setup.make(setup.providerClass(), setup.arguments());
        this.call = new AcceptCall(WorkerCommand.LISTENER, crew, state);
    }

    /** Started by a master only, with its descriptors. */
    public static void main(String[] arguments) {
        WorkerSetup setup = receiveSetup();
        if (setup == null) {
            return;
        }
        PreforkWorker worker = new PreforkWorker(setup);
        Thread.ofPlatform().daemon().name("sluice-worker-control").start(worker::listen);
        worker.work();
        System.exit(0);
    }

    /** The master's first message, or null where it is gone already. */
    private static @Nullable WorkerSetup receiveSetup() {
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

    @SuppressWarnings("NonAtomicVolatileUpdate") // written by this thread only
    private void work() {
        while (!leaving) {
            doing = WorkerReport.State.IDLE;
            report();
            int fd = call.accept();
            if (fd >= 0) {
                accepted++;
                doing = WorkerReport.State.BUSY;
                report();
                reportLater();
                crew.serve(fd, service);
            } else if (fd != -Errno.EINTR) {
                pauses++;
                EventLog.log(Level.WARNING, "a worker's accept: " + Errno.describe(-fd), null);
                LockSupport.parkNanos(this, PAUSE_NANOS);
            }
        }
        call.end();
        Descriptors.close(WorkerCommand.LISTENER, state);
        done.countDown();
        crew.stop();
        doing = WorkerReport.State.LEAVING;
        report();
    }

    /** On its own thread: the master's orders, and its end. */
    private void listen() {
        long memory = NativeMemory.allocate(Long.BYTES);
        while (true) {
            long n = Sockets.recv(WorkerCommand.CONTROL, memory, Long.BYTES, 0, controlState);
            if (n == Long.BYTES) {
                leave(NativeMemory.getLong(memory));
            } else if (n != -Errno.EINTR) {
                // The master has ended, however that was. Nobody would count or stop this process: it goes as well.
                Runtime.getRuntime().halt(0);
            }
        }
    }

    /** Accepts no more, and cuts what is open when the time is over. */
    private void leave(long drainNanos) {
        leaving = true;
        call.wake();
        long deadline = System.nanoTime() + drainNanos;
        // A thread of its own, since the control thread goes on listening for the master's end.
        Thread.ofPlatform().daemon().name("sluice-worker-drain").start(() -> {
            while (!awaitDone()) {
                if (System.nanoTime() - deadline < 0) {
                    crew.tellStopping(); // again, for one that was being accepted: a session is told once
                } else {
                    crew.cutAll();
                }
            }
        });
    }

    private boolean awaitDone() {
        try {
            return done.await(LOOK_MILLIS, TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            throw new IllegalStateException("nobody interrupts this thread", e);
        }
    }

    private void reportLater() {
        crew.after(REPORT_NANOS, () -> {
            if (doing == WorkerReport.State.BUSY) {
                report();
                reportLater();
            }
        });
    }

    private synchronized void report() {
        ServerStats s = crew.stats();
        ServerStats own = new ServerStats(
                accepted,
                doing == WorkerReport.State.BUSY ? Math.max(1, s.open()) : s.open(), // accepted, perhaps not opened yet
                s.closed(),
                s.failures(),
                s.refused(),
                s.shed(),
                pauses,
                s.lentBuffers(),
                s.loopThreads() + 1,
                s.systemCalls(),
                s.receivedBytes(),
                s.sentBytes(),
                0,
                0);
        new WorkerReport(doing, crew.cutCount(), own).encode(report);
        long n;
        do {
            n = Sockets.send(WorkerCommand.CONTROL, report, WorkerReport.BYTES, Sockets.MSG_NOSIGNAL, reportState);
        } while (n == -Errno.EINTR);
        // Another failure means that the master is gone, which the control thread sees and acts upon.
    }
}
