package dev.sluice.threading;

import dev.sluice.EventLog;
import java.lang.System.Logger.Level;
import java.util.concurrent.TimeUnit;
import org.jctools.queues.varhandle.MpscUnboundedVarHandleArrayQueue;

/** What other threads ask of a loop, and what of it waits for a turn: the queue of its tasks, and whether they must wake it. */
final class LoopTasks {
    /** Tasks run in one turn before the engine is asked again. */
    private static final int TASKS_PER_TURN = 1024;
    /** The same in time, so that what waits in the kernel is seen while long tasks wait here. */
    private static final long TASKS_NANOS = TimeUnit.MICROSECONDS.toNanos(200);

    private final Loop loop;
    private final TurnClock clock;
    private final MpscUnboundedVarHandleArrayQueue<Runnable> queue = new MpscUnboundedVarHandleArrayQueue<>(1024);

    /** The loop is in the engine's wait, or about to be. */
    private volatile boolean asleep;

    LoopTasks(Loop loop, TurnClock clock) {
        this.loop = loop;
        this.clock = clock;
    }

    /**
     * Adds a task, from any thread; whether the loop must be woken for it. The loop stores {@link #asleep} and then looks at the
     * queue; here it is the other way round, so one sees the other.
     */
    boolean add(Runnable task) {
        queue.offer(task);
        return asleep;
    }

    // ---- on the loop, but for awake()

    /** From now on a task must wake it; whether none waits already. */
    boolean sleep() {
        asleep = true;
        return queue.isEmpty();
    }

    /** It turns, or was woken: nobody else need wake it. */
    void awake() {
        asleep = false;
    }

    /** Runs those that wait, up to a turn's share; what they add waits for the next turn, which sees the network first. */
    void run() {
        for (int left = Math.min(queue.size(), TASKS_PER_TURN); left > 0; left--) {
            Runnable task = queue.relaxedPoll();
            if (task == null) {
                return; // counted, but not there yet
            }
            clock.forget();
            run(task);
            if (clock.wasPast(TASKS_NANOS)) {
                return;
            }
        }
    }

    private void run(Runnable task) {
        loop.begins();
        try {
            task.run();
        } catch (RuntimeException | Error e) {
            EventLog.log(Level.ERROR, "a task of loop " + loop.name() + " failed", e);
        } finally {
            loop.ends();
        }
    }

    boolean isEmpty() {
        return queue.isEmpty();
    }

    /** From any thread, a little late. */
    int size() {
        return queue.size();
    }
}
