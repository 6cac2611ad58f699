package dev.sluice.engine;

import dev.sluice.os.CallState;
import dev.sluice.os.Descriptors;
import dev.sluice.os.Errno;
import dev.sluice.os.SocketAddresses;
import dev.sluice.os.Sockets;
import dev.sluice.os.Sockopt;
import dev.sluice.os.SysException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.net.SocketAddress;
import java.net.UnixDomainSocketAddress;
import java.nio.file.Files;

/** Opens sockets the way that every descriptor-holding engine needs them. */
public final class Listening {
    private Listening() {}

    /**
     * A bound, listening socket.
     *
     * <p>TCP_NODELAY and SO_KEEPALIVE are set on the listener: on Linux and the BSDs an accepted socket inherits them, which
     * saves two calls for each newcomer.
     *
     * @param flags SOCK_NONBLOCK or 0; SOCK_CLOEXEC is always set
     * @throws SysException naming the call that failed and the address
     */
    public static int open(SocketAddress address, ListenOptions options, int flags, CallState state) {
        int fd = bound(address, options, flags, state);
        try {
            SysException.check(
                    Sockets.listen(fd, options.backlogCount(), state),
                    "listen",
                    "fd=" + fd + ", " + printable(address));
            return fd;
        } catch (SysException e) {
            Descriptors.close(fd, state);
            throw e;
        }
    }

    /**
     * A bound socket that doesn't listen: it holds an address for the processes that will listen there beside each other, and
     * is sent no newcomer.
     *
     * @throws SysException naming the call that failed and the address
     */
    public static int reserve(SocketAddress address, ListenOptions options, CallState state) {
        return bound(address, options, 0, state);
    }

    private static int bound(SocketAddress address, ListenOptions options, int flags, CallState state) {
        int family = SocketAddresses.family(address);
        int fd = SysException.check(
                Sockets.socket(family, Sockets.SOCK_STREAM | Sockets.SOCK_CLOEXEC | flags, 0, state),
                "socket",
                address);
        try {
            if (family != Sockets.AF_UNIX) {
                set(fd, Sockopt.SOL_SOCKET, Sockopt.SO_REUSEADDR, true, state);
                set(fd, Sockopt.SOL_SOCKET, Sockopt.SO_REUSEPORT, options.reusePort(), state);
                set(fd, Sockopt.SOL_SOCKET, Sockopt.SO_KEEPALIVE, options.keepAlive(), state);
                set(fd, Sockopt.IPPROTO_TCP, Sockopt.TCP_NODELAY, options.noDelay(), state);
            }
            String subject = "fd=" + fd + ", " + printable(address);
            int bound = Sockets.bind(fd, address, family, state);
            if (bound == -Errno.EADDRINUSE && address instanceof UnixDomainSocketAddress unix) {
                throw UnixPath.taken(unix, subject);
            }
            SysException.check(bound, "bind", subject);
            return fd;
        } catch (SysException e) {
            Descriptors.close(fd, state);
            throw e;
        }
    }

    /**
     * A listening socket that another process opened.
     *
     * @return the descriptor
     * @throws SysException where it is none
     */
    public static int inherited(int descriptor) {
        try (Arena arena = Arena.ofConfined()) {
            String subject = "fd=" + descriptor + ", which is to be a listening socket that was inherited";
            int listens = SysException.check(
                    Sockopt.getsockopt(descriptor, Sockopt.SOL_SOCKET, Sockopt.SO_ACCEPTCONN, new CallState(arena)),
                    "getsockopt",
                    subject);
            if (listens == 0) {
                throw new SysException("accept", subject, Errno.EINVAL);
            }
            return descriptor;
        }
    }

    /** Removes the name that a Unix-domain listener leaves in the file system; other addresses leave nothing. */
    public static void unlink(SocketAddress address) {
        if (address instanceof UnixDomainSocketAddress unix) {
            try {
                Files.deleteIfExists(unix.getPath());
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }

    /** The address without the slash that {@code InetSocketAddress.toString} puts before an unnamed host. */
    static String printable(SocketAddress address) {
        String text = address.toString();
        return text.startsWith("/") && address instanceof java.net.InetSocketAddress ? text.substring(1) : text;
    }

    private static void set(int fd, int level, int option, boolean on, CallState state) {
        if (on) {
            SysException.check(Sockopt.setsockopt(fd, level, option, 1, state), "setsockopt", "fd=" + fd);
        }
    }
}
