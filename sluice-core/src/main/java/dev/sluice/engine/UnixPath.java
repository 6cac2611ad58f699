package dev.sluice.engine;

import dev.sluice.os.Errno;
import dev.sluice.os.SysException;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.SocketChannel;

/** Why a Unix-domain path can't be bound: bind(2) says EADDRINUSE whatever file is there, and never takes one over. */
final class UnixPath {
    private UnixPath() {}

    /** What to throw where a path is in use. */
    static SysException taken(UnixDomainSocketAddress address, String subject) {
        return new SysException(
                "bind",
                subject,
                Errno.EADDRINUSE,
                isServed(address)
                        ? "a server listens there: stop it, or choose another path"
                        : "nobody listens there, a server that was killed left the file: remove it");
    }

    /** Without waiting: a full queue of newcomers is a server's too. */
    private static boolean isServed(UnixDomainSocketAddress address) {
        try (SocketChannel probe = SocketChannel.open(StandardProtocolFamily.UNIX)) {
            probe.configureBlocking(false);
            probe.connect(address);
            return true;
        } catch (IOException e) {
            return ChannelErrors.errno(e) != Errno.ECONNREFUSED;
        }
    }
}
