package dev.sluice.engine;

import dev.sluice.os.Errno;
import dev.sluice.os.SysException;
import java.io.IOException;
import java.net.BindException;
import java.net.ConnectException;
import java.net.NoRouteToHostException;
import java.net.SocketAddress;
import java.net.SocketTimeoutException;
import java.net.UnixDomainSocketAddress;
import java.net.UnknownHostException;
import java.nio.channels.ClosedChannelException;
import java.util.Locale;

/**
 * Gives the JDK's exceptions the error numbers that every other engine answers with. The JDK drops the number and
 * keeps the system's message (strerror(3), on Windows FormatMessage), so the message is looked at first, then the
 * type. What neither tells is EIO, which ends the connection like any unexpected error.
 */
final class ChannelErrors {
    private ChannelErrors() {}

    /** The positive errno behind an exception of a channel. */
    static int errno(Throwable error) {
        String message = error.getMessage();
        int known = message == null ? 0 : ofMessage(message.toLowerCase(Locale.ROOT));
        return known != 0 ? known : ofType(error);
    }

    private static int ofMessage(String message) {
        // "in system" is ENFILE, and must be seen before the shorter EMFILE.
        return message.contains("too many open files in system")
                ? Errno.ENFILE
                : message.contains("too many open files") ? Errno.EMFILE : ofSocketMessage(message);
    }

    private static int ofSocketMessage(String message) {
        for (Known known : KNOWN) {
            if (message.contains(known.words())) {
                return known.errno();
            }
        }
        return 0;
    }

    private record Known(String words, int errno) {}

    private static final Known[] KNOWN = {
        new Known("connection reset", Errno.ECONNRESET),
        new Known("forcibly closed by the remote host", Errno.ECONNRESET),
        new Known("broken pipe", Errno.EPIPE),
        new Known("connection was aborted", Errno.ECONNABORTED),
        new Known("connection abort", Errno.ECONNABORTED),
        new Known("connection refused", Errno.ECONNREFUSED),
        new Known("timed out", Errno.ETIMEDOUT),
        new Known("no route to host", Errno.EHOSTUNREACH),
        new Known("network is unreachable", Errno.ENETUNREACH),
        new Known("network is down", Errno.ENETDOWN),
        new Known("address already in use", Errno.EADDRINUSE),
        new Known("only one usage of each socket address", Errno.EADDRINUSE),
        new Known("cannot assign requested address", Errno.EADDRNOTAVAIL),
        new Known("can't assign requested address", Errno.EADDRNOTAVAIL),
        new Known("permission denied", Errno.EACCES),
        new Known("operation not permitted", Errno.EPERM),
        new Known("no buffer space", Errno.ENOBUFS),
        new Known("cannot allocate memory", Errno.ENOMEM),
        new Known("no such file or directory", Errno.ENOENT),
        new Known("not connected", Errno.ENOTCONN),
        new Known("invalid argument", Errno.EINVAL),
        new Known("protocol family unavailable", Errno.EAFNOSUPPORT),
        new Known("address family not supported", Errno.EAFNOSUPPORT)
    };

    private static int ofType(Throwable error) {
        return switch (error) {
            case ConnectException _ -> Errno.ECONNREFUSED;
            case NoRouteToHostException _ -> Errno.EHOSTUNREACH;
            case BindException _ -> Errno.EADDRINUSE;
            case SocketTimeoutException _ -> Errno.ETIMEDOUT;
            case UnknownHostException _ -> Errno.EADDRNOTAVAIL;
            case ClosedChannelException _ -> Errno.ECANCELED;
            default -> Errno.EIO;
        };
    }

    /** What a set-up path throws for it. */
    static SysException failure(String call, SocketAddress subject, IOException error) {
        int errno = errno(error);
        SysException failure = errno == Errno.EADDRINUSE && subject instanceof UnixDomainSocketAddress unix
                ? UnixPath.taken(unix, Listening.printable(subject))
                : new SysException(call, Listening.printable(subject), errno);
        failure.initCause(error);
        return failure;
    }
}
