package dev.sluice.threading;

import dev.sluice.Cause;
import dev.sluice.EventLog;
import dev.sluice.engine.BlockingEngine;
import dev.sluice.engine.ChunkPool;
import dev.sluice.engine.Handle;
import dev.sluice.engine.Turnstile;
import java.lang.System.Logger.Level;
import java.lang.invoke.VarHandle;
import java.util.ArrayDeque;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import org.jctools.queues.varhandle.unpadded.MpscLinkedVarHandleUnpaddedQueue;
import org.jspecify.annotations.Nullable;

/**
 * The serialization domain of {@code threads}: a lock, of one connection and those that it dialled, or of a listener.
 * Each handle's own thread comes in with what it received; tasks and timers wait in a queue, and whoever is inside runs
 * them before it goes.
 *
 * <p>Who queues a task never runs it, and never waits: where nobody is inside, a courier is sent. So a session can
 * {@code execute} on another while that one does the same to it, and a task never runs in the middle of the call that
 * queued it.
 */
final class LockDomain extends Domain implements Turnstile {
    private static final int ROUNDS_PER_TURN = 32;
    private static final int RESULTS_PER_ROUND = 64;
    private static final int TASKS_PER_ROUND = 64;

    private final Crew crew;
    private final BlockingEngine engine;
    private final ReentrantLock lock = new ReentrantLock();
    private final MpscLinkedVarHandleUnpaddedQueue<Runnable> tasks = new MpscLinkedVarHandleUnpaddedQueue<>();
    private final AtomicBoolean carried = new AtomicBoolean();
    private final TimerWheel timers = new TimerWheel();
    private final ArrayDeque<SocketConnection> turns = new ArrayDeque<>(2);
    private final ConnectionList connections = new ConnectionList();
    final Ledger ledger = new Ledger();

    private int listeners;
    /** Lives until it is cut, though nothing is open in it. */
    private boolean held;

    private volatile boolean over;
    private final TurnClock clock = new TurnClock(Environment.MACHINE);

    private @Nullable Future<?> alarm;
    private long alarmNanos;

    LockDomain(Crew crew) {
        super(crew.options());
        this.crew = crew;
        this.engine = new BlockingEngine(this, crew);
    }

    // ---- turns

    @Override
    public void enter() {
        lock.lock();
        clock.forget();
    }

    @Override
    public boolean settle() {
        assert lock.isHeldByCurrentThread() : "only inside";
        clock.forget(); // a callback may have taken long
        for (int round = 0; round < ROUNDS_PER_TURN; round++) {
            boolean told = engine.tellResults(RESULTS_PER_ROUND);
            boolean ran = runTasks();
            ran |= runTurns();
            ran |= runTimers();
            if (ran) {
                clock.forget();
            } else if (!told) {
                setAlarm();
                return true;
            }
        }
        return false;
    }

    /**
     * The lock is given up and then the queue looked at; {@link #submit} does it the other way round, so that one of
     * the two sees the other.
     */
    @Override
    public void leave() {
        lock.unlock();
        VarHandle.fullFence();
        if (!tasks.isEmpty() && !over) {
            carry();
        }
    }

    /** A courier's visit. Where somebody is inside, it is theirs to do: they look at the queue after they left. */
    private void visit() {
        carried.set(false);
        if (!lock.tryLock()) {
            return;
        }
        boolean calm = true;
        try {
            calm = settle();
        } finally {
            leave();
            if (!calm) {
                carry();
            }
        }
    }

    private void carry() {
        if (carried.compareAndSet(false, true)) {
            crew.carry(this::visit);
        }
    }

    private boolean runTasks() {
        for (int n = 0; n < TASKS_PER_ROUND; n++) {
            Runnable task = tasks.poll();
            if (task == null) {
                return n > 0;
            }
            try {
                task.run();
            } catch (RuntimeException | Error e) {
                broken(e);
            }
        }
        return true;
    }

    private boolean runTurns() {
        int count = turns.size();
        for (int n = count; n > 0; n--) {
            turns.remove().turn();
        }
        return count > 0;
    }

    private boolean runTimers() {
        if (timers.size() == 0 || timers.delayNanos(nanoTime()) != 0) {
            return false;
        }
        timers.runDue(nanoTime());
        return true;
    }

