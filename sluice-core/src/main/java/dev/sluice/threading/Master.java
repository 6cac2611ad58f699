package dev.sluice.threading;

import dev.sluice.EventLog;
import dev.sluice.Options;
import dev.sluice.ServerStats;
import dev.sluice.ServiceProvider;
import dev.sluice.engine.ListenOptions;
import dev.sluice.engine.Listening;
import dev.sluice.engine.WakeFd;
import dev.sluice.os.CallState;
import dev.sluice.os.Descriptors;
import dev.sluice.os.Errno;
import dev.sluice.os.NativeMemory;
import dev.sluice.os.Poll;
import dev.sluice.os.Sockets;
import dev.sluice.os.SysException;
import java.lang.System.Logger.Level;
import java.lang.foreign.Arena;
import java.net.SocketAddress;
import java.net.UnixDomainSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * The master of worker processes: one thread that polls their ends (pidfd), reports and output, and keeps as many of them as
 * are wanted. It never touches a connection.
 */
final class Master implements Threading.Running {
    private static final long START_SECONDS = 20;
    /** JVMs that start side by side share the cores. */
    private static final long START_SECONDS_EACH = 2;

    private static final int FAILED_STARTS_GIVEN_UP = 3;
    private static final long IDLE_LOOK_NANOS = TimeUnit.SECONDS.toNanos(1);
    /** What a worker may take longer than the drain time to end by itself, and for each connection that it has to cut. */
    private static final long GRACE_NANOS = TimeUnit.SECONDS.toNanos(2);

    private static final long CUT_NANOS = TimeUnit.MICROSECONDS.toNanos(500);

    /** A worker that ends so early, and before it served anything, is a failed start: the next one is started later. */
    private static final long SHORT_LIFE_NANOS = TimeUnit.SECONDS.toNanos(3);

    private static final int READ_BYTES = 4096;
    private static final int ENTRIES_PER_WORKER = 3;

    private final WorkerKind kind;
    private final Class<? extends ServiceProvider> provider;
    private final WorkerSetup workerSetup;
    private final SocketAddress address;
    private final Arena arena = Arena.ofShared();
    private final CallState state = new CallState(arena);
    private final long memory = arena.allocate(READ_BYTES, 8).address();
    private final WakeFd wake = new WakeFd();
    private final Thread thread;
    private final List<WorkerProcess> workers = new ArrayList<>();
    private final WorkerNeed need;
    private final CompletableFuture<Void> ready = new CompletableFuture<>();
    private final CompletableFuture<Long> stopped = new CompletableFuture<>();
    private int listener;
    private int input = -1;
    private long cut;
    private boolean dismissing;
    private long killAtNanos;
    private ServerStats ended = WorkerReport.NONE.stats();
    private volatile ServerStats stats = WorkerReport.NONE.stats();
    private final Inquiries inquiries;
    private final StrandedLook strandedLook;
    /** Set once by {@link #stop}: the time that is left for connections. */
    private volatile @Nullable Duration drain;

    /**
     * A master that listens.
     *
     * @throws SysException where the address can't be listened on
     */
    Master(Setup setup, Class<? extends ServiceProvider> provider, WorkerKind kind) {
        this.kind = kind;
        this.provider = provider;
        this.need = new WorkerNeed(kind.least(), kind.most());
        this.inquiries = new Inquiries(wake, !kind.reports());
        try {
            this.listener = open(setup);
        } catch (RuntimeException e) {
            wake.close();
            arena.close();
            throw e;
        }
        this.strandedLook = new StrandedLook(listener, kind.sharedQueue() && !kind.reports());
        this.address = Sockets.localAddress(listener, state);
        this.workerSetup =
                new WorkerSetup(setup.model().name(), address, provider.getName(), setup.arguments(), setup.options());
        this.thread = Thread.ofPlatform().daemon().name("sluice-master").unstarted(this::run);
    }

    private int open(Setup setup) {
        Options options = setup.options();
        ListenOptions listening = new ListenOptions(
                options.backlogCount(), !kind.sharedQueue(), options.noDelay(), options.keepAlive(), false, false);
        if (kind.sharedQueue()) {
            return Listening.open(setup.address(), listening, 0, state);
        }
        if (setup.address() instanceof UnixDomainSocketAddress) {
            throw new IllegalArgumentException("model " + setup.model().name()
                    + " can't share a Unix-domain socket among processes: leave --processes out, or take epoll");
        }
        return Listening.reserve(setup.address(), listening, state);
    }

