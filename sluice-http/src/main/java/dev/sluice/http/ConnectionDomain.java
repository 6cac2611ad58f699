package dev.sluice.http;

import dev.sluice.Connection;
import org.jspecify.annotations.Nullable;

/** Knows whether the current thread is inside one of a session's callbacks, and brings tasks there. */
final class ConnectionDomain {
    private final Connection connection;

    /** Only the thread that wrote it can find itself here, so a plain field tells every thread the truth. */
    private @Nullable Thread inside;

    ConnectionDomain(Connection connection) {
        this.connection = connection;
    }

    void enter() {
        inside = Thread.currentThread();
    }

    void leave() {
        inside = null;
    }

    boolean isHere() {
        return inside == Thread.currentThread();
    }

    /** Runs a task in a callback. */
    void run(Runnable task) {
        Thread before = inside;
        inside = Thread.currentThread();
        try {
            task.run();
        } finally {
            inside = before;
        }
    }

    /** Queues a task; from any thread. False where the connection is gone or its queue is full. */
    boolean execute(Runnable task) {
        return connection.execute(() -> run(task));
    }
}
