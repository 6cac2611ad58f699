package dev.sluice.threading;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;

/** The tasks that other threads queue for a session: so many at most, and none once its connection is over. */
final class SessionTasks {
    private static final VarHandle WAITING;

    static {
        try {
            WAITING = MethodHandles.lookup().findVarHandle(SessionTasks.class, "waiting", int.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    private final Lifecycle lifecycle;
    private final Domain domain;
    /** Read by {@link #execute} from any thread. */
    private volatile boolean over;

    @SuppressWarnings("unused") // through WAITING
    private volatile int waiting;

    SessionTasks(Lifecycle lifecycle, Domain domain) {
        this.lifecycle = lifecycle;
        this.domain = domain;
    }

    /** Queues a task to run inside the domain; from any thread. False where there are too many, or it is over. */
    boolean execute(Runnable task) {
        if (over) {
            return false;
        }
        if ((int) WAITING.getAndAdd(this, 1) >= domain.options().taskLimitCount()) {
            WAITING.getAndAdd(this, -1);
            return false;
        }
        if (!domain.submit(() -> run(task))) {
            WAITING.getAndAdd(this, -1);
            return false;
        }
        return true;
    }

    private void run(Runnable task) {
        WAITING.getAndAdd(this, -1);
        lifecycle.run(task);
    }

    /** Takes no more tasks. */
    void close() {
        over = true;
    }
}
