package dev.sluice.engine;

import dev.sluice.OpenFile;
import dev.sluice.os.CallState;
import dev.sluice.os.Descriptors;
import dev.sluice.os.Errno;
import dev.sluice.os.NativeMemory;
import dev.sluice.os.SocketAddresses;
import dev.sluice.os.Sockets;
import dev.sluice.os.Sockopt;
import dev.sluice.os.SysException;
import java.lang.foreign.Arena;
import java.net.SocketAddress;
import java.nio.ByteBuffer;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Turns any {@link Poller} into an engine of completions, once for all of them: try; where the kernel has nothing or no room,
 * wait for readiness; try again. Level or edge triggering is a value of the poller.
 *
 * <pre>
 *   poll:  tell what completed at once → apply changed interests → wait → for each ready handle: read or write
 *          → go on with handles whose budget ended before their data did
 * </pre>
 *
 * A call that succeeds at once (most sends do) is told right after the callback that started it returns.
 */
public final class ReadinessEngine implements LoopEngine {
    private static final int RECEIVE_BYTES = 64 * 1024;
    private static final int ACCEPTS_PER_TURN = 64;
    /** Results told in a row before others get their turn: a fast reader must not hold the loop with send after send. */
    private static final int RESULTS_IN_A_ROW = 64;

    private static final int SENDFILE_BYTES = 1 << 20;
    private static final int IOVECS = 16;
    private static final int IOVEC_BYTES = 16;

    private final Poller poller;
    private final boolean edge;
    private final int turnBytes;
    private final Arena arena = Arena.ofShared();
    private final CallState state = new CallState(arena);
    private final long receiveAddress;
    private final ByteBuffer receiveBuffer;
    private final long iovecs = arena.allocate(IOVECS * IOVEC_BYTES, 8).address();
    private final long sockaddr = arena.allocate(SocketAddresses.MAX_BYTES, 8).address();
    private final EngineCounters counters = new EngineCounters();
    private final HandleQueue results = new HandleQueue();
    private final HandleQueue goesOn = new HandleQueue();
    private final HandleQueue dirty = new HandleQueue();
    private @Nullable FdHandle[] handles = new FdHandle[256];
    private long turn;

    /**
     * An engine over a poller, which it owns.
     *
     * @param turnBytes what one connection may receive in one turn
     */
    public ReadinessEngine(Poller poller, int turnBytes) {
        this.poller = poller;
        this.edge = poller.edgeTriggered();
        this.turnBytes = turnBytes;
        var memory = arena.allocate(RECEIVE_BYTES, 4096);
        this.receiveAddress = memory.address();
        this.receiveBuffer = memory.asByteBuffer();
    }

    // ---- listening and connecting

    @Override
    public Handle listen(SocketAddress address, ListenOptions options) {
        FdHandle handle = listener(Listening.open(address, options, Sockets.SOCK_NONBLOCK, state));
        handle.shared = options.exclusive();
        return handle;
    }

    @Override
    public Handle listenOn(int descriptor) {
        SysException.check(Descriptors.setNonBlocking(descriptor, true, state), "fcntl", "fd=" + descriptor);
        FdHandle handle = listener(descriptor);
        handle.shared = true;
        return handle;
    }

    private FdHandle listener(int fd) {
        if (!poller.holds(fd)) {
            Descriptors.close(fd, state);
            throw new SysException("listen", "fd=" + fd + " can't be watched by this model", Errno.ENOSPC);
        }
        FdHandle handle = enter(fd);
        handle.listener = true;
        return handle;
    }

    @Override
    public void accept(Handle listener) {
        FdHandle h = (FdHandle) listener;
        h.receiving = true;
        markDirty(h);
    }

    @Override
    public void stopAccepting(Handle listener) {
        FdHandle h = (FdHandle) listener;
        h.receiving = false;
        markDirty(h);
    }

