package dev.sluice.threading;

import dev.sluice.Cause;
import dev.sluice.Service;
import dev.sluice.Session;
import dev.sluice.engine.Engine;
import dev.sluice.engine.Handle;
import dev.sluice.os.SysException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;

/** Opens connections outwards; inside the domain that they are to live in. */
final class Dialled {
    private Dialled() {}

    /**
     * Starts connecting, on the thread that owns the engine.
     *
     * <p>Where no socket can be had (EMFILE, an address of no known kind) there is no connection to open a session for: the
     * service gets one that is over, so that every dial ends in {@link Session#closed}.
     *
     * @return opens the session; to be run inside the domain
     */
    static Runnable connect(Domain domain, Engine engine, SocketAddress remote, Service service) {
        try {
            SocketConnection connection = new SocketConnection(domain, engine.connect(remote));
            return () -> connection.openDialled(service);
        } catch (SysException | IllegalArgumentException e) {
            SocketConnection connection = new SocketConnection(domain, new NoHandle(remote));
            Cause cause = Cause.of(Cause.Kind.CONNECT, String.valueOf(e.getMessage()));
            return () -> connection.openRefused(service, cause);
        }
    }

    /** Stands for a socket that could not be opened. */
    private static final class NoHandle extends Handle {
        private final SocketAddress remote;

        NoHandle(SocketAddress remote) {
            this.remote = remote;
        }

        @Override
        public SocketAddress localAddress() {
            return new InetSocketAddress(0);
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
