package dev.sluice.threading;

import dev.sluice.Cause;
import dev.sluice.Options;
import dev.sluice.Service;
import dev.sluice.engine.ChunkPool;
import dev.sluice.engine.Engine;
import dev.sluice.engine.Handle;
import java.net.SocketAddress;

/**
 * What serializes the callbacks of its connections, and what a connection needs of that: a loop, a lock, or the mailbox of
 * a virtual thread. "Inside the domain" means: in a callback, task or timer of one of its connections, or in the engine's
 * completion for one.
 */
public abstract class Domain {
    final Options options;

    protected Domain(Options options) {
        this.options = options;
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

    /** A session or service threw. */
    public abstract void failed(SocketConnection connection, Throwable error);
}
