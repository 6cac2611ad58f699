package dev.sluice.engine;

import dev.sluice.OpenFile;
import dev.sluice.os.Errno;
import dev.sluice.os.SysException;
import java.lang.foreign.Arena;
import java.net.SocketAddress;

/**
 * Turns any {@link Poller} into an engine of completions, once for all of them: try; where the kernel has nothing or no
 * room, wait for readiness; try again. Level or edge triggering is a value of the poller.
 *
 * <pre>
 *   poll:  tell what completed at once → apply changed interests → wait → for each ready handle: read or write
 *          → go on with handles whose budget ended before their data did
 * </pre>
 *
 * A call that succeeds at once (most sends do) is told right after the callback that started it returns.
 */
public final class ReadinessEngine implements LoopEngine {
    private static final int ACCEPTS_PER_TURN = 64;

    private final Poller poller;
    private final FdCalls calls;
    private final boolean edge;
    private final Arena arena = Arena.ofShared();
    private final EngineCounters counters = new EngineCounters();
    /** Of the poller's system calls, those that are in the counters. */
    private long pollersCalls;

    private final FdTable table;
    private final FdResults results = new FdResults();
    private final HandleQueue goesOn = new HandleQueue();
    private final FdInterests interests;
    private final FdSockets sockets;
    private final FdInput input;
    private final FdOutput output;

    /**
     * An engine over a poller, which it owns.
     *
     * @param turnBytes what one connection may receive in one turn
     */
    public ReadinessEngine(Poller poller, int turnBytes) {
        this(poller, new KernelCalls(), turnBytes);
    }

    /** The same over a kernel of one's own, whose descriptors the poller watches. It is released with the engine. */
    public ReadinessEngine(Poller poller, FdCalls calls, int turnBytes) {
        this.poller = poller;
        this.calls = calls;
        this.edge = poller.edgeTriggered();
        this.table = new FdTable(calls);
        this.interests = new FdInterests(poller);
        this.sockets = new FdSockets(poller, calls, table, interests, results, counters);
        this.input = new FdInput(turnBytes, interests, results, arena, calls, counters);
        this.output = new FdOutput(calls, counters);
    }

    // ---- listening and connecting

    @Override
    public Handle listen(SocketAddress address, ListenOptions options) {
        return sockets.listen(address, options);
    }

    @Override
    public Handle listenOn(int descriptor) {
        return sockets.listenOn(descriptor);
    }

    @Override
    public void accept(Handle listener) {
        FdHandle h = (FdHandle) listener;
        h.receiving = true;
        interests.changed(h);
    }

    @Override
    public void stopAccepting(Handle listener) {
        FdHandle h = (FdHandle) listener;
        h.receiving = false;
        interests.changed(h);
    }

    @Override
    public boolean acceptNow(Handle listener) {
        int fd = sockets.acceptOne((FdHandle) listener);
        return fd >= 0 || fd == -Errno.EINTR;
    }

    @Override
    public Handle adopt(Handle foreign) {
        FdHandle old = (FdHandle) foreign;
        FdHandle handle = table.enter(old.fd);
        old.closed = true;
        return handle;
    }

    @Override
    public boolean release(Handle handle) {
        FdHandle h = (FdHandle) handle;
        boolean sending = h.chain != null || h.part != null || h.sentWaits;
        if (h.closed || h.receiving || sending || h.connecting || h.connectedWaits) {
            return false;
        }
        if (h.registered >= 0) {
            interests.unregister(h);
        }
        table.remove(h);
        h.closed = true; // to this engine it is
        return true;
    }

    @Override
    public boolean sleeps() {
        return poller.sleeps();
    }

    @Override
    public Handle connect(SocketAddress remote) {
        return sockets.connect(remote);
    }

    // ---- operations on a connection

    @Override
    public void receive(Handle handle) {
        FdHandle h = (FdHandle) handle;
        if (h.closed || h.receiving) {
            return;
        }
        h.receiving = true;
        if (edge && h.readReady) {
            goOn(h); // no new edge will come for data that is there already
        }
        interests.changed(h);
    }

    @Override
    public boolean receiveInKernel(Handle handle, boolean on) {
        FdHandle h = (FdHandle) handle;
        h.inKernel = on && input.hasPipes();
        return h.inKernel;
    }

    @Override
    public void stopReceiving(Handle handle) {
        FdHandle h = (FdHandle) handle;
        h.receiving = false;
        interests.changed(h);
    }

    @Override
    public void send(Handle handle, Chunk first) {
        FdHandle h = (FdHandle) handle;
        assert h.chain == null && h.part == null : "one send at a time";
        h.chain = first;
        trySend(h);
    }

    @Override
    public void sendFile(Handle handle, OpenFile file, long position, long count) {
        FdHandle h = (FdHandle) handle;
        assert h.chain == null && h.part == null : "one send at a time";
        h.part = new FilePart(file, position, count);
        trySend(h);
    }

