package dev.sluice.threading;

import dev.sluice.EventLog;
import dev.sluice.ServerStats;
import dev.sluice.Service;
import dev.sluice.engine.AcceptCall;
import dev.sluice.os.CallState;
import dev.sluice.os.Descriptors;
import dev.sluice.os.Errno;
import dev.sluice.os.Poll;
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
    /** Nobody else will take who waits in the listener's queue: all leave, and their time isn't over. */
    private volatile boolean emptiesQueue;

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

    private void work() {
        while (!leaving) {
            serveOne();
        }
        for (int i = 0; i < Acceptor.QUEUE_MOST && emptiesQueue && somebodyWaits(); i++) {
            serveOne(); // or nobody, where another worker was quicker: the draining wakes the accept
        }
        call.end();
        Descriptors.close(WorkerCommand.LISTENER, state);
        done.countDown();
        crew.stop();
        doing = WorkerReport.State.LEAVING;
        report();
    }

    @SuppressWarnings("NonAtomicVolatileUpdate") // written by this thread only
    private void serveOne() {
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

    /** They would be reset by the last closing, though to a peer its connection was made. */
    private boolean somebodyWaits() {
        return Poll.pollOne(WorkerCommand.LISTENER, Poll.POLLIN, 0, state) > 0;
    }

    @Override
    public void leave(Duration drain) {
        emptiesQueue = !drain.isZero() && !drain.equals(MasterLink.UNHURRIED);
        leaving = true;
        call.wake();
        long deadline = System.nanoTime() + drain.toNanos();
        // A thread of its own, since the control thread goes on listening for the master's end.
        Thread.ofPlatform().daemon().name("sluice-worker-drain").start(() -> {
            while (!awaitDone()) {
                if (System.nanoTime() - deadline < 0) {
                    crew.tellStopping(); // again, for one that was being accepted: a session is told once
                } else {
                    emptiesQueue = false;
                    crew.cutAll();
                }
                call.wake();
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
