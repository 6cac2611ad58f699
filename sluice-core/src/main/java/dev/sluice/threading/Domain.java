package dev.sluice.threading;

import dev.sluice.Cause;
import dev.sluice.Files;
import dev.sluice.Options;
import dev.sluice.Service;
import dev.sluice.engine.ChunkPool;
import dev.sluice.engine.Engine;
import dev.sluice.engine.Handle;
import java.net.SocketAddress;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * What serializes the callbacks of its connections, and what a connection needs of that: a loop, a lock, or the mailbox of
 * a virtual thread. "Inside the domain" means: in a callback, task or timer of one of its connections, or in the engine's
 * completion for one.
 */
public abstract class Domain {
    /** Empty output queues that are kept: as many as connections usually send at once. */
    private static final int QUEUES_KEPT = 1024;

    final Options options;
    final long writeNanos;
    final long lingerNanos;
    private @Nullable OutputQueue freeQueues;
    private int freeQueueCount;

    protected Domain(Options options) {
        this.options = options;
        this.writeNanos = options.writeTimeout().toNanos();
        this.lingerNanos = options.lingerTimeout().toNanos();
    }

    /** An empty output queue, for as long as there is something in it; inside the domain. */
    final OutputQueue acquireQueue() {
        OutputQueue queue = freeQueues;
        if (queue == null) {
            return new OutputQueue(pool());
        }
        freeQueues = queue.next;
        freeQueueCount--;
        queue.next = null;
        return queue;
    }

    /** Takes an empty output queue back; inside the domain. */
    final void releaseQueue(OutputQueue queue) {
        if (freeQueueCount < QUEUES_KEPT) {
            queue.next = freeQueues;
            freeQueues = queue;
            freeQueueCount++;
        }
    }

    public final Options options() {
        return options;
    }

    /** The engine that this domain's connections use; inside the domain only. */
    public abstract Engine engine();

    /** Where output and kept input live; inside the domain only. */
    public abstract ChunkPool pool();

    /** Queues a task to run inside the domain; from any thread. False when the domain is over. */
    public abstract boolean submit(Runnable task);

    /** Runs a connection's {@link SocketConnection#turn} in the next turn; inside the domain. */
    public abstract void nextTurn(SocketConnection connection);

    /** Starts a timer that runs inside the domain; inside the domain. */
    public abstract void start(TimerHeap.Entry timer, long delayNanos);

    /** Cancels a timer; inside the domain. */
    public abstract void cancel(TimerHeap.Entry timer);

    /** Monotonic nanoseconds as of this turn. */
    public abstract long nanoTime();

    /** Wall-clock milliseconds as of this turn. */
    public long currentTimeMillis() {
        return System.currentTimeMillis();
    }

    /** Randomness for sessions; inside the domain. */
    public RandomGenerator random() {
        return Environment.MACHINE.random();
    }

    /** The file system as sessions see it. */
    public Files files() {
        return Environment.MACHINE.files();
    }

    /** A connection opened: the domain keeps it until {@link #left}. */
    public abstract void joined(SocketConnection connection);

    /** A connection is closed; nothing of it is left. */
    public abstract void left(SocketConnection connection);

    /** Sees to it that a handle's completions reach its connection inside the domain. */
    public void attach(Handle handle, SocketConnection connection) {
        handle.completion(connection);
    }

    /** Opens a connection that lives in this domain too; inside the domain. */
    public void dial(SocketAddress remote, Service service) {
        Dialled.connect(this, engine(), remote, service).run();
    }

    /** Cuts a connection for a server that stops; from the loop, outside the domain perhaps. */
    public void cut(SocketConnection connection) {
        submit(() -> connection.finish(Cause.STOPPED, true));
    }

    /** A callback begins: what the {@link Watchdog} goes by, where callbacks must not block. */
    void begins() {}

    /** A callback that began is over. */
    void ends() {}

    /**
     * The thread that runs a callback of this domain now, for one that holds a loop; from the watchdog's thread.
     *
     * @param loop the loop's own thread
     * @return null where its callbacks don't hold that loop, or not at the moment
     */
    @Nullable
    Thread runner(@Nullable Thread loop) {
        return null;
    }

    /** A session or service threw. */
    public abstract void failed(SocketConnection connection, Throwable error);
}
