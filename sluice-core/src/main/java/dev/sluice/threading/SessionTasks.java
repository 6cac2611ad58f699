package dev.sluice.threading;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;

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

    /** Read by {@link #execute} from any thread. */
    private volatile boolean refusing;

    @SuppressWarnings("unused") // through WAITING
    private volatile int waiting;

    SessionTasks(Domain domain) {
        super(domain);
    }

    /** Runs a task or timer of the session as a callback. */
    abstract void runTask(Runnable task);

    /** Queues a task to run inside the domain; from any thread. False where there are too many, or it is over. */
    public final boolean execute(Runnable task) {
        if (refusing) {
            return false;
        }
        if ((int) WAITING.getAndAdd(this, 1) >= domain.options().taskLimitCount()) {
            WAITING.getAndAdd(this, -1);
            return false;
        }
        if (!domain.submit(() -> taken(task))) {
            WAITING.getAndAdd(this, -1);
            return false;
        }
        return true;
    }

    private void taken(Runnable task) {
        WAITING.getAndAdd(this, -1);
        runTask(task);
    }

    /** Takes no more tasks. */
    final void refuseTasks() {
        refusing = true;
    }
}
