package dev.sluice.sim;

import dev.sluice.Connection;
import dev.sluice.Options;
import dev.sluice.Server;
import dev.sluice.Service;
import dev.sluice.Session;
import java.nio.ByteBuffer;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** A world of one echo server and some clients, all of whose sizes and times its seed decides. */
final class EchoWorld {
    private static final int CLIENTS = 8;
    private static final int BYTES = 8 * 1024;
    private static final int PORT = 7;

    private EchoWorld() {}

    /** Sends back what comes, and ends when the peer does. */
    static Service echo() {
        return Echo::new;
    }

    /** Runs a world of that seed, and returns its story. */
    static Story run(long seed, @Nullable Beneath beneath, @Nullable Faults faults) {
        return run(seed, beneath, faults, echo());
    }

    static Story run(long seed, @Nullable Beneath beneath, @Nullable Faults faults, Service service) {
        World.Builder builder = World.builder(seed);
        if (beneath != null) {
            builder.beneath(beneath);
        }
        if (faults != null) {
            builder.faults(faults);
        }
        try (World world = builder.build()) {
            run(world, service);
            return world.story();
        }
    }

    static void run(World world, Service service) {
        Dice dice = world.dice();
        Options options = Options.builder()
                .loops(1 + dice.below(2))
                .outputMarks(1024, 4 * 1024)
                .inputLimit((int) dice.spread(1, 16 * 1024))
                .turnBytes((int) dice.spread(1, 64 * 1024))
                .build();
        Server server = world.host("server").serve(Server.builder(service).options(options), PORT);
        Host host = world.host("client");
        int clients = 1 + dice.below(CLIENTS);
        for (int i = 0; i < clients; i++) {
            byte[] bytes = dice.bytes((int) dice.spread(0, BYTES));
            Peer peer = host.connect(server.address())
                    .send(bytes)
                    .expect(bytes)
                    .end()
                    .expectEnd();
            if (dice.chance(0.2)) {
                peer.pace((int) dice.spread(1, 4096), Duration.ofMillis(dice.below(20)));
            }
        }
        world.run();
        if (dice.chance(0.3)) {
            host.connect(server.address()).send("late").mayBreak();
        }
        server.stop(Duration.ofMillis(dice.below(1000)));
    }

    /** A session that echoes; a test breaks it by a subclass. */
    static class Echo implements Session {
        final Connection connection;

        Echo(Connection connection) {
            this.connection = connection;
        }

        @Override
        public void received(ByteBuffer input) {
            connection.write(input);
        }

        @Override
        public void ended() {
            connection.end();
        }
    }
}
