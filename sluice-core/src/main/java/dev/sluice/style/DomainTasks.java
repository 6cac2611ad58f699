package dev.sluice.style;

import dev.sluice.Connection;
import dev.sluice.EventLog;
import dev.sluice.threading.DomainMember;

/** Tasks that must run, and inside of a connection's domain as long as there is one. */
final class DomainTasks {
    private DomainTasks() {}

    /** Queues a task inside the domain, though the connection be over; false where the domain is over too. */
    static boolean submit(Connection connection, Runnable task) {
        return connection instanceof DomainMember member ? member.submit(task) : connection.execute(task);
    }

    /** Runs a task inside the domain; where that is over, here. */
    static void enter(Connection connection, Runnable task) {
        if (!submit(connection, task)) {
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
