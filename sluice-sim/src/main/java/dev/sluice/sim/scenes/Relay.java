package dev.sluice.sim.scenes;

import dev.sluice.Cause;
import dev.sluice.Client;
import dev.sluice.Connection;
import dev.sluice.Service;
import dev.sluice.Session;
import dev.sluice.sim.Dice;
import dev.sluice.sim.World;
import java.net.SocketAddress;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Dials a server for each client, and again where that fails; passes on what either side sends, and its end. Now and then it
 * holds one of them up for a while, by a timer of its own or until it is told from outside.
 */
final class Relay {
    private static final int TRIES = 3;
    private static final long DIAL_NANOS = TimeUnit.SECONDS.toNanos(2);
    private static final long HOLD_NANOS = TimeUnit.MILLISECONDS.toNanos(200);
    private static final double HOLDS = 0.1;
    /** Longer than a loop may turn without anything to do. */
    private static final long LONG_HOLD_NANOS = TimeUnit.SECONDS.toNanos(5);

    private static final double HOLDS_LONG = 0.05;

    private final World world;
    private final Dice dice;
    private final SocketAddress server;
    private final long idleNanos;

    /** @param idle after such a silence either side is closed */
    Relay(World world, SocketAddress server, Duration idle) {
        this.world = world;
        this.dice = world.dice().split();
        this.server = server;
        this.idleNanos = idle.toNanos();
    }

    Service service() {
        return ClientSide::new;
    }

    /** What comes goes out on the other side. Nothing is read before there is one. */
    private abstract class Side implements Session {
        final Connection connection;
        private final Connection.Timer hold;
        private boolean over;

        Side(Connection connection) {
            this.connection = connection;
            this.hold = connection.timer(connection::resumeReading);
            connection.readIndependently(); // or each side would wait for the other one's output
            connection.pauseReading();
        }

        abstract @Nullable Side other();

        final boolean isOver() {
            return over;
        }

        @Override
        public void opened() {
            connection.idleTimeout(idleNanos);
        }

        @Override
        public void received(ByteBuffer input) {
            Side to = other();
            if (to != null && !to.connection.write(input)) {
                connection.pauseReading();
            } else if (dice.chance(HOLDS)) {
                hold();
            }
        }

        private void hold() {
            connection.pauseReading();
            hold.cancel();
            long nanos = dice.spread(1, dice.chance(HOLDS_LONG) ? LONG_HOLD_NANOS : HOLD_NANOS);
            if (dice.nextBoolean()) {
                hold.start(nanos);
            } else {
                world.after(Duration.ofNanos(nanos), () -> {
                    boolean _ = connection.execute(connection::resumeReading); // refused once it is closed
                });
            }
        }

        @Override
        public void drained() {
            Side from = other();
            if (from != null) {
                from.connection.resumeReading();
            }
        }

        @Override
        public void ended() {
            Side to = other();
            if (to != null) {
                to.connection.end();
            }
        }

        @Override
        public void closed(Cause cause) {
            over = true;
            Side left = other();
            if (left == null || left.isOver()) {
                return;
            }
            if (cause.kind() == Cause.Kind.END) {
                left.connection.idleTimeout(idleNanos); // all that it gets was passed on
            } else {
                left.connection.abort();
            }
        }
    }

    private final class ClientSide extends Side {
        private @Nullable ServerSide dialled;
        private final Connection.Timer patience;
        private int tries;

        ClientSide(Connection connection) {
            super(connection);
            this.patience = connection.timer(this::giveUp);
        }

        @Override
        @Nullable
        Side other() {
            return dialled;
        }

        @Override
        public void opened() {
            super.opened();
            dial();
        }

        private void dial() {
            tries++;
            patience.start(DIAL_NANOS);
            Client.dial(connection, server, up -> new ServerSide(up, this));
        }

        private void giveUp() {
            Side up = dialled;
            if (up != null) {
                up.connection.abort();
            }
        }
    }

    private final class ServerSide extends Side {
        private final ClientSide client;
        private boolean connected;

        ServerSide(Connection connection, ClientSide client) {
            super(connection);
            this.client = client;
            client.dialled = this;
        }

        @Override
        Side other() {
            return client;
        }

        @Override
        public void opened() {
            super.opened();
            connected = true;
            client.patience.cancel();
            if (client.isOver()) {
                connection.abort();
            }
            connection.resumeReading();
            client.connection.resumeReading();
        }

        /** Another try, though the client may be gone by now: then it is found out when it is there. */
        @Override
        public void closed(Cause cause) {
            client.patience.cancel();
            if (connected || client.tries == TRIES) {
                super.closed(cause);
            } else {
                client.dial();
            }
        }
    }
}
