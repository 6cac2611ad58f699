package dev.sluice.threading;

import dev.sluice.EventLog;
import dev.sluice.Service;
import dev.sluice.engine.ChunkPool;
import dev.sluice.engine.DatagramInput;
import dev.sluice.engine.Engine;
import dev.sluice.engine.HandedWatch;
import dev.sluice.engine.Handle;
import dev.sluice.engine.Watch;
import java.net.SocketAddress;
import java.util.concurrent.locks.LockSupport;
import org.jctools.queues.varhandle.MpscUnboundedVarHandleArrayQueue;
import org.jspecify.annotations.Nullable;

/**
 * The domain of one connection of {@code virtual}, and of those that it dials: a queue, and a virtual thread that runs what is
 * in it and parks when it is empty. What runs may block; the loop goes on.
 *
 * <p>Where the loop schedules the thread (see {@link LoopScheduler}), the thread runs on the loop's own, and what belongs to
 * the loop may be used directly. Otherwise every use of the loop is a task for it.
 */
final class Mailbox extends Domain implements Runnable {
    /** Then others get their turn: nothing interrupts a virtual thread, and its loop waits for it. */
    private static final int TASKS_IN_A_ROW = 16;

    private final Loop loop;
    private final boolean onLoop;
    private final Engine engine;
    private final ChunkPool pool;
    private final Thread thread;
    private final MpscUnboundedVarHandleArrayQueue<Runnable> tasks = new MpscUnboundedVarHandleArrayQueue<>(16);
    private final Alarm alarm = new Alarm();
    private @Nullable TimerWheel timers;
    /** The alarm was set, and what it rings for has not run. */
    private boolean alarmSet;

    private long alarmNanos;
    /** Connections that live here, and those that are about to. */
    private int connections;

    private int dials;
    /** A connection waits for its next turn: others come first. */
    private boolean turnAsked;

    /** The thread is parked or about to be. */
    private volatile boolean idle;

    private volatile boolean over;

    /**
     * A mailbox whose thread has not started.
     *
     * @param onLoop whether the loop schedules the thread
     * @param engine the loop's own, or one that passes operations on to it
     * @param pool safe for the thread, and for the loop
     */
    Mailbox(Loop loop, boolean onLoop, Thread.Builder.OfVirtual threads, Engine engine, ChunkPool pool) {
        super(loop.options());
        this.loop = loop;
        this.onLoop = onLoop;
        this.engine = engine;
        this.pool = pool;
        this.thread = threads.unstarted(this);
    }

    /** Runs the first task, and whatever follows until the last connection is closed. */
    void start(Runnable first) {
        tasks.offer(first);
        thread.start();
    }

    @Override
    public void run() {
        int inARow = 0;
        do {
            Runnable task = tasks.poll();
            if (task == null) {
                inARow = 0;
                await();
            } else {
                runTask(task);
                if (++inARow >= TASKS_IN_A_ROW || turnAsked) {
                    inARow = 0;
                    turnAsked = false;
                    Thread.yield();
                }
            }
        } while (connections > 0 || dials > 0 || hasSources());
        over = true;
    }

    private void runTask(Runnable task) {
        try {
            task.run();
        } catch (RuntimeException | Error e) {
            EventLog.log(System.Logger.Level.ERROR, "a task of a virtual thread failed", e);
        }
    }

    private void await() {
        idle = true; // before the look at the queue, as submit looks at it after its store to the queue
        if (tasks.isEmpty()) {
            if (Thread.interrupted()) {
                idle = false; // a park with the interrupt pending would return at once, without end
                return;
            }
            LockSupport.park(this);
        }
        idle = false;
    }

    /**
     * On the loop: whether the thread is one of the loop's and waits for its next task, so that the loop may do something
     * here in its place.
     */
    boolean isParked() {
        return onLoop && idle && tasks.isEmpty();
    }

    @Override
    @Nullable
    Thread runner(@Nullable Thread loop) {
        return onLoop && loop != null && LoopScheduler.isCarriedBy(thread, loop) ? thread : null;
    }

    @Override
    public void cut(SocketConnection connection) {
        super.cut(connection);
        thread.interrupt(); // whatever a session waits for: its connection is over
    }