    /** Keeps an alarm for the first deadline, or for an earlier moment: a deadline that moves away costs nothing. */
    private void setAlarm() {
        if (timers.size() == 0) {
            return;
        }
        long time = nanoTime();
        long delay = timers.delayNanos(time);
        long deadline = time + delay;
        Future<?> old = alarm;
        boolean pending = old != null && alarmNanos - time > 0; // else it has gone off, or is about to
        if (pending && alarmNanos - deadline <= 0) {
            return;
        }
        if (old != null) {
            old.cancel(false);
        }
        alarmNanos = deadline;
        alarm = crew.alarm(this::poke, delay);
    }

    /** On the alarm's thread. */
    private void poke() {
        if (!over) {
            tasks.offer(LockDomain::lookAtTimers);
            VarHandle.fullFence();
            if (!lock.isLocked()) {
                carry();
            }
        }
    }

    /** A task that does nothing: whoever runs it looks at the timers as well. */
    private static void lookAtTimers() {}

    @Override
    public void launch(String name, Runnable body) {
        crew.launch(name, body);
    }

    @Override
    public boolean givesWay() {
        return crew.givesWay();
    }

    @Override
    public void broken(Throwable error) {
        EventLog.log(Level.ERROR, "an error of the runtime on model threads", error);
    }

    // ---- the server's side

    /** An acceptor of this domain, which is not over before the listener is closed; inside. */
    Acceptor acceptor(Handle listener, Consumer<Handle> newcomers) {
        listeners++;
        return new Acceptor(this, listener, ledger, newcomers, () -> {
            listeners--;
            endIfEmpty();
        });
    }

    /** Tells every session that the server is draining; inside. */
    void tellStopping() {
        connections.forEach(SocketConnection::askStopping);
    }

    /** Cuts what is still open; inside. */
    void cutAll() {
        closeOwnEvents();
        if (held) {
            held = false;
            endIfEmpty();
        }
        connections.forEach(c -> {
            if (c.finish(Cause.STOPPED, true)) {
                crew.countCut();
            }
        });
    }

    /** Visits its connections; inside. */
    void visit(Consumer<SocketConnection> visitor) {
        connections.forEach(visitor);
    }

    /** The thread of the connection that joined last, as {@link Crew#welcome} names it; from any thread, a little late. */
    String threadName() {
        SocketConnection connection = connections.find(any -> true);
        return connection == null
                ? "sluice-threads"
                : "sluice-threads-" + connection.handle().descriptor();
    }

    int openCount() {
        return connections.count();
    }

    /** Nothing lives here any more. */
    void end() {
        over = true;
        if (alarm != null) {
            alarm.cancel(false);
        }
        crew.ended(this);
    }

    private void endIfEmpty() {
        if (connections.count() == 0 && listeners == 0 && !held && !hasSources() && !over) {
            end();
        }
    }

    /** Keeps the domain until {@link #cutAll}, for sources of events that come later. */
    void hold() {
        held = true;
    }

    @Override
    void sourcesEnded() {
        endIfEmpty();
    }

    // ---- Domain

    @Override
    public BlockingEngine engine() {
        return engine;
    }

    @Override
    boolean isDraining() {
        return crew.isDraining();
    }

    @Override
    public ChunkPool pool() {
        return crew.pool();
    }

    @Override
    public boolean submit(Runnable task) {
        if (over) {
            return false;
        }
        tasks.offer(task);
        VarHandle.fullFence();
        if (!lock.isLocked()) {
            carry();
        }
        return true;
    }

    @Override
    public void nextTurn(SocketConnection connection) {
        turns.add(connection);
    }

    @Override
    public void start(TimerWheel.Entry timer, long delayNanos) {
        timers.start(timer, System.nanoTime(), delayNanos);
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
    public void joined(SocketConnection connection) {
        connections.add(connection);
    }

    @Override
    public void left(SocketConnection connection) {
        connections.remove(connection);
        ledger.closed++;
        endIfEmpty();
    }

    @Override
    public void failed(SocketConnection connection, Throwable error) {
        ledger.failures++;
        EventLog.log(Level.WARNING, "a session failed; its connection is closed", error);
    }
}
