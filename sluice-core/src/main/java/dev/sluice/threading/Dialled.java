package dev.sluice.threading;

import dev.sluice.Cause;
import dev.sluice.Service;
import dev.sluice.Session;
import dev.sluice.engine.Handle;
import dev.sluice.os.SysException;
import java.net.SocketAddress;

/** Opens connections outwards; inside the domain that they are to live in. */
final class Dialled {
    private Dialled() {}

    /**
     * Starts connecting and opens the session.
     *
     * <p>Where no socket can be had (EMFILE, an address of no known kind) there is no connection to open a session for: the
     * service gets one that is over, so that every dial ends in {@link Session#closed}.
     */
    static void open(Domain domain, SocketAddress remote, Service service) {
        Handle handle;
        try {
            handle = domain.engine().connect(remote);
        } catch (SysException | IllegalArgumentException e) {
            handle = new NoHandle(remote);
            SocketConnection connection = new SocketConnection(domain, handle);
            connection.openRefused(service, Cause.of(Cause.Kind.CONNECT, String.valueOf(e.getMessage())));
            return;
        }
        new SocketConnection(domain, handle).openDialled(service);
    }

    /** Stands for a socket that could not be opened. */
    private static final class NoHandle extends Handle {
        private final SocketAddress remote;

        NoHandle(SocketAddress remote) {
            this.remote = remote;
        }

        @Override
        public SocketAddress localAddress() {
            return new java.net.InetSocketAddress(0);
        }

        @Override
        public SocketAddress remoteAddress() {
            return remote;
        }

        @Override
        public int descriptor() {
            return -1;
        }
    }
}