    private void trySend(FdHandle h) {
        if (h.closed) {
            return;
        }
        long n = output.trySend(h);
        boolean waits = n == -Errno.EAGAIN;
        if (waits != h.sendWaits) {
            h.sendWaits = waits; // a level-triggered kernel tells of room without end, unless asked not to
            interests.changed(h);
        }
        if (!waits) {
            results.sent(h, n);
        }
    }

    @Override
    public void shutdownOutput(Handle handle) {
        FdHandle h = (FdHandle) handle;
        if (!h.closed) {
            counters.systemCalls++;
            calls.shutdownOutput(h.fd); // ENOTCONN after a reset: the receive tells of it
        }
    }

    @Override
    public void close(Handle handle, boolean reset) {
        FdHandle h = (FdHandle) handle;
        if (h.closed) {
            return;
        }
        interests.closing(h);
        sockets.close(h, reset);
        h.closed = true;
        h.receiving = false;
        h.sendWaits = false;
        h.chain = null;
        h.part = null;
        results.closed(h);
    }

    // ---- descriptors of others

    @Override
    public boolean canWatch() {
        return true;
    }

    @Override
    public Watch watch(int fd, Watch.Ready ready) {
        if (table.holds(fd)) {
            throw new IllegalStateException("fd=" + fd + " is watched by this loop already");
        }
        return new FdWatch(calls, fd, table, interests, this::goOn, ready);
    }

    // ---- the turn

    @Override
    public void poll(long timeoutNanos) {
        boolean busy = results.tell();
        goesOn.mark();
        interests.apply();
        counters.waits++;
        table.beginTurn();
        int n = poller.poll(busy || !results.isEmpty() || !goesOn.isEmpty() ? 0 : timeoutNanos);
        countPollersCalls();
        if (n < 0) {
            throw new SysException("wait of " + poller.getClass().getSimpleName(), "", -n);
        }
        for (int i = 0; i < n; i++) {
            FdHandle h = table.ready(poller.readyFd(i));
            if (h != null) {
                counters.readyEvents++;
                ready(h, poller.readyEvents(i));
            }
        }
        for (FdHandle h = goesOn.pollMarked(); h != null; h = goesOn.pollMarked()) {
            h.goesOn = false;
            if (h instanceof FdWatch watch) {
                watch.foundAlways();
            } else if (h.receiving && h.listener) {
                acceptSome(h);
            } else if (h.receiving) {
                readable(h);
            }
        }
    }

    /** Each turn, since a server is asked while it runs. */
    private void countPollersCalls() {
        long calls = poller.systemCalls();
        counters.systemCalls += calls - pollersCalls;
        pollersCalls = calls;
    }

    @Override
    public boolean tellResults() {
        return results.tell();
    }

    private void ready(FdHandle h, int events) {
        if (h instanceof FdWatch watch) {
            watch.found(events);
            results.tell();
            return;
        }
        if (h.listener) {
            acceptSome(h);
            return;
        }
        if (h.connecting) {
            sockets.connectEnded(h); // and on: what has arrived by now no other edge will tell of
            if (h.connecting) {
                return;
            }
        }
        if ((events & (Poller.HUP | Poller.URGENT)) != 0) {
            h.readsOn = true;
        }
        if ((events & Poller.OUT) != 0 && h.sendWaits) {
            trySend(h);
            results.tell();
        }
        if ((events & (Poller.IN | Poller.HUP)) != 0 && !h.closed) {
            h.readReady = true;
            if (h.receiving) {
                if (!h.goesOn) {
                    readable(h);
                }
            } else if ((events & Poller.HUP) != 0) {
                unheard(h);
            }
        }
    }

    /**
     * An error or a full close on a handle that receives nothing now: level-triggered kernels report those whether
     * asked or not, and would do so without end. It is taken out of the poller until there is interest again; a reset
     * is told.
     */
    private void unheard(FdHandle h) {
        int error = calls.takeError(h.fd);
        counters.systemCalls++;
        if (error != 0) {
            h.completion().receiveEnded(error > 0 ? -error : error);
            results.tell();
        } else if (h.sendWaits) {
            trySend(h);
            results.tell();
        } else if (!edge) {
            interests.unregister(h);
        }
    }

    private void readable(FdHandle h) {
        if (input.receive(h)) {
            goOn(h);
        }
    }

    private void acceptSome(FdHandle listener) {
        if (sockets.accept(listener, ACCEPTS_PER_TURN)) {
            goOn(listener); // an edge-triggered kernel says nothing more of those that are waiting already
        }
    }

    private void goOn(FdHandle h) {
        if (!h.goesOn) {
            h.goesOn = true;
            goesOn.add(h);
        }
    }

    @Override
    public void wake() {
        poller.wake();
    }

    @Override
    public EngineCounters counters() {
        return counters;
    }

    @Override
    public void close() {
        countPollersCalls();
        poller.close();
        input.close();
        calls.release();
        arena.close();
    }
}
