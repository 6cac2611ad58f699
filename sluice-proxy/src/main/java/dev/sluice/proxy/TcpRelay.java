package dev.sluice.proxy;

import dev.sluice.Cause;
import dev.sluice.Client;
import dev.sluice.Connection;
import dev.sluice.FileRegion;
import dev.sluice.Session;
import java.nio.ByteBuffer;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/**
 * The client's side of a relay; {@link Server} is the back end's. Both run in one serialization domain and call each other. A side is
 * not read while the other's queued output stands above its high-water mark, so memory is bounded by the two marks.
 * Of a direction that brings much, one load at a time is in a pipe of the kernel's ({@link Bulk}).
 *
 * <pre>
 *   accepted ─▶ dialling ──connected──▶ relaying ──both have ended──▶ closed
 *                 │  ▲                     └─either breaks─▶ the other one is reset
 *                 └──┘ refused or late: the next back end, since nothing was sent
 * </pre>
 */
final class TcpRelay implements Session {
    private final Connection connection;
    private final TcpOptions options;
    private final Backends backends;
    private final BiConsumer<Backend, String> onFailure;
    private final Backend[] tried;
    private int tries;
    private @Nullable Server server;
    private boolean over;
    private final Bulk bulk = new Bulk();

    TcpRelay(Connection connection, TcpOptions options, Backends backends, BiConsumer<Backend, String> onFailure) {
        this.connection = connection;
        this.options = options;
        this.backends = backends;
        this.onFailure = onFailure;
        this.tried = new Backend[options.triesMost()];
        connection.readIndependently(); // or each side would wait for the other one's output
        connection.pauseReading();
    }

    // ---- dialling

    @Override
    public void opened() {
        connection.idleTimeout(options.idle().toNanos());
        dialNext();
    }

    private void dialNext() {
        Backend backend = tries == tried.length
                ? null
                : backends.pick(RendezvousHash.key(connection.remoteAddress()), this::wasTried);
        if (backend == null) {
            connection.abort(); // there is no other way to tell a client of an unknown protocol
            return;
        }
        tried[tries++] = backend;
        backend.started();
        Client.dial(connection, backend.address(), dialled -> new Server(dialled, backend));
    }

    private boolean wasTried(Backend backend) {
        for (int i = 0; i < tries; i++) {
            if (tried[i] == backend) {
                return true;
            }
        }
        return false;
    }

    // ---- relaying

    @Override
    public void received(ByteBuffer input) {
        Server to = server;
        if (to != null) {
            bulk.received(connection, input.remaining());
            if (!to.connection.write(input)) {
                connection.pauseReading();
            }
        }
    }

    @Override
    public void receivedInKernel(FileRegion bytes) {
        Server to = server;
        if (to != null) {
            bulk.receivedInKernel(connection, bytes.count());
            to.connection.transfer(bytes);
            connection.pauseReading();
        }
    }

    @Override
    public void drained() {
        if (server != null) {
            server.connection.resumeReading();
        }
    }

    @Override
    public void ended() {
        if (server != null) {
            server.connection.end();
        }
    }

    @Override
    public void closed(Cause cause) {
        over = true;
        if (server != null) {
            server.otherClosed(cause);
        }
    }

    /** What was passed on before a whole end still goes out; after anything else the other side is told by a reset. */
    private static void otherClosed(Connection left, Cause cause) {
        if (cause.kind() != Cause.Kind.END) {
            left.abort();
        }
    }

    /** The back end's side. */
    private final class Server implements Session {
        private final Connection connection;
        private final Backend backend;
        private final Connection.Timer patience;
        private final Bulk bulk = new Bulk();
        private boolean connected;
        private boolean gone;

        Server(Connection connection, Backend backend) {
            this.connection = connection;
            this.backend = backend;
            this.patience = connection.after(options.connect().toNanos(), connection::abort);
            connection.readIndependently();
            server = this;
            if (options.preamble() != null) {
                byte[] first = options.preamble().apply(TcpRelay.this.connection);
                connection.write(first, 0, first.length);
            }
        }

        @Override
        public void opened() {
            connected = true;
            patience.cancel();
            if (over) {
                connection.abort();
                return;
            }
            connection.idleTimeout(options.idle().toNanos());
            TcpRelay.this.connection.resumeReading();
        }

        @Override
        public void received(ByteBuffer input) {
            if (over) {
                input.position(input.limit());
                return;
            }
            bulk.received(connection, input.remaining());
            if (!TcpRelay.this.connection.write(input)) {
                connection.pauseReading();
            }
        }

        @Override
        public void receivedInKernel(FileRegion bytes) {
            if (!over) {
                bulk.receivedInKernel(connection, bytes.count());
                TcpRelay.this.connection.transfer(bytes);
                connection.pauseReading();
            }
        }

        @Override
        public void drained() {
            TcpRelay.this.connection.resumeReading();
        }

        @Override
        public void ended() {
            TcpRelay.this.connection.end();
        }

        void otherClosed(Cause cause) {
            if (!gone) {
                TcpRelay.otherClosed(connection, cause);
            }
        }

        @Override
        public void closed(Cause cause) {
            gone = true;
            patience.cancel();
            if (connected) {
                backend.ended(Backend.Outcome.ANSWERED);
                if (!over) {
                    TcpRelay.otherClosed(TcpRelay.this.connection, cause);
                }
            } else if (over) {
                backend.ended(Backend.Outcome.CANCELLED);
            } else {
                backend.ended(Backend.Outcome.FAILED);
                onFailure.accept(
                        backend, cause.kind() == Cause.Kind.LOCAL ? "not connected in time" : cause.toString());
                server = null;
                dialNext();
            }
        }
    }
}
