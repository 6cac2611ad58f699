package dev.sluice.threading;

import dev.sluice.EventLog;
import dev.sluice.ServerStats;
import dev.sluice.Service;
import dev.sluice.engine.AcceptCall;
import dev.sluice.os.CallState;
import dev.sluice.os.Descriptors;
import dev.sluice.os.Errno;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * A worker process of {@code prefork}: accepts a connection, serves it on its own thread, accepts the next. Its
 * {@link MasterLink} has a thread of its own.
 */
public final class PreforkWorker implements MasterLink.Orders {
    private static final long REPORT_NANOS = TimeUnit.MILLISECONDS.toNanos(200);
    private static final long PAUSE_NANOS = TimeUnit.MILLISECONDS.toNanos(500);
    private static final long LOOK_MILLIS = 5;

    private final CallState state = CallState.global();
    private final MasterLink link = new MasterLink();
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
        WorkerSetup setup = MasterLink.receiveSetup();
        if (setup == null) {
            return;
        }
        PreforkWorker worker = new PreforkWorker(setup);
        worker.link.listen(worker);
        worker.work();
        System.exit(0);
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

    @Override
    public void leave(Duration drain) {
        leaving = true;
        call.wake();
        long deadline = System.nanoTime() + drain.toNanos();
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

    @Override
    public void acceptAgain() {
        // It waits in accept(2), and is woken by whoever comes.
    }

    private void reportLater() {
        crew.after(REPORT_NANOS, () -> {
            if (doing == WorkerReport.State.BUSY) {
                report();
                reportLater();
            }
        });
    }

    @Override
    public synchronized void report() {
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
                0,
                0);
        link.report(new WorkerReport(doing, crew.cutCount(), own));
    }
}
