package dev.sluice.style;

import dev.sluice.Connection;
import java.io.IOException;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * Calls in parallel that end together: each on a virtual thread of the same domain, the first that fails cancels the rest, and
 * one deadline is over all. None outlives the scope: {@link #close} interrupts what still runs and waits for its end.
 *
 * <p>For the one thread that opened it. The JDK's {@code StructuredTaskScope} is a preview in 25; this is the part of it that
 * fan-out needs, with the connection's own clock.
 */
public final class Scope implements AutoCloseable {
    /** A call, and what became of it. */
    public static final class Task<T extends @Nullable Object> {
        private @Nullable T result;
        private boolean done;

        private Task() {}

        /** What the call returned; once {@link Scope#join} has. */
        @SuppressWarnings("NullAway") // null only where the call returned it
        public T get() {
            if (!done) {
                throw new IllegalStateException("the call has no result: join the scope first");
            }
            return result;
        }
    }

    private final DomainScheduler scheduler;
    private final BlockingSession session;
    private final Thread owner = Thread.currentThread();
    private final Set<Thread> running = ConcurrentHashMap.newKeySet(2);
    private final AtomicReference<@Nullable Throwable> failure = new AtomicReference<>();
    private final Duration deadline;
    private volatile boolean expired;
    private Connection.@Nullable Timer timer;
    private boolean closed;

    Scope(BlockingConnection connection, BlockingSession session, Duration deadline) throws IOException {
        this.session = session;
        this.scheduler = session.scheduler;
        this.deadline = deadline;
        session.inside(() -> timer = connection.connection().after(deadline.toNanos(), this::expire));
    }

    private void expire() {
        expired = true;
        scheduler.resume(owner);
    }

    /** Starts a call. */
    public <T extends @Nullable Object> Task<T> fork(Callable<T> call) {
        if (closed) {
            throw new IllegalStateException("the scope is closed");
        }
        Task<T> task = new Task<>();
        Origin origin = Origin.of("fork");
        Thread thread = scheduler.fork(() -> run(call, task, origin));
        running.add(thread);
        thread.start();
        return task;
    }

    private <T extends @Nullable Object> void run(Callable<T> call, Task<T> task, @Nullable Origin origin) {
        try {
            task.result = call.call();
            task.done = true;
        } catch (Throwable e) {
            Origin.attach(e, origin);
            failure.compareAndSet(null, e);
        } finally {
            running.remove(Thread.currentThread());
            LockSupport.unpark(owner);
        }
    }

    /**
     * Waits for all calls.
     *
     * @throws ExecutionException where one failed, with its exception as the cause; the rest are cancelled
     * @throws TimeoutException where the deadline is over; all are cancelled
     * @throws InterruptedException where the caller is interrupted; all are cancelled
     */
    public void join() throws ExecutionException, TimeoutException, InterruptedException {
        while (!running.isEmpty() && failure.get() == null && !expired) {
            if (Thread.interrupted()) {
                cancel();
                throw new InterruptedException("interrupted while calls were under way");
            }
            LockSupport.park(this);
        }
        boolean late = !running.isEmpty() && failure.get() == null;
        cancel();
        Throwable error = failure.get();
        if (late) {
            throw new TimeoutException("not all calls were done within " + deadline.toMillis() + " ms");
        }
        if (error != null) {
            throw new ExecutionException(error);
        }
    }

    private void cancel() {
        boolean interrupted = false;
        while (!running.isEmpty()) {
            for (Thread thread : running) {
                thread.interrupt();
            }
            LockSupport.park(this);
            interrupted |= Thread.interrupted();
        }
        if (interrupted) {
            owner.interrupt();
        }
    }

    /** Cancels what still runs, and waits for its end. */
    @Override
    public void close() {
        closed = true;
        cancel();
        Connection.Timer started = timer;
        if (started != null) {
            try {
                session.inside(started::cancel);
            } catch (IOException gone) {
                return; // and its timers with it
            }
        }
    }
}