    @Override
    public Handle adopt(Handle foreign) {
        FdHandle old = (FdHandle) foreign;
        FdHandle handle = enter(old.fd);
        old.closed = true;
        return handle;
    }

    @Override
    public Handle connect(SocketAddress remote) {
        int family = SocketAddresses.family(remote);
        int fd = SysException.check(
                Sockets.socket(family, Sockets.SOCK_STREAM | Sockets.SOCK_NONBLOCK | Sockets.SOCK_CLOEXEC, 0, state),
                "socket",
                remote);
        if (!poller.holds(fd)) {
            counters.refused++;
            Descriptors.close(fd, state);
            throw new SysException("connect", "fd=" + fd + " can't be watched by this model", Errno.EMFILE);
        }
        counters.systemCalls += 2;
        if (family != Sockets.AF_UNIX) {
            counters.systemCalls++;
            Sockopt.setsockopt(fd, Sockopt.IPPROTO_TCP, Sockopt.TCP_NODELAY, 1, state);
        }
        FdHandle h = enter(fd);
        int result = Sockets.connect(fd, sockaddr, SocketAddresses.encode(remote, family, sockaddr), state);
        if (result == -Errno.EINPROGRESS || result == -Errno.EINTR) {
            h.connecting = true;
            markDirty(h);
        } else {
            h.connectedWaits = true;
            h.connectedResult = result;
            results.add(h);
        }
        return h;
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
        markDirty(h);
    }

    @Override
    public void stopReceiving(Handle handle) {
        FdHandle h = (FdHandle) handle;
        h.receiving = false;
        markDirty(h);
    }

    @Override
    public void send(Handle handle, Chunk first) {
        FdHandle h = (FdHandle) handle;
        assert h.chain == null && h.file == null : "one send at a time";
        h.chain = first;
        trySend(h);
    }

    @Override
    public void sendFile(Handle handle, OpenFile file, long position, long count) {
        FdHandle h = (FdHandle) handle;
        assert h.chain == null && h.file == null : "one send at a time";
        h.file = file;
        h.filePosition = position;
        h.fileCount = count;
        trySend(h);
    }

    private void trySend(FdHandle h) {
        if (h.closed) {
            return;
        }
        Chunk chain = h.chain;
        OpenFile file = h.file;
        long n = 0;
        do {
            counters.systemCalls++;
            if (chain != null) {
                n = chain.next == null
                        ? Sockets.send(h.fd, chain.address + chain.start, chain.length(), Sockets.MSG_NOSIGNAL, state)
                        : gather(h.fd, chain);
            } else if (file != null) {
                n = Descriptors.sendfile(
                        h.fd, file.descriptor(), h.filePosition, Math.min(h.fileCount, SENDFILE_BYTES), state);
                n = n == 0 ? -Errno.ENODATA : n; // the file became shorter than what was promised
            }
        } while (n == -Errno.EINTR);
        if (n == -Errno.EAGAIN) {
            h.sendWaits = true;
            markDirty(h);
            return;
        }
        h.sendWaits = false;
        h.chain = null;
        h.file = null;
        h.sentResult = n;
        h.sentWaits = true;
        counters.sends++;
        counters.sentBytes += Math.max(n, 0);
        results.add(h);
    }

    private long gather(int fd, Chunk first) {
        int count = 0;
        for (Chunk c = first; c != null && count < IOVECS; c = c.next) {
            long iovec = iovecs + (long) count * IOVEC_BYTES;
            NativeMemory.putLong(iovec, c.address + c.start);
            NativeMemory.putLong(iovec + Long.BYTES, c.length());
            count++;
        }
        return Descriptors.writev(fd, iovecs, count, state);
    }

    @Override
    public void shutdownOutput(Handle handle) {
        FdHandle h = (FdHandle) handle;
        if (!h.closed) {
            counters.systemCalls++;
            Sockets.shutdown(h.fd, Sockets.SHUT_WR, state); // ENOTCONN after a reset: the receive tells of it
        }
    }

