package dev.sluice.sim;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sluice.Cause;
import dev.sluice.Client;
import dev.sluice.Options;
import dev.sluice.Server;
import dev.sluice.disk.Disk;
import dev.sluice.disk.DiskOption;
import dev.sluice.os.Errno;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What is left of a host that crashes, and what others see of it. */
@Timeout(120)
class HostCrashTest {
    private static final int PORT = 7;
    private static final int SEEDS = Seeds.count(200);

    private static World world(long seed, Beneath beneath, Faults faults) {
        return World.builder(seed).beneath(beneath).faults(faults).build();
    }

    private static Host echo(World world) {
        Host host = world.host("server");
        return host.start(() -> host.serve(Server.builder(EchoWorld.echo()), PORT));
    }

    @ParameterizedTest
    @EnumSource
    void nobodyKnowsOfTheConnectionsOfBefore(Beneath beneath) {
        try (World world = world(1, beneath, Faults.none())) {
            Host server = echo(world);
            List<Integer> errors = new ArrayList<>();
            Peer peer = world.host("client").connect(server.address(PORT));
            peer.send("one").onFailed(errors::add);
            world.run();
            assertThat(peer.received()).isEqualTo("one".getBytes(UTF_8));
            server.crash();
            assertThat(server.isUp()).isFalse();
            peer.send("two");
            world.run(Duration.ofSeconds(10));
            assertThat(errors).as("a machine that is down answers nothing").isEmpty();
            server.restart(Duration.ZERO);
            world.run();
            assertThat(errors).containsExactly(Errno.ECONNRESET);
            world.host("client")
                    .connect(server.address(PORT))
                    .send("three")
                    .expect("three")
                    .end()
                    .expectEnd();
            world.run();
        }
    }

    @ParameterizedTest
    @EnumSource
    void whoWaitsForRoomLearnsOfIt(Beneath beneath) {
        try (World world = World.builder(1)
                .beneath(beneath)
                .faults(Faults.none())
                .buffers(1000, 1000)
                .build()) {
            Host server = world.host("server");
            server.start(() -> server.accept(PORT, Peer::pauseReading));
            List<Cause.Kind> ends = new ArrayList<>();
            Client client = world.host("client")
                    .client(Options.builder().writeTimeout(Duration.ZERO).build());
            client.dial(server.address(PORT), c -> new EchoWorld.Echo(c) {
                @Override
                public void opened() {
                    connection.write(ByteBuffer.allocate(50_000));
                }

                @Override
                public void closed(Cause cause) {
                    ends.add(cause.kind());
                }
            });
            world.run();
            server.crash();
            server.restart(Duration.ofSeconds(1));
            world.run();
            assertThat(ends).containsExactly(Cause.Kind.RESET);
        }
    }

    @Test
    void whoConnectsAfterTheRestartIsNotExcused() {
        try (World world = world(1, Beneath.LEVEL, Faults.none())) {
            Host server = echo(world);
            Peer before = world.host("client").connect(server.address(PORT)).send("one");
            world.run();
            server.crash();
            server.restart(Duration.ofSeconds(1));
            world.run();
            Peer after = world.host("client").connect(server.address(PORT)).send("two");
            world.run();
            assertThat(before.isExcused()).isTrue();
            assertThat(after.isExcused()).isFalse();
        }
    }

    @Test
    void aSilentCrashIsNoticedByATimeoutOnly() {
        try (World world = world(1, Beneath.LEVEL, Faults.none().with(Faults.Kind.SILENT_CRASH, 1))) {
            Host server = echo(world);
            List<Integer> errors = new ArrayList<>();
            Peer peer = world.host("client").connect(server.address(PORT));
            peer.send("one").onFailed(errors::add);
            world.run();
            server.crash();
            server.restart(Duration.ofSeconds(1));
            peer.send("two");
            long before = world.elapsedNanos();
            world.run();
            assertThat(errors).containsExactly(Errno.ETIMEDOUT);
            assertThat(world.elapsedNanos() - before).isGreaterThan(TimeUnit.MINUTES.toNanos(10));
        }
    }

    @Test
    void aConnectWaitsForTheMachine() {
        try (World world = world(1, Beneath.EDGE, Faults.none())) {
            Host server = echo(world);
            server.crash();
            world.host("client")
                    .connect(server.address(PORT))
                    .send("one")
                    .expect("one")
                    .end()
                    .expectEnd();
            server.restart(Duration.ofSeconds(20));
            world.run();
        }
    }

    @ParameterizedTest
    @EnumSource
    void nothingOfItRunsOn(Beneath beneath) {
        List<String> told = new ArrayList<>();
        try (World world = world(1, beneath, Faults.none())) {
            Host server = world.host("server");
            server.disk().latency(Latency.constant(TimeUnit.SECONDS.toNanos(1)));
            server.start(() -> {
                server.serve(
                        Server.builder(c -> new EchoWorld.Echo(c) {
                            @Override
                            public void opened() {
                                connection.write(ByteBuffer.allocate(1_000_000));
                                connection.after(Duration.ofSeconds(1).toNanos(), () -> told.add("timer"));
                            }

                            @Override
                            public void closed(Cause cause) {
                                told.add("closed");
                            }
                        }),
                        PORT);
                server.connect(server.address(PORT))
                        .pace(10, Duration.ofMillis(1))
                        .onEnded(() -> told.add("end"));
                server.disk(Runnable::run)
                        .open("/file", EnumSet.of(DiskOption.CREATE, DiskOption.WRITE), fd -> told.add("opened"));
            });
            world.run(Duration.ofMillis(500));
            assertThat(server.descriptorCount()).isGreaterThan(1);
            server.start(() -> {});
            server.crash();
            assertThat(server.descriptorCount()).isZero();
            world.run();
            server.restart(Duration.ZERO);
            world.run();
        }
        assertThat(told).isEmpty();
    }

