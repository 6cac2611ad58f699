package dev.sluice.source;

import dev.sluice.EventLog;
import dev.sluice.Options;
import dev.sluice.disk.Disk;
import dev.sluice.events.Child;
import dev.sluice.events.ChildHandler;
import dev.sluice.events.Command;
import dev.sluice.events.DatagramHandler;
import dev.sluice.events.DatagramOptions;
import dev.sluice.events.Datagrams;
import dev.sluice.events.Events;
import dev.sluice.events.FileChanges;
import dev.sluice.events.FileHandler;
import dev.sluice.events.InputHandler;
import dev.sluice.events.InputSource;
import dev.sluice.events.NameHandler;
import dev.sluice.events.Processes;
import dev.sluice.events.SignalHandler;
import dev.sluice.events.Source;
import dev.sluice.os.CallState;
import java.lang.System.Logger.Level;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/** The events of a connection, or of a loop: what is open of them, and its end. */
public final class DomainEvents implements Events, Processes {
    private static final int BUFFER_BYTES = 64 * 1024;

    private final Home home;
    private final Set<OpenSource> open = new LinkedHashSet<>();
    private final AtomicInteger tasks = new AtomicInteger();
    private volatile boolean closed;
    /** Made with the first source. */
    private @Nullable CallState state;

    /** Made when it is asked for. */
    private @Nullable Disk disk;

    /** As many as calls of handlers are nested. */
    private final ArrayDeque<ByteBuffer> spares = new ArrayDeque<>(2);

    public DomainEvents(Home home) {
        this.home = home;
    }

    // ---- Events

    @Override
    public boolean execute(Runnable task) {
        if (closed) {
            return false;
        }
        boolean taken = tasks.incrementAndGet() <= options().taskLimitCount() && home.submit(() -> run(task));
        if (!taken) {
            tasks.decrementAndGet();
        }
        return taken;
    }

    private void run(Runnable task) {
        tasks.decrementAndGet();
        if (!closed) {
            task.run(); // what it throws the domain logs
        }
    }

    @Override
    public Source onSignal(String name, SignalHandler handler) {
        requireKernel("signals");
        return begun(SignalSource.open(this, name, handler));
    }

    @Override
    public Processes processes() {
        return this;
    }

    @Override
    public Child spawn(Command command, ChildHandler handler) {
        requireKernel("child processes");
        return begun(ChildProcess.start(this, command, handler));
    }

    @Override
    public InputSource standardInput(InputHandler handler) {
        requireKernel("standard input");
        return begun(StandardInput.open(this, handler));
    }

    @Override
    public FileChanges fileChanges(FileHandler handler) {
        requireKernel("file changes");
        return begun(InotifySource.open(this, handler));
    }

    @Override
    public Datagrams datagrams(DatagramOptions datagramOptions, DatagramHandler handler) {
        requireKernel("datagram sockets of the runtime (its peers have some: Host.datagrams)");
        return begun(DatagramSocket.open(this, datagramOptions, handler));
    }

    @Override
    public Source resolve(String host, Duration deadline, NameHandler handler) {
        requireKernel("names");
        return begun(Lookup.start(this, NamePool.SHARED, host, deadline, handler));
    }

    @Override
    public Disk disk() {
        requireOpen();
        Disk d = disk;
        if (d == null) {
            d = home.openDisk(home::sourceEnded);
            disk = d;
            home.sourceBegun();
        }
        return d;
    }

    private void requireOpen() {
        if (closed) {
            throw new IllegalStateException("these events are closed: their connection, server or client is");
        }
    }

    private void requireKernel(String what) {
        requireOpen();
        if (home.isSimulated()) {
            throw new UnsupportedOperationException("a simulated world has no " + what
                    + ": test that on a kernel (docs/simulation.md, 'What is not simulated')");
        }
    }

    private <T extends OpenSource> T begun(T source) {
        open.add(source);
        home.sourceBegun();
        return source;
    }

    // ---- for sources

    Home home() {
        return home;
    }

    Options options() {
        return home.options();
    }

    /** For calls that end before the next one begins. */
    CallState state() {
        CallState s = state;
        if (s == null) {
            s = new CallState();
            state = s;
        }
        return s;
    }

    /** An empty direct buffer, which {@link #takeBack} gets when nothing is in it. */
    ByteBuffer lend() {
        ByteBuffer buffer = spares.poll();
        return buffer == null ? ByteBuffer.allocateDirect(BUFFER_BYTES) : buffer;
    }

    void takeBack(ByteBuffer buffer) {
        if (!closed) {
            spares.push(buffer.clear());
        }
    }

    /** Nothing of a source is left. */
    void ended(OpenSource source) {
        if (open.remove(source)) {
            home.sourceEnded();
        }
    }

    void failed(OpenSource source, Throwable error) {
        EventLog.log(
                Level.WARNING,
                "a handler of " + source.getClass().getSimpleName() + " failed; the source is closed",
                error);
    }

    // ---- the end

    /**
     * Closes all that is open; inside the domain. Children are killed, and keep the domain until they are waited for, as what is
     * under way on the disk does.
     */
    public void close() {
        closed = true;
        List.copyOf(open).forEach(OpenSource::close);
        spares.clear();
        if (disk != null) {
            disk.close();
        }
    }
}
