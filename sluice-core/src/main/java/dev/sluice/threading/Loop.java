package dev.sluice.threading;

import dev.sluice.EventLog;
import dev.sluice.Files;
import dev.sluice.Options;
import dev.sluice.Priority;
import dev.sluice.WeightedQueue;
import dev.sluice.disk.Disk;
import dev.sluice.engine.ChunkPool;
import dev.sluice.engine.DatagramInput;
import dev.sluice.engine.Handle;
import dev.sluice.engine.LoopChunkPool;
import dev.sluice.engine.LoopEngine;
import dev.sluice.engine.SharedChunkPool;
import dev.sluice.engine.Watch;
import java.lang.System.Logger.Level;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * An event loop: one platform thread, one engine, and the connections that are its share. What runs on it is serialized
 * by that; tasks from other threads come through a queue.
 *
 * <p>Its {@linkplain LoopRun run} only calls {@link #begin}, then {@link #beforeWait}, the engine's poll and {@link #afterWait} until {@link
 * #isOver}, then {@link #finish}. An {@link Environment} that has no thread for it calls the same.
 */
public final class Loop extends Domain {
    /** Where the loop is not pinned. */
    static final int ANY_CORE = -1;

    /**
     * To a deadline that is further away the loop waits half of the way, from a time that is as old as the turn before it: so a
     * busy loop looks at the clock once a turn. Only where that turn took longer than the half it is late.
     */
    private static final long FAR_NANOS = TimeUnit.SECONDS.toNanos(1);

    /** Where there are classes, turns are run for so long before the engine is asked again. */
    private static final long RANKED_NANOS = TimeUnit.MICROSECONDS.toNanos(200);

    private final String name;
    private final Supplier<LoopEngine> engines;
    private final Environment environment;
    private final TurnClock clock;
    private final LoopRun run;
    private final LoopChunkPool pool;
    private final TimerWheel timers = new TimerWheel();
    private final LoopTasks tasks;
    private final WeightedQueue<SocketConnection> turns = new WeightedQueue<>();
    private final ConnectionList connections = new ConnectionList();
    final Ledger ledger = new Ledger();
    /** Connections that are about to leave for another loop, or on their way. */
    final AtomicInteger departures = new AtomicInteger();

    private @Nullable LoopEngine engine;
    private @Nullable SharedChunkPool sharedPool;
    private Thread.Builder.@Nullable OfVirtual virtualThreads;
    /** Connections stay from now on. */
    private boolean holding;
    /** The server is draining; also read by virtual threads that the JDK schedules. */
    private volatile boolean draining;
    /** All is cut, and what comes after that is too. */
    private boolean cutting;

    /** Listeners that are not closed yet. */
    private int listeners;

    final Pulse pulse = new Pulse();

    /**
     * A loop whose thread has not started.
     *
     * @param core the core that its thread is pinned to, or {@link #ANY_CORE}
     * @param engines makes its engine, on its thread
     */
    public Loop(String name, Options options, int core, Supplier<LoopEngine> engines) {
        this(name, options, core, engines, Environment.MACHINE);
    }

    /** The same in an environment of its own. */
    public Loop(String name, Options options, int core, Supplier<LoopEngine> engines, Environment environment) {
        super(options);
        this.name = name;
        this.engines = engines;
        this.environment = environment;
        this.clock = new TurnClock(environment);
        this.run = new LoopRun(this, core, environment);
        this.tasks = new LoopTasks(this, clock);
        this.pool = environment.chunkPool();
    }

    /** Has it turned, and waits until its engine runs; what the engine throws is thrown here. */
    public Loop start() {
        return run.start();
    }

    /** For the environment. */
    void startThread() {
        run.startThread();
    }

    /** Makes the engine; first of all. */
    public LoopEngine begin() {
        LoopEngine e = engines.get();
        engine = e;
        run.begun();
        return e;
    }

    /** Releases everything; last of all. */
    public void finish() {
        run.quit();
        Watchdog.withdraw(this);
        LoopEngine e = engine;
        if (e != null) {
            e.close();
        }
        pool.close();
        if (sharedPool != null) {
            sharedPool.close();
        }
        run.over();
    }

    /** How long the engine may wait in this turn: 0 not at all, negative without a bound. */
    public long beforeWait() {
        long wait = waitNanos();
        clock.begin(); // or callbacks would be told the time before the wait
        return wait;
    }

    /** What a turn does once the engine has told what happened. */
    public void afterWait() {
        tasks.awake();
        timers.runDue(nanoTime());
        runTurns();
        tasks.run();
        engine().tellResults();
    }

    /** Whether it was asked to end, and nothing is left to turn for. */
    public boolean isOver() {
        return run.isQuitting() && connections.count() == 0 && listeners == 0 && !hasSources() && tasks.isEmpty();
    }

    private long waitNanos() {
        if (!turns.isEmpty()) {
            return 0;
        }
        long delay = timers.delayNanos(nanoTime());
        if (delay >= FAR_NANOS) {
            delay /= 2;
        } else if (delay >= 0) {
            clock.forget();
            delay = timers.delayNanos(nanoTime());
        }
        if (delay == 0) {
            return 0;
        }
        return tasks.sleep() && !isOver() ? delay : 0;
    }

    private void runTurns() {
        if (turns.isEmpty()) {
            return;
        }
        long end = isRanked() ? environment.nanoTime() + RANKED_NANOS : 0;
        turns.begin();
        for (SocketConnection c = turns.next(); c != null; c = turns.next()) {
            clock.forget();
            c.turn();
            if (end != 0 && environment.nanoTime() - end >= 0) {
                return; // somebody of a higher class may wait in the kernel by now
            }
        }
    }

    @Override
    public boolean submit(Runnable task) {
        if (run.isOver()) {
            return false;
        }
        boolean asleep = tasks.add(task);
        LoopEngine e = engine;
        if (asleep && Thread.currentThread() != run.thread() && e != null) {
            tasks.awake();
            e.wake();
        }
        return true;
    }

    /** Runs something on the loop and waits for its result; never from the loop itself. */
    public <T> T call(Callable<T> callable) {
        CompletableFuture<T> result = new CompletableFuture<>();
        boolean taken = submit(() -> {
            try {
                result.complete(callable.call());
            } catch (Throwable e) {
                result.completeExceptionally(e);
            }
        });
        if (!taken) {
            throw new IllegalStateException("loop " + name + " has ended");
        }
        return run.await(result);
    }

    /** Asks the loop to end once its last connection is closed, and waits for that. */
    public void stop() {
        run.quit();
        LoopEngine e = engine;
        if (e != null && isRunning()) {
            e.wake();
        }
        run.awaitEnd();
    }

    /** Tells every session that the server is draining; on the loop. */
    void tellStopping() {
        draining = true;
        connections.forEach(SocketConnection::askStopping);
    }

    /** Cuts what is still open; on the loop. The number of connections that were cut. */
    long cutAll() {
        cutting = true;
        closeOwnEvents();
        long cut = connections.count();
        connections.forEach(SocketConnection::askCut);
        return cut;
    }

    /** Keeps the loop turning until the acceptor's listener is closed; on the loop. */
    Acceptor acceptor(Handle listener, Consumer<Handle> newcomers) {
        listeners++;
        return new Acceptor(this, listener, ledger, newcomers, () -> listeners--);
    }

    /** Makes virtual threads that this loop schedules; on the loop. */
    Thread.Builder.OfVirtual virtualThreads() {
        Thread.Builder.OfVirtual builder = virtualThreads;
        if (builder == null) {
            builder = LoopScheduler.builder(this);
            virtualThreads = builder;
        }
        return builder;
    }

    /** Chunks for virtual threads that run elsewhere; on the loop. */
    ChunkPool sharedPool() {
        SharedChunkPool shared = sharedPool;
        if (shared == null) {
            shared = new SharedChunkPool();
            sharedPool = shared;
        }
        return shared;
    }

    /** Chunks that are out of the loop's pools; from any thread, a little late. */
    public long lentCount() {
        SharedChunkPool shared = sharedPool;
        return pool.lentCount() + (shared == null ? 0 : shared.lentCount());
    }

    boolean isRunning() {
        return !run.isOver();
    }

    /** Timers that are started; on the loop. */
    public int timerCount() {
        return timers.size();
    }

    /** Tasks that wait for it; from any thread, a little late. */
    int waitingTasks() {
        return tasks.size();
    }

    /** Connections that wait for a turn; from any thread, a little late. */
    int waitingTurns() {
        return turns.size();
    }

    /** Open connections; from any thread. */
    public int openCount() {
        return connections.count();
    }

    // ---- for the watchdog, and for who looks into a running server

    String name() {
        return name;
    }

    @Nullable
    Thread thread() {
        return run.thread();
    }

    /** A connection whose callback runs now; from the watchdog's thread, while the loop is held. */
    @Nullable
    SocketConnection calling() {
        return connections.find(c -> c.isCalling() && c.domain.runner(run.thread()) != null);
    }

    // ---- connections that move between loops

    /** From now on no connection begins to leave; on the loop. */
    void holdAll() {
        holding = true;
    }

    boolean isHolding() {
        return holding;
    }

    /** A connection goes to another loop. */
    void departed(SocketConnection connection) {
        ranked(connection.priority(), Priority.NORMAL);
        connections.remove(connection);
    }

    /** A connection came from another loop. */
    void arrived(SocketConnection connection) {
        ranked(Priority.NORMAL, connection.priority());
        connections.add(connection);
        ledger.moved++;
    }

    /** Visits so many connections at most; on the loop. */
    void visit(int most, Consumer<SocketConnection> visitor) {
        connections.forEach(most, visitor);
    }

    // ---- Domain

    @Override
    void begins() {
        pulse.begins();
    }

    @Override
    void ends() {
        pulse.ends();
    }

    @Override
    @Nullable
    Thread runner(@Nullable Thread loop) {
        return loop;
    }

    @Override
    public LoopEngine engine() {
        LoopEngine e = engine;
        if (e == null) {
            throw new IllegalStateException("loop " + name + " has not started");
        }
        return e;
    }

    @Override
    public boolean isSimulated() {
        return environment != Environment.MACHINE;
    }

    @Override
    public Watch watch(int fd, Watch.Ready ready) {
        return engine().canWatch() ? engine().watch(fd, ready) : super.watch(fd, ready);
    }

    @Override
    public @Nullable DatagramInput datagrams(int fd, int addressBytes, int maxBytes, int count, Watch.Ready ready) {
        return engine().datagrams(fd, addressBytes, maxBytes, count, ready);
    }

    @Override
    public Disk openDisk(Runnable over) {
        return environment.disk(this, over);
    }

    @Override
    public ChunkPool pool() {
        return pool;
    }

    @Override
    boolean isDraining() {
        return draining;
    }

    @Override
    boolean isShared() {
        return true;
    }

    @Override
    public void nextTurn(SocketConnection connection) {
        turns.add(connection, connection.priority());
    }

    @Override
    void ranked(Priority from, Priority to) {
        rankedCount += (to == Priority.NORMAL ? 0 : 1) - (from == Priority.NORMAL ? 0 : 1);
    }

    @Override
    public void start(TimerWheel.Entry timer, long delayNanos) {
        timers.start(timer, environment.nanoTime(), delayNanos);
    }

    @Override
    public void startAt(TimerWheel.Entry timer, long deadlineNanos) {
        timers.start(timer, deadlineNanos);
    }

    @Override
    public void cancel(TimerWheel.Entry timer) {
        timers.cancel(timer);
    }

    @Override
    public long nanoTime() {
        return clock.nanoTime();
    }

    @Override
    public long turnNanos() {
        return clock.turnNanos();
    }

    @Override
    public long currentTimeMillis() {
        return clock.currentTimeMillis();
    }

    @Override
    public RandomGenerator random() {
        return environment.random();
    }

    @Override
    public Files files() {
        return environment.files();
    }

    @Override
    public void joined(SocketConnection connection) {
        connections.add(connection);
        ledger.opened++;
        if (cutting) {
            connection.askCut(); // dialled by one that was cut
        }
    }

    @Override
    public void left(SocketConnection connection) {
        if (connection.domain == this) { // else it has a thread of its own
            ranked(connection.priority(), Priority.NORMAL);
        }
        connections.remove(connection);
        ledger.closed++;
    }

    @Override
    public void failed(SocketConnection connection, Throwable error) {
        ledger.failures++;
        EventLog.log(Level.WARNING, "a session failed; its connection is closed", error);
    }
}
