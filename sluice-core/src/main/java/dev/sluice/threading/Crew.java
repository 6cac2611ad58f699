package dev.sluice.threading;

import dev.sluice.EventLog;
import dev.sluice.Options;
import dev.sluice.ServerStats;
import dev.sluice.Service;
import dev.sluice.engine.Alarm;
import dev.sluice.engine.ChunkPool;
import dev.sluice.engine.Handle;
import dev.sluice.engine.SharedChunkPool;
import dev.sluice.observe.ConnectionCensus;
import dev.sluice.observe.ConnectionReport;
import dev.sluice.os.CallState;
import dev.sluice.os.Descriptors;
import dev.sluice.os.Signals;
import dev.sluice.os.SysException;
import java.lang.System.Logger.Level;
import java.lang.foreign.Arena;
import java.net.SocketAddress;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Predicate;

/**
 * What the domains of one server, client or worker of {@code threads} share: chunks, the alarm, couriers, the list of
 * domains and of threads, and the sums of what ended. Safe for use from any thread.
 */
final class Crew implements Alarm {
    /** Reserved, not used: what a stack touches is all that it costs. */
    private static final long STACK_BYTES = 512 * 1024;

    /** How long a thread without a handle waits for another. */
    private static final long KEPT_MILLIS = 250;

    private static final int GIVING_WAY_MOST = 256;

    private static final long LOOK_NANOS = TimeUnit.MILLISECONDS.toNanos(1);
    private static final int LOOKS_PER_CUT = 32;
    private static final int LOOKS_BEFORE_INTERRUPT = 256;
    /** A session that blocks for so long after it was cut and interrupted is left behind. */
    private static final long PATIENCE_NANOS = TimeUnit.SECONDS.toNanos(10);

    private final Options options;
    private final SharedChunkPool pool = new SharedChunkPool();
    private final ScheduledThreadPoolExecutor alarm;
    private final Couriers couriers;
    private final Set<LockDomain> domains = ConcurrentHashMap.newKeySet();
    private final ThreadPoolExecutor threads;
    /** Threads that have a handle. */
    private final Set<Thread> working = ConcurrentHashMap.newKeySet();

    private volatile boolean draining;
    private final AtomicLong cut = new AtomicLong();
    /** Newcomers that are accepted and in no domain yet. */
    private final AtomicInteger arriving = new AtomicInteger();

    private final AtomicLong refused = new AtomicLong();
    private final EventLog.Seldom seldom = new EventLog.Seldom();
    /** Of the domains that have ended; guarded by itself. */
    private final Totals endedTotals = new Totals();

    Crew(Options options, String name) {
        this.options = options;
        this.alarm = new ScheduledThreadPoolExecutor(
                1,
                Thread.ofPlatform().daemon().name(name + "-alarm").factory(),
                new ThreadPoolExecutor.DiscardPolicy());
        alarm.setRemoveOnCancelPolicy(true);
        this.threads = new ThreadPoolExecutor(
                0,
                Integer.MAX_VALUE,
                KEPT_MILLIS,
                TimeUnit.MILLISECONDS,
                new SynchronousQueue<>(),
                Thread.ofPlatform()
                        .daemon()
                        .name(name, 0)
                        .stackSize(STACK_BYTES)
                        .factory());
        this.couriers = new Couriers(name + "-courier-", this);
        try (Arena arena = Arena.ofConfined()) {
            SysException.check(
                    Signals.ignoreWithInterrupt(Signals.WAKE, new CallState(arena)), "sigaction", Signals.WAKE);
        }
    }

    Options options() {
        return options;
    }

    ChunkPool pool() {
        return pool;
    }

    // ---- alarm, couriers, threads

    @Override
    public void after(long delayNanos, Runnable task) {
        Future<?> _ = alarm(task, delayNanos);
    }

    /** As {@link #after}, and can be cancelled. */
    Future<?> alarm(Runnable task, long delayNanos) {
        Runnable logged = () -> {
            try {
                task.run();
            } catch (RuntimeException | Error e) {
                EventLog.log(Level.ERROR, "an error of the runtime on model threads", e);
            }
        };
        return alarm.schedule(logged, delayNanos, TimeUnit.NANOSECONDS);
    }

    void carry(Runnable visit) {
        couriers.carry(visit);
    }

    /**
     * Runs a handle's body on a thread of its own: a fresh one, or one whose handle was closed a moment ago, since
     * starting a thread costs as much as a hundred system calls.
     *
     * @throws OutOfMemoryError where the system has none left
     */
    void launch(String name, Runnable body) {
        threads.execute(() -> {
            Thread thread = Thread.currentThread();
            thread.setName(name);
            working.add(thread);
            try {
                body.run();
            } finally {
                working.remove(thread);
            }
        });
    }

    // ---- connections

    LockDomain domain() {
        LockDomain domain = new LockDomain(this);
        domains.add(domain);
        return domain;
    }

