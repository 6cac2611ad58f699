package dev.sluice.proxy;

import dev.sluice.Cause;
import dev.sluice.Connection;
import dev.sluice.EventLog;
import dev.sluice.FileRegion;
import dev.sluice.Service;
import dev.sluice.Session;
import java.lang.System.Logger.Level;
import java.net.SocketAddress;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A service behind intermediaries that tell who the client is by the PROXY protocol, of version 1 or 2. Each connection must begin
 * with its header; then the service is opened, and {@link Connection#remoteAddress} is the client's. A connection without
 * one, or from elsewhere than the intermediaries, is cut: else anybody could say to be anybody. Safe for use from any thread.
 */
public final class ProxyHeaderService implements Service {
    /** For a whole header, which comes in the connection's first packet. */
    private static final Duration PATIENCE = Duration.ofSeconds(5);

    private final Service service;
    private final List<Network> from;
    private final long patienceNanos;
    private final EventLog.Seldom seldom = new EventLog.Seldom();

    /** @param from where the intermediaries are */
    public ProxyHeaderService(Service service, List<Network> from) {
        this(service, from, PATIENCE);
    }

    /** @param patience for a whole header */
    public ProxyHeaderService(Service service, List<Network> from, Duration patience) {
        if (from.isEmpty()) {
            throw new IllegalArgumentException("no address may send a PROXY header, so nobody could connect");
        }
        this.service = service;
        this.from = List.copyOf(from);
        this.patienceNanos = patience.toNanos();
    }

    @Override
    public Session open(Connection connection) {
        SocketAddress peer = connection.remoteAddress();
        if (from.stream().noneMatch(network -> network.contains(peer))) {
            cut(connection, "it may not send a PROXY header");
        }
        return new Behind(connection);
    }

    @Override
    public @Nullable String singleProcessReason() {
        return service.singleProcessReason();
    }

    private void cut(Connection connection, String why) {
        synchronized (seldom) {
            seldom.log(
                    Level.WARNING,
                    "a connection from " + connection.remoteAddress() + " was cut: " + why,
                    connection.nanoTime());
        }
        connection.abort();
    }

    /**
     * One connection.
     *
     * <pre>
     *   waits for the header ──whole──▶ the service's own session
     *            └─ malformed, late, or the end ─▶ cut
     * </pre>
     */
    private final class Behind implements Session {
        private final Connection connection;
        private final Connection.Timer patience;
        private @Nullable ProxyHeaderParser parser = new ProxyHeaderParser();
        private @Nullable Session session;
        private boolean stopping;

        Behind(Connection connection) {
            this.connection = connection;
            this.patience = connection.after(patienceNanos, () -> cut(connection, "its PROXY header is late"));
        }

        @Override
        public void received(ByteBuffer input) throws Exception {
            Session behind = session;
            if (behind != null) {
                behind.received(input);
            } else if (parser != null) {
                header(input, parser);
            }
        }

        private void header(ByteBuffer input, ProxyHeaderParser parser) throws Exception {
            int length = parser.parse(input);
            if (length == ProxyHeaderParser.NEED_MORE) {
                return;
            }
            if (length == ProxyHeaderParser.MALFORMED) {
                cut(connection, "its PROXY header is malformed: " + parser.problem());
                return;
            }
            input.position(input.position() + length);
            patience.cancel();
            SocketAddress client = parser.source();
            if (client != null) {
                connection.remoteAddress(client);
            }
            this.parser = null;
            if (input.hasRemaining()) {
                connection.resumeReading(); // what follows is offered next turn, unless the session pauses
            }
            begin();
        }

        private void begin() throws Exception {
            Session behind = service.open(connection);
            session = behind;
            behind.opened();
            if (stopping) {
                behind.stopping();
            }
        }

        @Override
        public void receivedInKernel(FileRegion bytes) throws Exception {
            Objects.requireNonNull(session).receivedInKernel(bytes);
        }

        @Override
        public void drained() throws Exception {
            if (session != null) {
                session.drained();
            }
        }

        @Override
        public void ended() throws Exception {
            if (session != null) {
                session.ended();
            } else {
                cut(connection, "it ended before its PROXY header was whole");
            }
        }

        @Override
        public void stopping() throws Exception {
            stopping = true;
            if (session != null) {
                session.stopping();
            }
        }

        @Override
        public @Nullable String activity() {
            Session behind = session;
            return behind == null ? "waits for a PROXY header" : behind.activity();
        }

        @Override
        public @Nullable String phase() {
            Session behind = session;
            return behind == null ? null : behind.phase();
        }

        @Override
        public void closed(Cause cause) throws Exception {
            if (session != null) {
                session.closed(cause);
            }
        }
    }
}
