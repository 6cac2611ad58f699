package dev.sluice.engine;

import dev.sluice.OpenFile;
import dev.sluice.os.CallState;
import dev.sluice.os.Descriptors;
import dev.sluice.os.Errno;
import dev.sluice.os.SocketAddresses;
import dev.sluice.os.Sockets;
import dev.sluice.os.Sockopt;
import dev.sluice.os.SysException;
import java.net.SocketAddress;
import java.util.ArrayDeque;

/**
 * Blocking system calls: each handle has a thread of its own that waits in accept4(2), connect(2) or recv(2).
 *
 * <p>One engine serves one serialization domain (a connection and those that it dialled, or a listener) and is used
 * inside it only, by whichever thread is there. Sending never waits: what the socket refuses at once, the handle's own
 * thread waits for with poll(2), outside the domain. Where something else is to be waited for than what that thread
 * waits for now, it is woken ({@link BlockedCall}) and looks again. Only it closes the descriptor, so that no call is
 * ever left on a number that has become another's.
 */
public final class BlockingEngine implements Engine {
    /** What a handle's thread waits for: nothing yet, or one of these, {@code POLL} with further bits. */
    static final int RUNNING = 0;

    static final int RECEIVE = 1;
    static final int ACCEPT = 2;
    static final int CONNECT = 3;
    /** Nothing at all, until it is woken. */
    static final int PARK = 4;
    /** Doesn't wait: the descriptor is to be closed. */
    static final int CLOSE = 5;
    /** Doesn't wait: an end that came before is to be told. */
    static final int TELL_END = 6;
    /** poll(2) for the bits below; for none of them it still tells of a reset. */
    static final int POLL = 8;

    static final int IN = 16;
    static final int OUT = 32;
    /** Doesn't wait: there is more to do in the domain. */
    static final int NOW = 64;

    private final Turnstile turnstile;
    private final Alarm alarm;
    private final CallState state = new CallState();
    private final EngineCounters counters = new EngineCounters();
    private final BlockingOutput output = new BlockingOutput(state, counters);
    private final ArrayDeque<BlockingHandle> results = new ArrayDeque<>(4);

    public BlockingEngine(Turnstile turnstile, Alarm alarm) {
        this.turnstile = turnstile;
        this.alarm = alarm;
    }

    // ---- threads

    /**
     * Starts the handle's own thread.
     *
     * @param first runs on it, inside the domain, before it waits for anything
     * @throws OutOfMemoryError where the system has no thread left; the handle is closed then
     */
    public void launch(Handle handle, String name, Runnable first) {
        BlockingHandle h = (BlockingHandle) handle;
        h.served = true;
        try {
            turnstile.launch(name, new BlockingCaller(this, turnstile, h, first));
        } catch (OutOfMemoryError e) {
            h.closing = true;
            h.closed = true;
            Descriptors.close(h.fd, state);
            throw e;
        }
    }

    /** As {@link #launch} on the calling thread; returns when the handle is closed. Outside the domain. */
    public void serve(Handle handle, Runnable first) {
        BlockingHandle h = (BlockingHandle) handle;
        h.served = true;
        new BlockingCaller(this, turnstile, h, first).run();
    }

    private void launchOrClose(BlockingHandle h, String name) {
        try {
            launch(h, name, () -> {});
        } catch (OutOfMemoryError e) {
            throw new SysException("pthread_create", name, Errno.EAGAIN);
        }
    }

    // ---- listening and connecting

    @Override
    public Handle listen(SocketAddress address, ListenOptions options) {
        return listenOn(Listening.open(address, options, 0, state));
    }

    @Override
    public Handle listenOn(int descriptor) {
        SysException.check(Descriptors.setNonBlocking(descriptor, false, state), "fcntl", "fd=" + descriptor);
        BlockingHandle handle = new BlockingHandle(descriptor, alarm);
        handle.listener = true;
        return handle;
    }

    @Override
    public void accept(Handle listener) {
        BlockingHandle h = (BlockingHandle) listener;
        if (h.closing || h.closed || h.armed) {
            return;
        }
        h.armed = true;
        if (h.served) {
            h.changed();
        } else {
            launchOrClose(h, "sluice-accept-" + h.fd);
        }
    }

    @Override
    public void stopAccepting(Handle listener) {
        BlockingHandle h = (BlockingHandle) listener;
        h.armed = false;
        h.changed();
    }