    /**
     * Starts the workers; returns when enough of them accept.
     *
     * @throws IllegalStateException where they don't come up, with what one printed
     */
    void start() {
        thread.start();
        long seconds = START_SECONDS + START_SECONDS_EACH * (kind.readyCount() - 1);
        try {
            ready.orTimeout(seconds, TimeUnit.SECONDS).join();
        } catch (CompletionException e) {
            stop(Duration.ZERO);
            if (e.getCause() instanceof TimeoutException) {
                throw new IllegalStateException(
                        kind.readyCount() == 1
                                ? "no worker of model prefork came up within " + seconds + " s"
                                : kind.readyCount() + " server processes did not come up within " + seconds
                                        + " s: take fewer --processes",
                        e);
            }
            if (e.getCause() instanceof RuntimeException cause) {
                throw cause;
            }
            throw e;
        }
    }

    @Override
    public SocketAddress address() {
        return address;
    }

    /** The workers' counts as of now; of one that doesn't answer, as it told them last. */
    @Override
    public ServerStats stats() {
        inquiries.ask();
        return stats;
    }

    @Override
    public synchronized long stop(Duration time) {
        if (drain != null) {
            return 0;
        }
        drain = time;
        inquiries.wake();
        long result = stopped.join();
        Listening.unlink(address);
        return result;
    }

    // ---- the master's thread

    private void run() {
        try {
            long pipe = SysException.check(Descriptors.pipe2(Descriptors.O_CLOEXEC, state), "pipe2", "");
            Descriptors.close(Descriptors.second(pipe), state);
            input = Descriptors.first(pipe);
            while (drain == null || !workers.isEmpty()) {
                if (drain != null) {
                    dismissAll();
                } else {
                    keepEnough();
                    strandedLook.look(workers, memory, state);
                }
                publish();
                inquiries.answer(workers, memory, state);
                watch();
            }
        } catch (Throwable e) {
            ready.completeExceptionally(e);
            EventLog.log(Level.ERROR, "the master of the worker processes failed; they end", e);
            killAll();
        } finally {
            closeAll();
        }
    }

    private void closeAll() {
        if (!dismissing) {
            Descriptors.close(listener, state);
        }
        if (input >= 0) {
            Descriptors.close(input, state);
        }
        publish();
        inquiries.close();
        ready.completeExceptionally(new IllegalStateException("the server was stopped while it started"));
        long result = cut;
        arena.close();
        stopped.complete(result);
    }

    private void keepEnough() {
        long now = System.nanoTime();
        for (int n = need.toSpawn(workers, now); n > 0; n--) {
            try {
                workers.add(WorkerProcess.spawn(kind, provider, workerSetup, listener, input, state));
            } catch (SysException e) {
                failedStart(kind.words() + " could not be started: " + e.getMessage(), "", now);
                return;
            }
        }
        WorkerProcess superfluous = need.toDismiss(workers, now);
        if (superfluous != null) {
            superfluous.dismiss(MasterLink.UNHURRIED.toNanos(), memory, state);
        }
    }

    private void failedStart(String text, String printed, long now) {
        need.startFailed(now);
        EventLog.log(Level.WARNING, text + "; another one is started after a pause", null);
        if (need.failedStarts() >= FAILED_STARTS_GIVEN_UP) {
            String whole = printed.isEmpty() ? text : text + "; the last that it printed: " + printed;
            ready.completeExceptionally(new IllegalStateException(whole)); // matters while the server starts only
        }
    }

    /** Tells every worker to finish, once; kills those that overstay. */
    private void dismissAll() {
        long now = System.nanoTime();
        Duration time = drain == null ? Duration.ZERO : drain;
        if (!dismissing) {
            dismissing = true;
            Descriptors.close(listener, state);
            killAtNanos = now + time.toNanos();
            for (WorkerProcess worker : workers) {
                worker.dismiss(time.toNanos(), memory, state);
            }
        }
        for (WorkerProcess worker : workers) {
            boolean loading = worker.report.state() == WorkerReport.State.STARTING;
            long patience = loading
                    ? 0
                    : GRACE_NANOS + CUT_NANOS * worker.report.stats().open();
            if (!worker.killed && now - killAtNanos - patience >= 0) {
                cut += worker.report.stats().open();
                worker.kill(state);
            }
        }
    }

