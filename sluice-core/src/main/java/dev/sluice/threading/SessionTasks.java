package dev.sluice.threading;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The tasks that other threads queue for a session: so many at most, and none once its connection is over.
 *
 * <p>A layer of a {@link SocketConnection}.
 */
abstract class SessionTasks extends Callbacks {
    private static final VarHandle WAITING;

    static {
        try {
            WAITING = MethodHandles.lookup().findVarHandle(SessionTasks.class, "waiting", int.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    /** Of {@link #waiting}: the connection is between two loops. */
    private static final int MOVING = 1 << 30;

    /** Read by {@link #execute} from any thread. */
    private volatile boolean refusing;

    @SuppressWarnings("unused") // through WAITING
    private volatile int waiting;

    /** The move that is under way, or the last one; see {@link #whereItIs}. */
    volatile @Nullable Move move;

    SessionTasks(Domain domain) {
        super(domain);
    }

    /** Runs a task or timer of the session as a callback. */
    abstract void runTask(Runnable task);

    /** A task that runs though its connection is over by then. */
    record Certain(Runnable task) implements Runnable {
        @Override
        public void run() {
            task.run();
        }
    }

    /**
     * Queues a task to run inside the domain; from any thread. False where there are too many, or it is over. Where it is over
     * before the task has run, that is dropped.
     */
    public final boolean execute(Runnable task) {
        return !refusing && enqueue(task, domain.options().taskLimitCount());
    }

    /** See {@link DomainMember#submit}. */
    public final boolean submit(Runnable task) {
        return enqueue(new Certain(task), Integer.MAX_VALUE);
    }

    /** It is counted before the domain is asked for, since the connection leaves none behind. */
    private boolean enqueue(Runnable task, int limit) {
        int before = (int) WAITING.getAndAdd(this, 1);
        Domain to = before < MOVING ? domain : whereItIs();
        if ((before & ~MOVING) >= limit || !to.submit(() -> taken(task, to))) {
            WAITING.getAndAdd(this, -1);
            return false;
        }
        return true;
    }

    /**
     * The domain of a connection that was seen between two loops, for a task that is counted already: until that has run, no
     * further move begins. So the move read first is this one, if it still is under way afterwards; otherwise it has ended.
     */
    private Domain whereItIs() {
        Move under = move;
        return under != null && (waiting & MOVING) != 0 ? under.to : domain;
    }

    private void taken(Runnable task, Domain at) {
        if (at != domain) {
            Objects.requireNonNull(move).keep(task); // it is here before its connection
        } else {
            run(task);
        }
    }

    private void run(Runnable task) {
        WAITING.getAndAdd(this, -1);
        runTask(task);
    }

    // ---- moving

    /** From now on tasks go where the connection goes; false where one waits here, so that it must stay. */
    final boolean redirectTasks() {
        return WAITING.compareAndSet(this, 0, MOVING);
    }

    /** Whether tasks wait to run. */
    final boolean hasTasks() {
        return waiting != 0;
    }

    /** The connection has arrived: runs the tasks that were there before it, in their order. */
    final void arriveTasks(Move arrived) {
        WAITING.getAndAdd(this, -MOVING);
        for (Runnable task = arrived.kept(); task != null; task = arrived.kept()) {
            run(task);
        }
    }

    /** Takes no more tasks. */
    final void refuseTasks() {
        refusing = true;
    }
}
