package dev.sluice.sim;

import dev.sluice.Cause;
import dev.sluice.Client;
import dev.sluice.Connection;
import dev.sluice.Options;
import dev.sluice.Server;
import dev.sluice.Service;
import dev.sluice.Session;
import java.net.SocketAddress;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Sessions that do anything that a connection offers, in any order: the contract holds all the same. */
@Timeout(300)
class AnythingTest {
    private static final int SEEDS = Seeds.count(500);

    @ParameterizedTest
    @EnumSource
    void holdsTheContract(Beneath beneath) {
        for (long seed = 0; seed < SEEDS; seed++) {
            try (World world = World.builder(seed).beneath(beneath).build()) {
                run(world);
            }
        }
    }

    static void run(World world) {
        Dice dice = world.dice();
        Host host = world.host("server");
        Host clients = world.host("client");
        clients.accept(9, peer -> anything(peer.mayBreak(), dice));
        Options options = Options.builder()
                .loops(1 + dice.below(3))
                .outputMarks(100, 1000)
                .outputLimit(dice.spread(2000, 1_000_000))
                .inputLimit((int) dice.spread(1, 16 * 1024))
                .turnBytes((int) dice.spread(1, 64 * 1024))
                .taskLimit((int) dice.spread(1, 16))
                .idleTimeout(dice.nextBoolean() ? Duration.ZERO : Duration.ofMillis(dice.spread(1, 10_000)))
                .writeTimeout(dice.nextBoolean() ? Duration.ZERO : Duration.ofMillis(dice.spread(1, 10_000)))
                .lingerTimeout(Duration.ofMillis(dice.spread(1, 5000)))
                .accept(dice.nextBoolean() ? dev.sluice.AcceptMode.HANDOFF : dev.sluice.AcceptMode.REUSEPORT)
                .build();
        Service service = c -> new Anything(c, dice, dice.nextBoolean() ? clients.address(9) : null);
        Server server = host.serve(Server.builder(service).options(options), 8);
        int count = 1 + dice.below(8);
        for (int i = 0; i < count; i++) {
            anything(clients.connect(server.address()).mayBreak(), dice);
        }
        if (dice.chance(0.3)) {
            Client client = clients.client(options);
            client.dial(server.address(), c -> new Anything(c, dice, null));
            client.dial(clients.address(10), c -> new Anything(c, dice, null));
        }
        world.run(Duration.ofSeconds(dice.below(20)));
        if (dice.nextBoolean()) {
            server.stop(Duration.ofMillis(dice.spread(0, 10_000)));
        } else {
            world.run();
        }
    }

    private static void anything(Peer peer, Dice dice) {
        peer.send(dice.bytes((int) dice.spread(0, 20_000)));
        if (dice.chance(0.7)) {
            peer.after(Duration.ofMillis(dice.spread(0, 5000)), peer::end);
        }
        if (dice.chance(0.2)) {
            peer.after(Duration.ofMillis(dice.spread(0, 5000)), peer::reset);
        }
        if (dice.chance(0.3)) {
            peer.pauseReading().after(Duration.ofMillis(dice.spread(0, 5000)), peer::resumeReading);
        }
        peer.after(Duration.ofMillis(dice.spread(0, 5000)), () -> {
            if (!peer.isOver()) {
                peer.send(dice.bytes((int) dice.spread(0, 2000)));
            }
        });
    }

    /** Draws what it does next. */
    private static final class Anything implements Session {
        private static final int ACTIONS = 200;

        private final Connection connection;
        private final Dice dice;
        private final @Nullable SocketAddress further;
        private Connection.@Nullable Timer timer;
        private int actions;

        Anything(Connection connection, Dice dice, @Nullable SocketAddress further) {
            this.connection = connection;
            this.dice = dice;
            this.further = further;
            act();
        }

        private void act() {
            if (actions++ > ACTIONS) {
                return;
            }
            switch (dice.below(16)) {
                case 0 -> connection.pauseReading();
                case 1, 2 -> connection.resumeReading();
                case 3 -> timer = connection.after(delay(), this::act);
                case 4 -> cancel();
                case 5 -> connection.execute(this::act);
                case 6 -> connection.end();
                case 7 -> end();
                case 8 -> connection.readIndependently();
                case 9 -> connection.idleTimeout(delay());
                case 10 -> further();
                default -> connection.write(ByteBuffer.wrap(dice.bytes((int) dice.spread(0, 3000))));
            }
        }

        private long delay() {
            return dice.spread(0, TimeUnit.SECONDS.toNanos(5));
        }

        private void cancel() {
            if (timer != null) {
                timer.cancel();
            }
        }

        private void end() {
            switch (dice.below(8)) {
                case 0 -> connection.abort();
                case 1, 2 -> connection.close();
                default -> connection.after(delay(), connection::close);
            }
        }

        private void further() {
            SocketAddress address = further;
            if (address != null) {
                Client.dial(connection, address, c -> new Anything(c, dice, null));
            }
        }

        @Override
        public void opened() {
            act();
        }

        @Override
        public void received(ByteBuffer input) {
            int read = (int) dice.between(0, input.remaining());
            input.position(input.position() + read);
            act();
            if (input.hasRemaining()) {
                connection.after(delay(), connection::resumeReading);
            }
        }

        @Override
        public void drained() {
            act();
        }

        @Override
        public void ended() {
            act();
            connection.after(delay(), connection::end);
        }

        @Override
        public void stopping() {
            connection.close();
        }

        @Override
        public void closed(Cause cause) {
            act();
        }
    }
}
