package dev.sluice.http;

import dev.sluice.Connection;
import org.jspecify.annotations.Nullable;

/**
 * A session's one timer. A deadline that moves away costs nothing: the timer finds out when it fires, and is set anew; so a
 * request that is answered at once never touches it.
 */
final class Watch {
    /** No deadline. */
    static final long NEVER = Long.MAX_VALUE;

    /** Whose deadline it is. */
    interface Watched {
        /** When time is up, in {@link Connection#nanoTime}, or {@link #NEVER}. */
        long deadlineNanos();

        /** Time is up. */
        void expired();
    }

    private final Connection connection;
    private final Watched watched;
    private final Runnable task = this::fire;
    private Connection.@Nullable Timer timer;
    private long dueNanos;

    Watch(Connection connection, Watched watched) {
        this.connection = connection;
        this.watched = watched;
    }

    boolean isSet() {
        return timer != null;
    }

    /** The deadline is now this one, or later than it was. */
    void atLatest(long deadlineNanos) {
        if (deadlineNanos == NEVER || timer != null && dueNanos - deadlineNanos <= 0) {
            return;
        }
        cancel();
        dueNanos = deadlineNanos;
        timer = connection.after(Math.max(0, deadlineNanos - connection.nanoTime()), task);
    }

    void cancel() {
        if (timer != null) {
            timer.cancel();
            timer = null;
        }
    }

    private void fire() {
        timer = null;
        long deadline = watched.deadlineNanos();
        if (deadline == NEVER) {
            return;
        }
        if (deadline - connection.nanoTime() > 0) {
            atLatest(deadline);
        } else {
            watched.expired();
        }
    }
}