    /** Waits until something happens, and takes note of it. */
    private void watch() {
        int count = 1 + workers.size() * ENTRIES_PER_WORKER;
        long entries = NativeMemory.allocate((long) count * Poll.ENTRY_BYTES);
        try {
            Poll.set(entries, 0, wake.descriptor(), Poll.POLLIN);
            for (int i = 0; i < workers.size(); i++) {
                WorkerProcess worker = workers.get(i);
                int at = 1 + i * ENTRIES_PER_WORKER;
                Poll.set(entries, at, worker.pidFd, Poll.POLLIN);
                // A worker that ended is dealt with through its pidfd; its closed ends would only be reported again.
                Poll.set(entries, at + 1, worker.control, Poll.POLLIN);
                Poll.set(entries, at + 2, worker.output, Poll.POLLIN);
            }
            int found = Poll.ppoll(entries, count, waitNanos(), 0, state);
            if (found < 0 && found != -Errno.EINTR) {
                throw new SysException("ppoll", count + " descriptors of workers", -found);
            }
            if (found > 0) {
                note(entries);
            }
        } finally {
            NativeMemory.free(entries);
        }
    }

    private long waitNanos() {
        long now = System.nanoTime();
        if (!dismissing) {
            long look = Math.min(strandedLook.delayNanos(now), inquiries.delayNanos(now));
            return Math.min(Math.min(look, IDLE_LOOK_NANOS), need.delayNanos(now));
        }
        long kill = killAtNanos - now;
        return Math.clamp(kill > 0 ? kill : GRACE_NANOS + kill, TimeUnit.MILLISECONDS.toNanos(10), IDLE_LOOK_NANOS);
    }

    private void note(long entries) {
        if (Poll.revents(entries, 0) != 0) {
            wake.drain();
        }
        List<WorkerProcess> gone = new ArrayList<>();
        for (int i = 0; i < workers.size(); i++) {
            WorkerProcess worker = workers.get(i);
            int at = 1 + i * ENTRIES_PER_WORKER;
            boolean ends = Poll.revents(entries, at) != 0;
            boolean loading = worker.report.state() == WorkerReport.State.STARTING;
            if (ends || Poll.revents(entries, at + 1) != 0) {
                worker.readReports(memory, state);
            }
            if (ends || Poll.revents(entries, at + 2) != 0) {
                worker.readOutput(memory, READ_BYTES, state);
            }
            if (loading && worker.report.state() != WorkerReport.State.STARTING) {
                need.startSucceeded();
                if (acceptingCount() >= kind.readyCount()) {
                    ready.complete(null);
                }
            }
            if (ends && worker.reap(state)) {
                gone.add(worker);
            }
        }
        for (WorkerProcess worker : gone) {
            workers.remove(worker);
            mourn(worker);
        }
    }

    private long acceptingCount() {
        return workers.stream()
                .filter(worker -> worker.report.state() != WorkerReport.State.STARTING)
                .count();
    }

    private void mourn(WorkerProcess worker) {
        worker.close(state);
        cut += worker.report.cutCount();
        ended = WorkerReport.sum(WorkerReport.counts(ended), WorkerReport.counts(worker.report.ended()));
        if (worker.dismissed || drain != null) {
            return;
        }
        String text = kind.words() + " (pid " + worker.pid + ") " + worker.exit();
        long now = System.nanoTime();
        boolean useless = worker.report.stats().accepted() == 0 && now - worker.startedNanos < SHORT_LIFE_NANOS;
        if (useless) {
            failedStart(text, worker.tail(), now);
        } else {
            EventLog.log(Level.WARNING, text + "; it is replaced", null);
        }
    }

    private void killAll() {
        for (WorkerProcess worker : workers) {
            worker.kill(state);
        }
        while (!workers.isEmpty()) {
            for (WorkerProcess worker : List.copyOf(workers)) {
                Poll.pollOne(worker.pidFd, Poll.POLLIN, -1, state);
                if (worker.reap(state)) {
                    workers.remove(worker);
                    mourn(worker);
                }
            }
        }
    }

    private void publish() {
        long[][] parts = new long[workers.size() + 1][];
        parts[0] = WorkerReport.counts(ended);
        for (int i = 0; i < workers.size(); i++) {
            parts[i + 1] = WorkerReport.counts(workers.get(i).report.stats());
        }
        stats = WorkerReport.sum(parts);
    }
}
