package dev.sluice.style;

import dev.sluice.Connection;
import dev.sluice.EventLog;
import dev.sluice.threading.Dialer;

/** Tasks that must run, and inside of a connection's domain as long as there is one. */
final class DomainTasks {
    private DomainTasks() {}

    /**
     * Runs a task inside the domain, though the connection's own queue be full or the connection over; where the domain is over
     * too, here.
     */
    static void enter(Connection connection, Runnable task) {
        if (!connection.execute(task) && !(connection instanceof Dialer domain && domain.submit(task))) {
            task.run();
        }
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
