package dev.sluice.style;

import dev.sluice.Connection;
import dev.sluice.EventLog;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.ForkJoinPool;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;

/** Tasks that must run, and inside of a connection's domain as long as there is one. */
final class DomainTasks {
    /** Where a connection's queue of tasks is full, which bounds other threads and no result that is owed. */
    private static final Executor LATER =
            CompletableFuture.delayedExecutor(1, TimeUnit.MILLISECONDS, ForkJoinPool.commonPool());

    private DomainTasks() {}

    /**
     * Runs a task inside the domain: soon; where the connection's queue is full, later; once the connection is over, here.
     *
     * @param over whether the session was told of its end
     */
    static void enter(Connection connection, BooleanSupplier over, Runnable task) {
        if (over.getAsBoolean()) {
            task.run();
        } else if (!connection.execute(task)) {
            later(() -> enter(connection, over, task));
        }
    }

    /** Tries again in a while. */
    static void later(Runnable attempt) {
        LATER.execute(attempt);
    }

    /** Has a session fail by what its code threw outside of a callback. */
    static void fail(Connection connection, Throwable error) {
        boolean told = connection.execute(() -> {
            if (error instanceof RuntimeException e) {
                throw e;
            }
            if (error instanceof Error e) {
                throw e;
            }
            throw new IllegalStateException(error);
        });
        if (!told) {
            EventLog.log(System.Logger.Level.WARNING, "a handler failed after its connection was closed", error);
        }
    }
}