    @Override
    public void close(Handle handle, boolean reset) {
        FdHandle h = (FdHandle) handle;
        if (h.closed) {
            return;
        }
        if (h.registered >= 0) {
            int result = h.shared ? poller.remove(h.fd) : poller.closing(h.fd);
            assert result == 0 : "the poller lost fd=" + h.fd + ": " + Errno.describe(-result);
        }
        if (reset) {
            counters.systemCalls++;
            Sockopt.setLinger(h.fd, 0, state);
        }
        counters.systemCalls++;
        Descriptors.close(h.fd, state);
        h.closed = true;
        h.receiving = false;
        h.sendWaits = false;
        h.sentWaits = false;
        h.connectedWaits = false;
        h.chain = null;
        h.file = null;
        handles[h.fd] = null;
        h.closedWaits = true;
        results.add(h);
    }

    // ---- the turn

    @Override
    public void poll(long timeoutNanos) {
        boolean busy = tellResults();
        goesOn.mark();
        applyInterests();
        counters.waits++;
        turn++;
        int n = poller.poll(busy || !results.isEmpty() || !goesOn.isEmpty() ? 0 : timeoutNanos);
        if (n < 0) {
            throw new SysException("wait of " + poller.getClass().getSimpleName(), "", -n);
        }
        for (int i = 0; i < n; i++) {
            int fd = poller.readyFd(i);
            FdHandle h = fd < 0 || fd >= handles.length ? null : handles[fd];
            if (h != null && h.bornTurn != turn) {
                counters.readyEvents++;
                ready(h, poller.readyEvents(i));
            }
        }
        for (FdHandle h = goesOn.pollMarked(); h != null; h = goesOn.pollMarked()) {
            h.goesOn = false;
            if (h.receiving && h.listener) {
                acceptSome(h);
            } else if (h.receiving) {
                readable(h);
            }
        }
    }

