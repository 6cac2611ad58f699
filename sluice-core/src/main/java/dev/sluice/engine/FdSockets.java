package dev.sluice.engine;

import dev.sluice.os.Errno;
import dev.sluice.os.SysException;
import java.net.SocketAddress;
import java.net.UnixDomainSocketAddress;

/** The sockets that {@link ReadinessEngine} opens and accepts: non-blocking, and only such as its poller can watch. */
final class FdSockets {
    private final Poller poller;
    private final FdCalls calls;
    private final FdTable table;
    private final FdInterests interests;
    private final FdResults results;
    private final EngineCounters counters;

    FdSockets(
            Poller poller,
            FdCalls calls,
            FdTable table,
            FdInterests interests,
            FdResults results,
            EngineCounters counters) {
        this.poller = poller;
        this.calls = calls;
        this.table = table;
        this.interests = interests;
        this.results = results;
        this.counters = counters;
    }

    FdHandle listen(SocketAddress address, ListenOptions options) {
        FdHandle handle = listener(calls.listen(address, options));
        handle.shared = options.exclusive();
        return handle;
    }

    FdHandle listenOn(int descriptor) {
        SysException.check(calls.setNonBlocking(descriptor), "fcntl", "fd=" + descriptor);
        FdHandle handle = listener(descriptor);
        handle.shared = true;
        return handle;
    }

    private FdHandle listener(int fd) {
        if (!poller.holds(fd)) {
            calls.close(fd);
            throw new SysException("listen", "fd=" + fd + " can't be watched by this model", Errno.ENOSPC);
        }
        FdHandle handle = table.enter(fd);
        handle.listener = true;
        return handle;
    }

    /** Accepts newcomers, so many at most, and tells of each; whether there may be more. */
    boolean accept(FdHandle listener, int most) {
        for (int i = 0; i < most && listener.receiving; i++) {
            if (poller.guesses() && !mayAccept(listener)) {
                return false;
            }
            int fd = acceptOne(listener);
            if (fd == -Errno.EAGAIN) {
                return false;
            } else if (fd < 0 && fd != -Errno.EINTR) {
                counters.acceptFailures++;
                listener.completion().acceptFailed(fd);
                results.tell();
            }
        }
        return listener.receiving;
    }

    /** Accepts one newcomer, and tells of it; its descriptor, or -errno. */
    int acceptOne(FdHandle listener) {
        counters.systemCalls++;
        int fd = calls.accept(listener.fd);
        if (fd >= 0) {
            counters.accepts++;
            accepted(listener, fd);
        }
        return fd;
    }

    /**
     * An accept4(2) that is refused has made a file and an inode first. Linux frees them later and many at a time (RCU), so a loop that
     * is refused without end is held for milliseconds now and then.
     */
    private boolean mayAccept(FdHandle listener) {
        counters.systemCalls++;
        return calls.mayAccept(listener.fd);
    }

    private void accepted(FdHandle listener, int fd) {
        if (poller.holds(fd)) {
            listener.completion().accepted(table.enter(fd));
        } else {
            counters.refused++;
            calls.close(fd);
            listener.completion().acceptRefused(fd);
        }
        results.tell();
    }

    FdHandle connect(SocketAddress remote) {
        FdHandle h = table.enter(socketFor(remote));
        int result = calls.connect(h.fd, remote);
        if (result == -Errno.EINPROGRESS || result == -Errno.EINTR) {
            h.connecting = true;
            interests.changed(h);
        } else {
            results.connected(h, result);
        }
        return h;
    }

    private int socketFor(SocketAddress remote) {
        int fd = SysException.check(calls.socket(remote), "socket", remote);
        if (!poller.holds(fd)) {
            counters.refused++;
            calls.close(fd);
            throw new SysException("connect", "fd=" + fd + " can't be watched by this model", Errno.EMFILE);
        }
        counters.systemCalls += remote instanceof UnixDomainSocketAddress ? 2 : 3; // socket, setsockopt, connect
        return fd;
    }

    /** A connect under way ended, as readiness says. */
    void connectEnded(FdHandle h) {
        counters.systemCalls++;
        int error = calls.takeError(h.fd);
        if (error == 0 && poller.guesses() && !isConnected(h.fd)) {
            return;
        }
        h.connecting = false;
        interests.changed(h);
        h.completion().connected(error > 0 ? -error : error);
        results.tell();
    }

    /** No error says nothing where a connect may still be under way; its peer has a name only then. */
    private boolean isConnected(int fd) {
        counters.systemCalls++;
        try {
            calls.remoteAddress(fd);
            return true;
        } catch (SysException e) {
            if (e.errno() == Errno.ENOTCONN) {
                return false;
            }
            throw e;
        }
    }

    /** Closes the descriptor, with a reset where one is wanted. */
    void close(FdHandle h, boolean reset) {
        if (reset) {
            counters.systemCalls++;
            calls.resetOnClose(h.fd);
        }
        counters.systemCalls++;
        calls.close(h.fd);
        table.remove(h);
    }
}
