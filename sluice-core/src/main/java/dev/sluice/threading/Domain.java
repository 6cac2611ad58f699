package dev.sluice.threading;

import dev.sluice.Cause;
import dev.sluice.DomainLocal;
import dev.sluice.Files;
import dev.sluice.Options;
import dev.sluice.Service;
import dev.sluice.engine.ChunkPool;
import dev.sluice.engine.Engine;
import dev.sluice.engine.Handle;
import java.net.SocketAddress;
import java.util.HashMap;
import java.util.Map;
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
    final long connectNanos;
    final long writeNanos;
    final long lingerNanos;
    private @Nullable OutputQueue freeQueues;
    private int freeQueueCount;
    private @Nullable Map<DomainLocal<?>, Object> locals;

    protected Domain(Options options) {
        this.options = options;
        this.connectNanos = options.connectTimeout().toNanos();
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

    /** How long this turn of a loop has gone on; 0 where others needn't wait for its end. */
    public long turnNanos() {
        return 0;
    }

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

    /** The domain's value of a key; inside the domain. */
    @SuppressWarnings("unchecked") // a key's value is what it made
    final <T> T local(DomainLocal<T> key) {
        Map<DomainLocal<?>, Object> known = locals;
        if (known == null) {
            known = new HashMap<>();
            locals = known;
        }
        return (T) known.computeIfAbsent(key, DomainLocal::initial);
    }

    /** Whether it serves connections that have nothing to do with each other, rather than one and those that it dialled. */
    boolean isShared() {
        return false;
    }

    /** Opens a connection that lives in this domain too; inside the domain. */
    public void dial(SocketAddress remote, Service service) {
        Dialled.connect(this, engine(), remote, service).run();
    }

    /** Cuts a connection for a server that stops; from the loop, outside the domain perhaps. */
    public void cut(SocketConnection connection) {
        submit(() -> connection.finish(Cause.STOPPED, true));
    }

    /** A session or service threw. */
    public abstract void failed(SocketConnection connection, Throwable error);
}
