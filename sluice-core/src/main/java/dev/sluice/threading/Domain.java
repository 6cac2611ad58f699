package dev.sluice.threading;

import dev.sluice.Cause;
import dev.sluice.Connection;
import dev.sluice.DomainLocal;
import dev.sluice.Files;
import dev.sluice.Options;
import dev.sluice.Priority;
import dev.sluice.Service;
import dev.sluice.disk.Disk;
import dev.sluice.engine.ChunkPool;
import dev.sluice.engine.Engine;
import dev.sluice.engine.Handle;
import dev.sluice.engine.SharedWatcher;
import dev.sluice.engine.Watch;
import dev.sluice.events.Events;
import dev.sluice.source.DomainEvents;
import dev.sluice.source.Home;
import dev.sluice.storage.Disks;
import java.net.SocketAddress;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.Map;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * What serializes the callbacks of its connections, and what a connection needs of that: a loop, a lock, or the mailbox of
 * a virtual thread. "Inside the domain" means: in a callback, task or timer of one of its connections, or in the engine's
 * completion for one.
 */
public abstract class Domain implements Home {
    /** Empty output queues that are kept: as many as connections usually send at once. */
    private static final int QUEUES_KEPT = 1024;

    final Options options;
    final long connectNanos;
    final long writeNanos;
    final long lingerNanos;
    /** Connections of another class than the usual one, where these wait for turns. */
    int rankedCount;

    private @Nullable OutputQueue freeQueues;
    private int freeQueueCount;
    /** What sources of events need this domain for. */
    private int sources;
    /** Those that belong to a connection; made with the first. */
    private @Nullable IdentityHashMap<SocketConnection, DomainEvents> eventsOf;
    /** Those that belong to none; guarded by this. */
    private @Nullable DomainEvents ownEvents;

    private boolean ownEventsClosed;
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

    @Override
    public final Options options() {
        return options;
    }

    // ---- sources of events

    /** The events of a connection, until it is over; inside the domain. */
    final Events events(SocketConnection connection) {
        if (eventsOf == null) {
            eventsOf = new IdentityHashMap<>();
        }
        return eventsOf.computeIfAbsent(connection, c -> new DomainEvents(this));
    }

    /** Closes the events of a connection; inside the domain. */
    final void closeEvents(SocketConnection connection) {
        DomainEvents events = eventsOf == null ? null : eventsOf.remove(connection);
        if (events != null) {
            events.close();
        }
    }

    /** The events that belong to no connection; from any thread. */
    final synchronized Events ownEvents() {
        DomainEvents events = ownEvents;
        if (events == null) {
            events = new DomainEvents(this);
            ownEvents = events;
            if (ownEventsClosed) {
                events.close();
            }
        }
        return events;
    }

    /** Closes them for good; inside the domain. */
    final void closeOwnEvents() {
        DomainEvents events;
        synchronized (this) {
            ownEventsClosed = true;
            events = ownEvents;
        }
        if (events != null) {
            events.close();
        }
    }

    /** Whether sources of events need the domain to go on; inside the domain. */
    final boolean hasSources() {
        return sources > 0;
    }

    @Override
    public final void sourceBegun() {
        sources++;
    }

    @Override
    public final void sourceEnded() {
        if (--sources == 0) {
            sourcesEnded();
        }
    }

    /** No source needs the domain any more; inside the domain. */
    void sourcesEnded() {}

    @Override
    public boolean isSimulated() {
        return false;
    }

    @Override
    public Watch watch(int fd, Watch.Ready ready) {
        return SharedWatcher.watch(fd, this::submit, ready);
    }

    @Override
    public Disk openDisk(Runnable over) {
        return Disks.open(options.disk(), null, this::submit, over);
    }

    @Override
    public final Connection.Timer after(long delayNanos, Runnable task) {
        SourceTimer timer = new SourceTimer(task);
        timer.start(delayNanos);
        return timer;
    }

    // ---- what each kind of domain is

    /** The engine that this domain's connections use; inside the domain only. */
    public abstract Engine engine();

    /** Where output and kept input live; inside the domain only. */
    public abstract ChunkPool pool();

    @Override
    public abstract boolean submit(Runnable task);

    /** Runs a connection's {@link SocketConnection#turn} in the next turn; inside the domain. */
    public abstract void nextTurn(SocketConnection connection);

    /** Starts a timer that runs inside the domain; inside the domain. */
    public abstract void start(TimerWheel.Entry timer, long delayNanos);

    /** Starts a timer that is due at a time of {@link #nanoTime}, which may be past; inside the domain. */
    public abstract void startAt(TimerWheel.Entry timer, long deadlineNanos);

    /** Cancels a timer; inside the domain. */
    public abstract void cancel(TimerWheel.Entry timer);

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

    /** Whether there are connections of several classes, so that they wait for each other. */
    final boolean isRanked() {
        return rankedCount > 0;
    }

    /** A connection that lives here goes from one class to another; inside the domain. */
    void ranked(Priority from, Priority to) {}

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

    /** A timer that belongs to no connection. */
    private final class SourceTimer extends TimerWheel.Entry implements Connection.Timer {
        private final Runnable task;

        SourceTimer(Runnable task) {
            this.task = task;
        }

        @Override
        public void start(long delayNanos) {
            cancel();
            Domain.this.start(this, delayNanos);
        }

        @Override
        public void cancel() {
            Domain.this.cancel(this);
        }

        @Override
        protected void run() {
            task.run();
        }
    }
}
