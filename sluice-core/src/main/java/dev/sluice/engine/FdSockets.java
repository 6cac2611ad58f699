package dev.sluice.engine;

import dev.sluice.os.CallState;
import dev.sluice.os.Descriptors;
import dev.sluice.os.Errno;
import dev.sluice.os.SocketAddresses;
import dev.sluice.os.Sockets;
import dev.sluice.os.Sockopt;
import dev.sluice.os.SysException;
import java.lang.foreign.Arena;
import java.net.SocketAddress;

/** The sockets that {@link ReadinessEngine} opens and accepts: non-blocking, and only such as its poller can watch. */
final class FdSockets {
    private final Poller poller;
    private final FdTable table;
    private final FdInterests interests;
    private final FdResults results;
    private final CallState state;
    private final EngineCounters counters;
    private final long sockaddr;

    FdSockets(
            Poller poller,
            FdTable table,
            FdInterests interests,
            FdResults results,
            Arena arena,
            CallState state,
            EngineCounters counters) {
        this.poller = poller;
        this.table = table;
        this.interests = interests;
        this.results = results;
        this.state = state;
        this.counters = counters;
        this.sockaddr = arena.allocate(SocketAddresses.MAX_BYTES, 8).address();
    }

    FdHandle listen(SocketAddress address, ListenOptions options) {
        FdHandle handle = listener(Listening.open(address, options, Sockets.SOCK_NONBLOCK, state));
        handle.shared = options.exclusive();
        return handle;
    }

    FdHandle listenOn(int descriptor) {
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
        FdHandle handle = table.enter(fd);
        handle.listener = true;
        return handle;
    }

    /** Accepts newcomers, so many at most, and tells of each; whether there may be more. */
    boolean accept(FdHandle listener, int most) {
        for (int i = 0; i < most && listener.receiving; i++) {
            counters.systemCalls++;
            int fd = Sockets.accept4(listener.fd, Sockets.SOCK_NONBLOCK | Sockets.SOCK_CLOEXEC, state);
            if (fd >= 0) {
                counters.accepts++;
                accepted(listener, fd);
            } else if (fd == -Errno.EAGAIN) {
                return false;
            } else if (fd != -Errno.EINTR) {
                counters.acceptFailures++;
                listener.completion().acceptFailed(fd);
                results.tell();
            }
        }
        return listener.receiving;
    }

    private void accepted(FdHandle listener, int fd) {
        if (poller.holds(fd)) {
            listener.completion().accepted(table.enter(fd));
        } else {
            counters.refused++;
            Descriptors.close(fd, state);
            listener.completion().acceptRefused(fd);
        }
        results.tell();
    }

    FdHandle connect(SocketAddress remote) {
        int family = SocketAddresses.family(remote);
        FdHandle h = table.enter(socketFor(remote, family));
        int result = Sockets.connect(h.fd, sockaddr, SocketAddresses.encode(remote, family, sockaddr), state);
        if (result == -Errno.EINPROGRESS || result == -Errno.EINTR) {
            h.connecting = true;
            interests.changed(h);
        } else {
            results.connected(h, result);
        }
        return h;
    }

    private int socketFor(SocketAddress remote, int family) {
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
        return fd;
    }

    /** A connect under way ended, as readiness says. */
    void connectEnded(FdHandle h) {
        counters.systemCalls++;
        int error = Sockopt.takeError(h.fd, state);
        h.connecting = false;
        interests.changed(h);
        h.completion().connected(error > 0 ? -error : error);
        results.tell();
    }

    /** Closes the descriptor, with a reset where one is wanted. */
    void close(FdHandle h, boolean reset) {
        if (reset) {
            counters.systemCalls++;
            Sockopt.setLinger(h.fd, 0, state);
        }
        counters.systemCalls++;
        Descriptors.close(h.fd, state);
        table.remove(h);
    }
}
