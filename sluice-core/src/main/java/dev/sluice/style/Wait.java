package dev.sluice.style;

import dev.sluice.Connection;
import java.io.IOException;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * What one thread waits for, used again for each time. All but {@link #isOver} is called inside the domain. Its timer is left
 * alone while its deadline moves away, so that an operation that is done in time costs none.
 */
final class Wait {
    private final Connection connection;
    private final DomainScheduler scheduler;
    private final Runnable onTimeout;
    private @Nullable Thread thread;
    private volatile boolean over = true;
    private @Nullable Supplier<IOException> failure;
    private boolean limited;
    private long deadline;
    private Connection.@Nullable Timer timer;
    private long timerDeadline;

    Wait(Connection connection, DomainScheduler scheduler, Runnable onTimeout) {
        this.connection = connection;
        this.scheduler = scheduler;
        this.onTimeout = onTimeout;
    }

    /** A thread begins to wait. */
    void begin(Thread waiter, long timeoutNanos) {
        thread = waiter;
        failure = null;
        over = false;
        limited = timeoutNanos > 0;
        if (limited) {
            long now = connection.nanoTime();
            deadline = now + timeoutNanos;
            arm(now);
        }
    }

    private void arm(long now) {
        Connection.Timer armed = timer;
        if (armed != null && timerDeadline - deadline <= 0) {
            return;
        }
        if (armed != null) {
            armed.cancel();
        }
        timerDeadline = deadline;
        timer = connection.after(deadline - now, this::look);
    }

    private void look() {
        timer = null;
        if (over || !limited) {
            return;
        }
        long now = connection.nanoTime();
        if (deadline - now > 0) {
            arm(now);
        } else {
            onTimeout.run();
        }
    }

    boolean isPending() {
        return !over;
    }

    /** Whether what is waited for is there; from the thread that waits. */
    boolean isOver() {
        return over;
    }

    /** It is there: the thread goes on. */
    void end() {
        Thread waiter = thread;
        over = true;
        thread = null;
        if (waiter != null) {
            scheduler.resume(waiter);
        }
    }

    /** It will not come: the thread throws what it makes, so that the exception's trace is the thread's. */
    void fail(Supplier<IOException> error) {
        failure = error;
        end();
    }

    /** Whether it is this thread that waits. */
    boolean isWaitedBy(@Nullable Thread who) {
        return !over && thread == who;
    }

    /** Of a wait that is over, from the thread that waited. */
    void check() throws IOException {
        Supplier<IOException> error = failure;
        if (error != null) {
            failure = null;
            throw error.get();
        }
    }

    /** What the thread throws once it is told that the wait is over. */
    void failNext(Supplier<IOException> error) {
        failure = error;
    }

    /** The thread need not wait. */
    void giveUp() {
        thread = null;
        over = true;
    }

    /** The thread need not wait, but throw. */
    void giveUp(Supplier<IOException> error) {
        failure = error;
        giveUp();
    }
}
