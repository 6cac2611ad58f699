package dev.sluice.style;

import dev.sluice.Connection;
import dev.sluice.observe.LatencyHistogram;
import dev.sluice.threading.VirtualThreads;
import java.util.concurrent.Executor;
import java.util.function.LongConsumer;
import org.jspecify.annotations.Nullable;

/**
 * Runs a task on a virtual thread that begins inside of a connection's domain, as a task there, and goes on elsewhere once it has
 * waited for something. So what needn't wait costs no hand-over between threads and no wake-up, and what waits (sleeps, locks,
 * sockets) holds its loop up no longer than until then.
 *
 * <p>It goes on on the JDK's own scheduler and not where it began: whoever runs on the loop may wait for a lock that it holds, and then
 * neither would go on. What waits without leaving its carrier (in native code, for files), or computes, holds the loop; for how
 * long is told.
 *
 * <p>Where the JVM does not let us schedule ({@link VirtualThreads#jdkScheduler}), or the caller is on a virtual thread itself, the
 * thread is the JDK's from the start.
 */
public final class HandOff implements Executor {
    private final Connection connection;
    private final Executor elsewhere;
    private final LongConsumer held;
    /** Written before the thread starts, read by whoever resumes it. */
    private boolean begun;

    private HandOff(Connection connection, Executor elsewhere, LongConsumer held) {
        this.connection = connection;
        this.elsewhere = elsewhere;
        this.held = held;
    }

    /**
     * Starts a thread; it ends with the task, which runs though the connection be closed. Inside the domain.
     *
     * @param held is told, inside the domain, for how many nanoseconds the task held that before it ended or waited
     */
    public static void start(Connection connection, String name, Runnable task, LongConsumer held) {
        @Nullable Executor elsewhere = Thread.currentThread().isVirtual() ? null : VirtualThreads.jdkScheduler();
        Thread.Builder.OfVirtual threads = elsewhere == null
                ? Thread.ofVirtual()
                : VirtualThreads.scheduledBy(new HandOff(connection, elsewhere, held));
        threads.name(name).start(task);
    }

    /** For the JDK: runs the thread until it next waits. Threads that it makes have the same scheduler, and begin elsewhere. */
    @Override
    public void execute(Runnable continuation) {
        if (begun || !begin(continuation)) {
            elsewhere.execute(continuation);
        }
    }

    private boolean begin(Runnable continuation) {
        begun = true;
        return DomainTasks.submit(connection, () -> {
            long since = LatencyHistogram.now();
            continuation.run();
            held.accept(LatencyHistogram.now() - since);
        });
    }
}