    /** On the loop, whose engine it is; what is asked and told comes a turn later. */
    @Override
    public Watch watch(int fd, Watch.Ready ready) {
        return new HandedWatch(loop::submit, this::submit, told -> loop.watch(fd, told), ready, () -> {});
    }

    /** Where the thread is the loop's: elsewhere the ring's memory is not to be touched. What comes is told a turn later. */
    @Override
    public @Nullable DatagramInput datagrams(int fd, int addressBytes, int maxBytes, int count, Watch.Ready ready) {
        return onLoop
                ? loop.datagrams(fd, addressBytes, maxBytes, count, events -> submit(() -> ready.ready(events)))
                : null;
    }

    @Override
    public Engine engine() {
        return engine;
    }

    @Override
    boolean isDraining() {
        return loop.isDraining();
    }

    @Override
    public ChunkPool pool() {
        return pool;
    }

    @Override
    public boolean submit(Runnable task) {
        if (over) {
            return false;
        }
        tasks.offer(task);
        if (idle) {
            idle = false;
            LockSupport.unpark(thread);
        }
        return true;
    }

    @Override
    public void nextTurn(SocketConnection connection) {
        turnAsked = true;
        tasks.offer(connection.turnTask());
    }

    @Override
    public long nanoTime() {
        return onLoop ? loop.nanoTime() : System.nanoTime();
    }

    @Override
    public long turnNanos() {
        return onLoop ? loop.turnNanos() : 0;
    }

    @Override
    public long currentTimeMillis() {
        return onLoop ? loop.currentTimeMillis() : System.currentTimeMillis();
    }

    @Override
    public void attach(Handle handle, SocketConnection connection) {
        handle.completion(new Mail(this, connection, loop.engine(), handle, pool));
    }

    @Override
    public void dial(SocketAddress remote, Service service) {
        dials++;
        onLoop(() -> {
            Runnable open = Dialled.connect(this, loop.engine(), remote, service);
            submit(() -> {
                dials--;
                open.run();
            });
        });
    }

    @Override
    public void joined(SocketConnection connection) {
        connections++;
        onLoop(() -> loop.joined(connection));
    }

    @Override
    public void left(SocketConnection connection) {
        connections--;
        onLoop(() -> loop.left(connection));
    }

    @Override
    public void failed(SocketConnection connection, Throwable error) {
        onLoop(() -> loop.failed(connection, error));
    }

    private void onLoop(Runnable task) {
        if (onLoop) {
            task.run();
        } else {
            loop.submit(task);
        }
    }

    // ---- timers: a wheel of its own, and one alarm on the loop for the first of them

    @Override
    public void start(TimerWheel.Entry timer, long delayNanos) {
        timers().start(timer, System.nanoTime(), delayNanos);
        setAlarm();
    }

    @Override
    public void startAt(TimerWheel.Entry timer, long deadlineNanos) {
        timers().start(timer, deadlineNanos);
        setAlarm();
    }

    @Override
    public void cancel(TimerWheel.Entry timer) {
        timers().cancel(timer);
        if (timers().size() == 0) {
            setAlarm();
        }
    }

    private TimerWheel timers() {
        TimerWheel wheel = timers;
        if (wheel == null) {
            wheel = new TimerWheel();
            timers = wheel;
        }
        return wheel;
    }

    /** Has the loop ring at the first deadline, or before it: one that moves away costs nothing. */
    private void setAlarm() {
        long now = System.nanoTime();
        long delay = timers().delayNanos(now);
        if (delay < 0 ? alarmSet : !alarmSet || now + delay - alarmNanos < 0) {
            alarmSet = delay >= 0;
            alarmNanos = now + delay;
            if (onLoop) {
                alarm.set(delay);
            } else {
                loop.submit(() -> alarm.set(delay));
            }
        }
    }

    private void runTimers() {
        alarmSet = false;
        timers().runDue(System.nanoTime());
        setAlarm();
    }

    /** Rings on the loop; the timers run here. */
    private final class Alarm extends TimerWheel.Entry {
        void set(long delayNanos) {
            loop.cancel(this);
            if (delayNanos >= 0) {
                loop.start(this, delayNanos);
            }
        }

        @Override
        protected void run() {
            submit(Mailbox.this::runTimers);
        }
    }
}