    /** Hosts crash whenever, with their programs starting or stopping as well. What others had with them comes back to the others. */
    @ParameterizedTest
    @EnumSource
    void whateverCrashesWhenever(Beneath beneath) {
        int crashes = 0;
        for (long seed = 0; seed < SEEDS; seed++) {
            crashes += anything(seed, beneath).crashes;
        }
        assertThat(crashes).isGreaterThan(SEEDS);
    }

    private record Ran(int crashes, long hash) {}

    private static Ran anything(long seed, Beneath beneath) {
        try (World world = World.builder(seed).beneath(beneath).build()) {
            Dice dice = world.dice();
            List<Host> hosts = List.of(world.host("one"), world.host("two"), world.host("three"));
            List<String> crashes = new ArrayList<>();
            Options options = Options.builder()
                    .loops(1 + dice.below(2))
                    .outputMarks(1024, 4096)
                    .build();
            for (Host host : hosts) {
                host.start(() -> {
                    host.serve(Server.builder(EchoWorld.echo()).options(options), PORT);
                    Client client = host.client(options);
                    for (Host other : hosts) {
                        byte[] bytes = dice.bytes((int) dice.spread(1, 20_000));
                        Peer peer = host.connect(other.address(PORT));
                        peer.send(bytes).expect(bytes).end().expectEnd();
                        if (!other.hasDied()) {
                            peer.mayBreak(); // it may not listen yet
                        }
                        client.dial(other.address(PORT), c -> new EchoWorld.Echo(c) {
                            private int left = 20;

                            @Override
                            public void opened() {
                                connection.write(ByteBuffer.wrap(bytes));
                            }

                            @Override
                            public void received(ByteBuffer input) {
                                if (left-- > 0) {
                                    super.received(input);
                                } else {
                                    connection.abort();
                                }
                            }
                        });
                    }
                });
                for (int n = 1 + dice.below(3); n > 0; n--) {
                    world.after(Duration.ofNanos(dice.spread(1, 5_000_000_000L)), () -> {
                        crashes.add(host.name());
                        if (dice.chance(0.7)) {
                            host.crash();
                        } else {
                            host.kill();
                        }
                        host.restart(Duration.ofNanos(dice.spread(1, 5_000_000_000L)));
                    });
                }
            }
            world.run();
            return new Ran(crashes.size(), world.story().hash());
        }
    }

    @ParameterizedTest
    @EnumSource
    void theSameSeedTellsTheSameStory(Beneath beneath) {
        for (long seed = 0; seed < 20; seed++) {
            assertThat(anything(seed, beneath)).isEqualTo(anything(seed, beneath));
        }
    }

    @Test
    void aProgramMayCrashWhileItStarts() {
        try (World world = world(1, Beneath.COMPLETION, Faults.none())) {
            Host server = world.host("server");
            List<String> starts = new ArrayList<>();
            world.after(Duration.ofNanos(1000), server::crash);
            server.start(() -> {
                starts.add("begins");
                server.serve(Server.builder(EchoWorld.echo()), PORT);
                starts.add("serves");
            });
            assertThat(starts).containsExactly("begins");
            assertThatThrownBy(() -> server.serve(Server.builder(EchoWorld.echo()), PORT))
                    .hasMessageContaining("is down");
            server.restart(Duration.ofSeconds(1));
            world.run();
            assertThat(starts).containsExactly("begins", "begins", "serves");
        }
    }

    @Test
    void whoWaitsForAHostThatCrashesIsTold() {
        try (World world = world(1, Beneath.COMPLETION, Faults.none())) {
            Host host = world.host("server");
            Server server = host.serve(Server.builder(EchoWorld.echo()), PORT);
            world.host("client").connect(server.address()).mayBreak();
            world.run();
            world.after(Duration.ofSeconds(1), host::crash);
            assertThatThrownBy(() -> server.stop(Duration.ofSeconds(10))).isInstanceOf(HostCrash.class);
        }
    }

    @Test
    void aProgramThatIsKilledLosesNothingButItself() {
        Faults faults = Faults.none().with(Faults.Kind.LOST_WRITE, 1).with(Faults.Kind.LOST_ENTRIES, 1);
        try (World world = world(1, Beneath.LEVEL, faults)) {
            Host server = echo(world);
            Disk disk = server.disk(Runnable::run);
            List<Long> results = new ArrayList<>();
            disk.open("/file", EnumSet.of(DiskOption.CREATE, DiskOption.WRITE), fd -> {
                disk.write(Math.toIntExact(fd), ByteBuffer.wrap("text".getBytes(UTF_8)), 0, results::add);
            });
            Peer peer = world.host("client")
                    .connect(server.address(PORT))
                    .send("one")
                    .expect("one")
                    .expectEnd();
            world.run(Duration.ofMinutes(1));
            assertThat(results).containsExactly(4L);
            server.kill();
            assertThat(server.isUp()).isTrue();
            world.run();
            assertThat(peer.hasEnded()).as("the machine closes what was open").isTrue();
            assertThat(server.disk().content("/file")).isEqualTo("text".getBytes(UTF_8));
            server.restart(Duration.ZERO);
            world.host("client")
                    .connect(server.address(PORT))
                    .send("two")
                    .expect("two")
                    .end()
                    .expectEnd();
            world.run();
        }
    }
}