    private void ready(FdHandle h, int events) {
        if (h.listener) {
            acceptSome(h);
            return;
        }
        if (h.connecting) {
            connectEnded(h);
            return;
        }
        if ((events & Poller.HUP) != 0) {
            h.hungUp = true;
        }
        if ((events & Poller.OUT) != 0 && h.sendWaits) {
            trySend(h);
            tellResults();
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
     * An error or a full close on a handle that receives nothing now: level-triggered kernels report those whether asked
     * or not, and would do so without end. It is taken out of the poller until there is interest again; a reset is told.
     */
    private void unheard(FdHandle h) {
        int error = Sockopt.takeError(h.fd, state);
        counters.systemCalls++;
        if (error != 0) {
            h.completion().receiveEnded(error > 0 ? -error : error);
            tellResults();
        } else if (h.sendWaits) {
            trySend(h);
            tellResults();
        } else if (!edge) {
            unregister(h);
        }
    }

    private void readable(FdHandle h) {
        int budget = turnBytes;
        while (h.receiving) {
            counters.systemCalls++;
            counters.receives++;
            long n = Sockets.recv(h.fd, receiveAddress, RECEIVE_BYTES, 0, state);
            if (n > 0) {
                counters.receivedBytes += n;
                budget -= (int) n;
                receiveBuffer.clear().limit((int) n);
                h.completion().received(receiveBuffer);
                tellResults();
                if (n < RECEIVE_BYTES && !h.hungUp) {
                    h.readReady = false; // epoll(7): a short read of a stream proves that it is empty
                    return;
                }
                if (budget <= 0) {
                    if (h.receiving) {
                        goOn(h);
                    }
                    return;
                }
            } else if (n == -Errno.EAGAIN) {
                h.readReady = false;
                return;
            } else if (n != -Errno.EINTR) {
                h.receiving = false;
                h.readReady = false;
                markDirty(h);
                h.completion().receiveEnded((int) n);
                tellResults();
                return;
            }
        }
    }

    private void acceptSome(FdHandle listener) {
        for (int i = 0; i < ACCEPTS_PER_TURN && listener.receiving; i++) {
            counters.systemCalls++;
            int fd = Sockets.accept4(listener.fd, Sockets.SOCK_NONBLOCK | Sockets.SOCK_CLOEXEC, state);
            if (fd >= 0) {
                counters.accepts++;
                if (poller.holds(fd)) {
                    listener.completion().accepted(enter(fd));
                } else {
                    counters.refused++;
                    Descriptors.close(fd, state);
                    listener.completion().acceptRefused(fd);
                }
                tellResults();
            } else if (fd == -Errno.EAGAIN) {
                return;
            } else if (fd != -Errno.EINTR) {
                counters.acceptFailures++;
                listener.completion().acceptFailed(fd);
                tellResults();
            }
        }
        if (listener.receiving) {
            goOn(listener); // an edge-triggered kernel says nothing more of those that are waiting already
        }
    }

    private void connectEnded(FdHandle h) {
        counters.systemCalls++;
        int error = Sockopt.takeError(h.fd, state);
        h.connecting = false;
        markDirty(h);
        h.completion().connected(error > 0 ? -error : error);
        tellResults();
    }

    // ---- results, interests

    /** Tells what completed at once; whether there was anything. */
    private boolean tellResults() {
        if (results.isEmpty()) {
            return false;
        }
        for (int i = 0; i < RESULTS_IN_A_ROW; i++) {
            FdHandle h = results.poll();
            if (h == null) {
                break;
            }
            tell(h);
        }
        return true;
    }

    private static void tell(FdHandle h) {
        if (h.connectedWaits) {
            h.connectedWaits = false;
            h.completion().connected(h.connectedResult);
        } else if (h.sentWaits) {
            h.sentWaits = false;
            h.completion().sent(h.sentResult);
        } else if (h.closedWaits) {
            h.closedWaits = false;
            h.completion().closed();
        }
    }

    private void applyInterests() {
        for (FdHandle h = dirty.poll(); h != null; h = dirty.poll()) {
            h.dirty = false;
            if (h.closed) {
                continue;
            }
            int wanted = interest(h);
            if (wanted == h.registered || (h.registered < 0 && wanted == 0)) {
                continue;
            }
            int result = apply(h, wanted);
            if (result == 0) {
                h.registered = wanted;
            } else {
                h.completion().receiveEnded(result);
            }
        }
    }

    private int apply(FdHandle h, int wanted) {
        if (h.shared && h.registered >= 0) {
            return wanted == 0 ? unregister(h) : 0; // EPOLLEXCLUSIVE allows no modification
        }
        return h.registered < 0 ? poller.add(h.fd, wanted) : poller.modify(h.fd, wanted);
    }

    private int unregister(FdHandle h) {
        int result = poller.remove(h.fd);
        h.registered = -1;
        return result;
    }

    private int interest(FdHandle h) {
        if (h.listener) {
            return h.receiving ? Poller.IN | (h.shared ? Poller.EXCLUSIVE : 0) : 0;
        }
        if (edge) {
            return Poller.IN | Poller.OUT; // once and for all: changes come by themselves
        }
        return (h.receiving ? Poller.IN : 0) | (h.sendWaits || h.connecting ? Poller.OUT : 0);
    }

    private void markDirty(FdHandle h) {
        if (!h.dirty && !h.closed && !(edge && h.registered > 0 && !h.listener)) {
            h.dirty = true;
            dirty.add(h);
        }
    }

    private void goOn(FdHandle h) {
        if (!h.goesOn) {
            h.goesOn = true;
            goesOn.add(h);
        }
    }

    private FdHandle enter(int fd) {
        if (fd >= handles.length) {
            handles = Arrays.copyOf(handles, Math.max(fd + 1, handles.length * 2));
        }
        FdHandle handle = new FdHandle(fd, turn);
        handles[fd] = handle;
        return handle;
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
        counters.systemCalls += poller.systemCalls();
        poller.close();
        arena.close();
    }
}
