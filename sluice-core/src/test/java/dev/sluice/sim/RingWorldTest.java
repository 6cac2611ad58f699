package dev.sluice.sim;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.Client;
import dev.sluice.Connection;
import dev.sluice.Options;
import dev.sluice.Server;
import dev.sluice.os.SysException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What rings do that other ways of waiting don't: worlds where all of it happens. */
@Timeout(300)
class RingWorldTest {
    private static final int SEEDS = Seeds.count(500);
    private static final int BYTES = 20_000;
    /** Of one chunk, which is sent in another way than several. */
    private static final int CHUNK_BYTES = 8_000;

    /** Asks for both addresses whenever it may: through the ring where the descriptor is direct. */
    private static final class Asking extends EchoWorld.Echo {
        private final boolean dialled;

        Asking(Connection connection, boolean dialled) {
            super(connection);
            this.dialled = dialled;
        }

        @Override
        public void opened() {
            ask();
            if (dialled) {
                connection.write(ByteBuffer.wrap(new byte[BYTES]));
                connection.end();
            }
        }

        @Override
        public void received(ByteBuffer input) {
            ask();
            if (dialled) {
                input.position(input.limit());
            } else {
                super.received(input);
            }
        }

        private void ask() {
            // 0.0.0.0:0 after a reset: nobody is there
            assertThat(port(connection.remoteAddress())).isNotNegative();
            try {
                assertThat(port(connection.localAddress())).isPositive();
            } catch (SysException e) {
                assertThat(e)
                        .hasMessageContaining("EMFILE"); // a direct descriptor takes an ordinary one for the moment
            }
        }

        private static int port(SocketAddress address) {
            return ((InetSocketAddress) address).getPort();
        }
    }

    @Test
    void addressesAreToldOfWhatIsAcceptedAndWhatIsDialled() {
        for (long seed = 0; seed < SEEDS; seed++) {
            try (World world = World.builder(seed).beneath(Beneath.RING).build()) {
                Options options =
                        Options.builder().loops(1 + world.dice().below(2)).build();
                Server server = world.host("server")
                        .serve(Server.builder(c -> new Asking(c, false)).options(options), 7);
                Client client = world.host("client").client(options);
                for (int i = 0; i < 5; i++) {
                    client.dial(server.address(), c -> new Asking(c, true));
                }
                world.run();
            }
        }
    }

    /** Otherwise the worlds would prove nothing about it. */
    @Test
    void theKernelDoesAllThatItCan() {
        Set<String> wanted = new TreeSet<>(Set.of(
                "is accepted as descriptor",
                "is accepted at place",
                "finds no buffer to receive into",
                "its multishot ends early",
                "is done before it is cancelled",
                "no further ring can be opened"));
        for (long seed = 0; seed < 3000 && !wanted.isEmpty(); seed++) {
            try (World world = World.builder(seed)
                    .beneath(Beneath.RING)
                    .reader(line -> wanted.removeIf(line::contains))
                    .build()) {
                AnythingTest.run(world);
            }
        }
        assertThat(wanted).isEmpty();
    }

    // ---- what was found in the runtime

    /** Of a few buffers, the same receives got all: those that had just brought something. */
    @Test
    void receivesGetScarceBuffersInTurn() {
        Options options = Options.builder().loops(1).build();
        for (long seed = 0; seed < 20; seed++) {
            try (World world = World.builder(seed)
                    .beneath(Beneath.RING)
                    .faults(Faults.none().with(Faults.Kind.PAUSE, 1)) // so that more is there than the buffers take
                    .buffers(512, 2048)
                    .build()) {
                Server server = world.host("server")
                        .serve(
                                Server.builder(c -> new EchoWorld.Echo(c) {
                                            @Override
                                            public void received(ByteBuffer input) {
                                                input.position(input.limit());
                                            }
                                        })
                                        .options(options),
                                7);
                for (int i = 0; i < 8; i++) {
                    world.host("client")
                            .connect(server.address())
                            .send(new byte[BYTES])
                            .end()
                            .expectEnd();
                }
                world.run();
            }
        }
    }

    /** The loop went to sleep over what a further ring had not submitted. */
    @Test
    void aFurtherRingIsEnteredAgainWhereItWasRefused() {
        for (long seed = 0; seed < 200; seed++) {
            EchoWorld.run(seed, Beneath.RING, Faults.none().with(Faults.Kind.RING_REFUSAL, 0.3));
        }
    }

    /** With MSG_WAITALL no progress was seen before the last byte. */
    @ParameterizedTest
    @EnumSource
    void aSlowReaderIsNoStalledOne(Beneath beneath) {
        for (long seed = 0; seed < 20; seed++) {
            try (World world = World.builder(seed)
                    .beneath(beneath)
                    .faults(Faults.none())
                    .buffers(512, 512)
                    .build()) {
                Peer peer = writing(world).end().pace(10, Duration.ofMillis(10));
                world.run();
                assertThat(peer.received()).hasSize(CHUNK_BYTES);
            }
        }
    }

    /**
     * The error was kept with the result of a zero-copy send, until its memory was free; with MSG_WAITALL it was lost behind
     * the part that was sent. The receive met an end meanwhile, which {@link Checks} doesn't let pass.
     */
    @Test
    void aResetIsNoEnd() {
        for (long seed = 0; seed < 500; seed++) {
            try (World world = World.builder(seed)
                    .beneath(Beneath.RING)
                    .faults(Faults.none().with(Faults.Kind.RING_ORDER, 0.5))
                    .buffers(512, 2048)
                    .build()) {
                Peer peer = writing(world).mayBreak().pauseReading();
                peer.after(Duration.ofMillis(500), peer::reset);
                world.run();
            }
        }
    }

    private static Peer writing(World world) {
        Options options = Options.builder().writeTimeout(Duration.ofSeconds(5)).build();
        Server server = world.host("server")
                .serve(
                        Server.builder(c -> new EchoWorld.Echo(c) {
                                    @Override
                                    public void opened() {
                                        connection.write(ByteBuffer.wrap(new byte[CHUNK_BYTES]));
                                        connection.end();
                                    }
                                })
                                .options(options),
                        7);
        Host client = world.host("client");
        Host host = world.host("server");
        world.link(client, host).latency(Latency.constant(100_000));
        world.link(host, client).latency(Latency.constant(100_000));
        return client.connect(server.address());
    }
}