    /** While the listener's own thread may be in accept4(2), which goes on. */
    @Override
    public boolean acceptNow(Handle listener) {
        BlockingHandle h = (BlockingHandle) listener;
        if (h.closed || nonBlocking(h, true) < 0) {
            return false;
        }
        counters.systemCalls++;
        int fd = Sockets.accept4(h.fd, Sockets.SOCK_CLOEXEC, state);
        if (fd >= 0) {
            counters.accepts++;
            h.completion().accepted(adopt(fd));
        }
        return fd >= 0 || fd == -Errno.EINTR;
    }

    @Override
    public Handle adopt(Handle foreign) {
        BlockingHandle old = (BlockingHandle) foreign;
        old.closed = true;
        return new BlockingHandle(old.fd, alarm);
    }

    @Override
    public Handle connect(SocketAddress remote) {
        int family = SocketAddresses.family(remote);
        counters.systemCalls++;
        int fd = SysException.check(
                Sockets.socket(family, Sockets.SOCK_STREAM | Sockets.SOCK_CLOEXEC, 0, state), "socket", remote);
        BlockingHandle h = new BlockingHandle(fd, alarm);
        h.connectTo = remote;
        launchOrClose(h, "sluice-dial-" + fd);
        return h;
    }

    // ---- operations on a connection

    @Override
    public void receive(Handle handle) {
        BlockingHandle h = (BlockingHandle) handle;
        if (!h.closing && !h.armed) {
            h.armed = true;
            h.changed();
        }
    }

    @Override
    public void stopReceiving(Handle handle) {
        BlockingHandle h = (BlockingHandle) handle;
        h.armed = false;
        h.changed();
    }

    @Override
    public void send(Handle handle, Chunk first) {
        BlockingHandle h = (BlockingHandle) handle;
        assert h.chain == null && h.file == null : "one send at a time";
        h.chain = first;
        trySend(h);
    }

    @Override
    public void sendFile(Handle handle, OpenFile file, long position, long count) {
        BlockingHandle h = (BlockingHandle) handle;
        assert h.chain == null && h.file == null : "one send at a time";
        h.file = file;
        h.filePosition = position;
        h.fileCount = count;
        trySend(h);
    }

    void trySend(BlockingHandle h) {
        if (h.closing || h.closed) {
            return;
        }
        long n = output.trySend(h);
        if (n == -Errno.EAGAIN) {
            h.changed();
            return;
        }
        h.sentResult = n;
        h.sentWaits = true;
        results.add(h);
    }

    /** See {@link BlockingOutput#nonBlocking}. */
    int nonBlocking(BlockingHandle h, boolean on) {
        return output.nonBlocking(h, on);
    }

    @Override
    public void shutdownOutput(Handle handle) {
        BlockingHandle h = (BlockingHandle) handle;
        if (!h.closing && !h.closed) {
            counters.systemCalls++;
            Sockets.shutdown(h.fd, Sockets.SHUT_WR, state); // ENOTCONN after a reset: the receive tells of it
        }
    }

    @Override
    public void close(Handle handle, boolean reset) {
        BlockingHandle h = (BlockingHandle) handle;
        if (h.closing || h.closed) {
            return;
        }
        h.closing = true;
        h.reset = reset;
        h.armed = false;
        h.chain = null;
        h.file = null;
        h.sentWaits = false;
        if (h.served) {
            h.changed();
        } else {
            closeDescriptor(h);
        }
    }

    void closeDescriptor(BlockingHandle h) {
        if (h.reset && !h.listener) {
            counters.systemCalls++;
            Sockopt.setLinger(h.fd, 0, state);
        }
        counters.systemCalls++;
        Descriptors.close(h.fd, state);
        h.closed = true;
        h.closedWaits = true;
        results.add(h);
    }

    // ---- results

    /**
     * Tells up to {@code limit} results of calls that ended at once; whether there was any. Called by the domain, never
     * from within an operation.
     */
    public boolean tellResults(int limit) {
        if (results.isEmpty()) {
            return false;
        }
        for (int i = 0; i < limit; i++) {
            BlockingHandle h = results.poll();
            if (h == null) {
                break;
            }
            if (h.sentWaits) {
                h.sentWaits = false;
                h.completion().sent(h.sentResult);
            } else if (h.closedWaits) {
                h.closedWaits = false;
                h.completion().closed();
            }
        }
        return true;
    }

    /** Whether {@link #tellResults} has something to tell. */
    public boolean hasResults() {
        return !results.isEmpty();
    }

    /** For calls that the engine makes inside the domain. */
    CallState state() {
        return state;
    }

    /** Takes over a connected, blocking descriptor that was accepted elsewhere. */
    public Handle adopt(int descriptor) {
        return new BlockingHandle(descriptor, alarm);
    }

    @Override
    public EngineCounters counters() {
        return counters;
    }

    @Override
    public void close() {
        assert results.isEmpty() : "results were left untold";
    }
}
