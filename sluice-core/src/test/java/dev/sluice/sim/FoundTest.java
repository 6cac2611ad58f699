package dev.sluice.sim;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.Cause;
import dev.sluice.Client;
import dev.sluice.Connection;
import dev.sluice.Options;
import dev.sluice.Server;
import dev.sluice.os.Errno;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What worlds have found in the runtime, each by a seed of its time, boiled down; what is the kernel's is in ReadinessEngineTest. */
@Timeout(60)
class FoundTest {
    private static final Duration HOUR = Duration.ofHours(1);

    /** It stayed among the loop's timers, and kept its connection in memory, for as long as it was to last. */
    @ParameterizedTest
    @EnumSource
    void anIdleTimeoutOfAConnectionThatEndsStartsNoTimer(Beneath beneath) {
        try (World world =
                World.builder(1).beneath(beneath).faults(Faults.none()).build()) {
            Server server = world.host("server")
                    .serve(
                            Server.builder(c -> new EchoWorld.Echo(c) {
                                @Override
                                public void opened() {
                                    connection.abort();
                                    connection.idleTimeout(HOUR.toNanos());
                                }

                                @Override
                                public void closed(Cause cause) {
                                    connection.idleTimeout(HOUR.toNanos());
                                }
                            }),
                            7);
            world.host("client").connect(server.address()).mayBreak();
            world.run();
            assertThat(world.elapsedNanos()).isLessThan(HOUR.toNanos());
        }
    }

    /** It outlived the server, and held up its stop until somebody else ended it. */
    @ParameterizedTest
    @EnumSource
    void whatIsDialledByASessionThatIsCutIsCutToo(Beneath beneath) {
        List<Cause.Kind> ends = new ArrayList<>();
        try (World world =
                World.builder(1).beneath(beneath).faults(Faults.none()).build()) {
            Host client = world.host("client");
            client.accept(9, Peer::mayBreak);
            Server server = world.host("server")
                    .serve(
                            Server.builder(c -> new EchoWorld.Echo(c) {
                                @Override
                                public void closed(Cause cause) {
                                    ends.add(cause.kind());
                                    Client.dial(connection, client.address(9), further -> new EchoWorld.Echo(further) {
                                        @Override
                                        public void closed(Cause why) {
                                            ends.add(why.kind());
                                        }
                                    });
                                }
                            }),
                            7);
            client.connect(server.address()).mayBreak();
            world.run();
            long before = world.elapsedNanos();
            server.stop(Duration.ZERO);
            assertThat(world.elapsedNanos() - before).isLessThan(TimeUnit.SECONDS.toNanos(1));
            assertThat(ends).containsExactly(Cause.Kind.STOPPED, Cause.Kind.STOPPED);
        }
    }

    /** Under a level-triggered kernel a loop never slept again once output had been refused and then sent. */
    @Test
    void aLoopSleepsOnceItsOutputIsSent() {
        for (long seed = 0; seed < 100; seed++) {
            EchoWorld.run(seed, Beneath.LEVEL, Faults.none().with(Faults.Kind.FULL_BUFFER, 0.5));
        }
    }

    /** Under an edge-triggered kernel the first bytes of a server that speaks first were never read, where they came at once. */
    @Test
    void aServerThatSpeaksFirstIsHeard() {
        Faults pauses = Faults.none().with(Faults.Kind.PAUSE, 0.5);
        for (long seed = 0; seed < 20; seed++) {
            try (World world =
                    World.builder(seed).beneath(Beneath.EDGE).faults(pauses).build()) {
                Host backend = world.host("backend");
                backend.accept(9, peer -> peer.send("hello").end().expectEnd());
                Client client = world.host("client").client(Options.standard());
                client.dial(backend.address(9), EchoWorld.Echo::new);
                world.run();
            }
        }
    }

    /** It threw where the peer had reset the connection behind its bytes, and the session failed of it: HTTP's seed 11. */
    @ParameterizedTest
    @EnumSource
    void thePeersAddressCanBeAskedAfterAReset(Beneath beneath) {
        List<SocketAddress> told = new ArrayList<>();
        Faults pauses = Faults.none().with(Faults.Kind.PAUSE, 0.5);
        for (long seed = 0; seed < 20; seed++) {
            try (World world =
                    World.builder(seed).beneath(beneath).faults(pauses).build()) {
                Server server = world.host("server")
                        .serve(
                                Server.builder(c -> new EchoWorld.Echo(c) {
                                    @Override
                                    public void received(ByteBuffer input) {
                                        told.add(connection.remoteAddress());
                                        super.received(input);
                                    }
                                }),
                                7);
                Peer peer = world.host("client").connect(server.address()).mayBreak();
                peer.send("hello");
                peer.after(Duration.ofMillis(200), peer::reset);
                world.run();
            }
        }
        assertThat(told)
                .contains(new InetSocketAddress(0))
                .anyMatch(address -> !address.equals(new InetSocketAddress(0)));
    }

    /** The peer saw an ordinary end, and could take a part for the whole: HTTP's seed 157. */
    @ParameterizedTest
    @EnumSource
    void whatIsIdleWithOutputQueuedIsReset(Beneath beneath) {
        List<Integer> errors = new ArrayList<>();
        try (World world = World.builder(1)
                .beneath(beneath)
                .faults(Faults.none())
                .buffers(1024, 1024)
                .build()) {
            Server server = world.host("server")
                    .serve(
                            Server.builder(c -> new EchoWorld.Echo(c) {
                                @Override
                                public void opened() {
                                    connection.idleTimeout(Duration.ofSeconds(1).toNanos());
                                    connection.write(ByteBuffer.allocate(100_000));
                                }
                            }),
                            7);
            Peer peer = world.host("client").connect(server.address());
            peer.mayBreak().onFailed(errors::add).pauseReading().after(Duration.ofSeconds(3), peer::resumeReading);
            world.run();
        }
        assertThat(errors).containsExactly(Errno.ECONNRESET);
    }

    /** The same where the output was written in this very turn, by another session, and nothing was in flight: the relay's seed 113. */
    @ParameterizedTest
    @EnumSource
    void whatIsIdleWithOutputJustWrittenIsReset(Beneath beneath) {
        List<Integer> errors = new ArrayList<>();
        List<Connection> open = new ArrayList<>();
        long second = Duration.ofSeconds(1).toNanos();
        try (World world =
                World.builder(1).beneath(beneath).faults(Faults.none()).build()) {
            Server server = world.host("server")
                    .serve(
                            Server.builder(c -> new EchoWorld.Echo(c) {
                                        @Override
                                        public void opened() {
                                            open.add(connection);
                                            if (open.size() == 2) {
                                                Connection first = open.getFirst();
                                                connection.after(second, () -> first.write(ByteBuffer.allocate(1)));
                                                first.idleTimeout(second);
                                            }
                                        }
                                    })
                                    .options(Options.builder().loops(1).build()),
                            7);
            Host client = world.host("client");
            Peer peer = client.connect(server.address()).mayBreak().onFailed(errors::add);
            peer.after(
                    Duration.ofMillis(500),
                    () -> client.connect(server.address()).mayBreak());
            world.run();
        }
        assertThat(errors).containsExactly(Errno.ECONNRESET);
    }
}