    /**
     * Gives a newcomer a thread, which then gives it a domain: where a thousand threads want one core, the one that accepts has
     * a thousandth of it. Inside the listener's domain.
     */
    void welcome(Handle peer, Service service) {
        int descriptor = peer.descriptor();
        arriving.incrementAndGet();
        try {
            launch("sluice-threads-" + descriptor, () -> serve(arrived(), descriptor, service));
        } catch (OutOfMemoryError e) {
            arriving.decrementAndGet();
            refused.incrementAndGet();
            Descriptors.close(descriptor, new CallState());
            synchronized (seldom) {
                seldom.log(
                        Level.WARNING,
                        "a newcomer was closed, there is no thread for it: raise the limits on threads (ulimit -u,"
                                + " kernel.threads-max, pids.max), or take --model epoll",
                        System.nanoTime());
            }
        }
    }

    private LockDomain arrived() {
        try {
            return domain();
        } finally {
            arriving.decrementAndGet(); // only now: whoever stops the server looks for both
        }
    }

    private boolean isEmpty() {
        return arriving.get() == 0 && domains.isEmpty();
    }

    /** Serves a connection on the calling thread; returns when it and what it dialled are closed. */
    void serve(int descriptor, Service service) {
        LockDomain domain = domain();
        serve(domain, descriptor, service);
        while (domains.contains(domain)) {
            LockSupport.parkNanos(this, LOOK_NANOS);
        }
    }

    private static void serve(LockDomain domain, int descriptor, Service service) {
        Handle handle = domain.engine().adopt(descriptor);
        domain.engine().serve(handle, () -> new SocketConnection(domain, handle).openAccepted(service));
    }

    void dial(SocketAddress remote, Service service) {
        LockDomain domain = domain();
        domain.submit(() -> domain.dial(remote, service));
    }

    void countCut() {
        cut.incrementAndGet();
    }

    /**
     * Whether connections' threads offer their core to each other (sched_yield(2)) before they receive: of one whose next bytes are
     * always there already, the others would wait for the end of its slice, some milliseconds. For many it doesn't
     * pay (docs/performance.md): who yields waits for all others, and finds the caches cold.
     */
    boolean givesWay() {
        int connections = domains.size() - 1; // but for the listener
        return connections > 1 && connections <= GIVING_WAY_MOST;
    }

    /** A domain's last handle is closed. */
    void ended(LockDomain domain) {
        synchronized (endedTotals) { // the removal too: whoever sums up in between would miss the domain
            if (domains.remove(domain)) {
                endedTotals.add(domain.engine().counters(), domain.ledger);
            }
        }
    }

    // ---- stopping

    /** Tells the sessions that the server is draining, and gives them the time. */
    void drain(Duration time) {
        if (time.isZero()) {
            return;
        }
        tellStopping();
        long deadline = System.nanoTime() + time.toNanos();
        while (!isEmpty() && System.nanoTime() - deadline < 0) {
            LockSupport.parkNanos(this, LOOK_NANOS);
        }
    }

    /** Tells the sessions, those that were not told before, that the server is draining. */
    void tellStopping() {
        draining = true;
        domains.forEach(domain -> domain.submit(domain::tellStopping));
    }

    boolean isDraining() {
        return draining;
    }

    /** Begins to cut what is open. */
    void cutAll() {
        domains.forEach(domain -> domain.submit(domain::cutAll));
    }

    long cutCount() {
        return cut.get();
    }

    /** Cuts what is open, and returns when every thread is back; the number of connections that were cut. */
    long stop() {
        long deadline = System.nanoTime() + PATIENCE_NANOS;
        for (int look = 0; !isEmpty() || !working.isEmpty(); look++) {
            if (look % LOOKS_PER_CUT == 0) { // again, for who opened meanwhile
                cutAll();
            }
            if (look > 0 && look % LOOKS_BEFORE_INTERRUPT == 0) {
                working.forEach(Thread::interrupt); // a callback blocks: on this model it may
            }
            if (System.nanoTime() - deadline > 0) {
                EventLog.log(
                        Level.ERROR,
                        working.size() + " sessions block in a callback though their threads were interrupted;"
                                + " they are left behind",
                        null);
                break;
            }
            LockSupport.parkNanos(this, LOOK_NANOS);
        }
        threads.shutdown();
        Couriers.awaitEnd(threads);
        couriers.close();
        alarm.shutdownNow();
        Couriers.awaitEnd(alarm);
        pool.close();
        return cut.get();
    }

    // ---- counts

    int openCount() {
        int open = 0;
        for (LockDomain domain : domains) {
            open += domain.openCount();
        }
        return open;
    }

    ConnectionCensus connections(Predicate<ConnectionReport> wanted, int limit) {
        return Insight.connectionsOf(domains, openCount(), wanted, limit);
    }

    ServerStats stats() {
        Totals totals = new Totals();
        long open = 0;
        synchronized (endedTotals) {
            totals.add(endedTotals);
            for (LockDomain domain : domains) {
                totals.add(domain.engine().counters(), domain.ledger);
                open += domain.openCount();
            }
        }
        int alarms = alarm.isTerminated() ? 0 : alarm.getPoolSize();
        int threadCount = threads.getPoolSize() + couriers.count() + alarms;
        return totals.stats(open, refused.get(), pool.lentCount(), threadCount);
    }
}
