package dev.sluice.engine;

import dev.sluice.os.NativeMemory;
import dev.sluice.os.Sockets;
import dev.sluice.os.Sockopt;
import dev.sluice.os.Sqe;
import dev.sluice.os.SysException;
import java.net.SocketAddress;
import java.util.function.IntFunction;

/**
 * What is done to a socket besides moving bytes, be its descriptor an ordinary one, which takes a system call, or a
 * direct one, which takes an operation of its ring.
 */
final class UringDescriptors {
    /** The others end by themselves. */
    private static final int[] CANCELLED = {
        UringTag.RECEIVE,
        UringTag.ACCEPT,
        UringTag.ACCEPT_DIRECT,
        UringTag.CONNECT,
        UringTag.SEND,
        UringTag.READ,
        UringTag.ROOM
    };

    /** The lengths of a {@code struct sockaddr_in} and of a {@code struct sockaddr_in6}. */
    private static final int IN_BYTES = 16;

    private static final int IN6_BYTES = 28;

    private final UringSubmitter submitter;
    private final UringShared shared;

    UringDescriptors(UringSubmitter submitter, UringShared shared) {
        this.submitter = submitter;
        this.shared = shared;
    }

    /** Of a direct descriptor. */
    void setNoDelay(UringHandle h) {
        setOption(h, Sockopt.IPPROTO_TCP, Sockopt.TCP_NODELAY, shared.one, Integer.BYTES);
    }

    /** Sets an option before what is put next; only a failure completes. */
    private void setOption(UringHandle h, int level, int option, long address, int bytes) {
        long sqe = submitter.sqe(h);
        Sqe.setsockopt(sqe, h.fd, level, option, address, bytes, UringTag.OPTION);
        Sqe.addFlags(sqe, Sqe.IOSQE_CQE_SKIP_SUCCESS);
    }

    void shutdownOutput(UringHandle h) {
        // The ring gives this operation to a worker thread (io_uring/net.c forces it), the call takes a microsecond.
        // But a direct descriptor has no other way.
        if (h.direct) {
            long sqe = submitter.sqe(h);
            h.takeOff(UringTag.SHUTDOWN);
            Sqe.shutdown(sqe, h.fd, Sockets.SHUT_WR, h.tag | UringTag.SHUTDOWN);
        } else {
            shared.counters.systemCalls++;
            shared.fdCalls.shutdownOutput(h.fd); // ENOTCONN after a reset: the receive tells of it
        }
    }

    /**
     * Cancels what is in flight. By its tag, of which there is no second one ever: the kernel finds it by that at once, but
     * by a descriptor only among all that the ring waits for (io_poll_file_find in io_uring/poll.c).
     */
    void cancel(UringHandle h) {
        for (int operation : CANCELLED) {
            if (h.isFlying(operation)) {
                Sqe.cancel(submitter.sqe(), h.tag | operation, UringTag.CANCEL);
            }
        }
    }

    /** Closes; nothing that holds the descriptor may be in flight. */
    void close(UringHandle h) {
        if (h.reset && h.direct && h.fd >= 0) {
            setOption(h, Sockopt.SOL_SOCKET, Sockopt.SO_LINGER, shared.lingerNot, 2 * Integer.BYTES);
        } else if (h.reset && h.fd >= 0) {
            shared.counters.systemCalls++;
            shared.fdCalls.resetOnClose(h.fd);
        }
        long sqe = submitter.sqe();
        h.takeOff(UringTag.CLOSE);
        if (h.fd < 0) {
            Sqe.nop(sqe, h.tag | UringTag.CLOSE); // no socket could be opened
        } else if (h.direct) {
            Sqe.closeFixed(sqe, h.fd, h.tag | UringTag.CLOSE);
        } else {
            Sqe.close(sqe, h.fd, h.tag | UringTag.CLOSE);
        }
    }

    /** Closes a newcomer that nobody waits for. */
    void closeAtOnce(int fd, boolean direct) {
        if (direct) {
            Sqe.closeFixed(submitter.sqe(), fd, UringTag.DISCARD);
        } else {
            shared.counters.systemCalls++;
            shared.fdCalls.close(fd);
        }
    }

    // ---- what is asked and answered at once

    SocketAddress localAddress(UringHandle h) {
        // No option of a socket tells it, and the ring has no getsockname before Linux 6.19.
        return h.direct ? asked(h, shared.fdCalls::localAddress) : shared.fdCalls.localAddress(h.fd);
    }

    SocketAddress remoteAddress(UringHandle h) {
        if (!h.direct) {
            return shared.fdCalls.remoteAddress(h.fd);
        }
        // The length asked for must not be beyond the address's own (sk_getsockopt in net/core/sock.c).
        int family = peerName(h, IN_BYTES) >= 0 ? shared.peerFamily() : Sockets.AF_UNIX;
        boolean known = family == Sockets.AF_INET || family == Sockets.AF_INET6 && peerName(h, IN6_BYTES) >= 0;
        return known ? shared.peer() : asked(h, shared.fdCalls::remoteAddress);
    }

    private int peerName(UringHandle h, int bytes) {
        long sqe = submitter.sqe(h);
        Sqe.getsockopt(sqe, h.fd, Sockopt.SOL_SOCKET, Sockopt.SO_PEERNAME, shared.peerName, bytes, UringTag.NOW);
        return submitter.now();
    }

    /** Through an ordinary number for the moment. */
    private SocketAddress asked(UringHandle h, IntFunction<SocketAddress> question) {
        int fd = installed(h.fd);
        try {
            return question.apply(fd);
        } finally {
            closeAtOnce(fd, false);
        }
    }

    /** Gives a direct descriptor an ordinary number, which is the caller's to close; or a negative errno. */
    int install(int place) {
        Sqe.installFixed(submitter.sqe(), place, UringTag.NOW);
        return submitter.now();
    }

    private int installed(int place) {
        return SysException.check(install(place), "FIXED_FD_INSTALL", "direct=" + place);
    }

    /** Moves an ordinary descriptor into the table: its place there, or a negative errno, and it stays what it is. */
    int takeIn(int fd) {
        NativeMemory.putInt(shared.descriptor, fd);
        Sqe.updateFiles(submitter.sqe(), shared.descriptor, UringTag.NOW);
        int result = submitter.now();
        if (result < 0) {
            return result;
        }
        closeAtOnce(fd, false);
        return NativeMemory.getInt(shared.descriptor);
    }

    /** Moves a newcomer from the table to an ordinary descriptor. */
    int takeOut(int place) {
        int fd = installed(place);
        closeAtOnce(place, true);
        return fd;
    }
}
