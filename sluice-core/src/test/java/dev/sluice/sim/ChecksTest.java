package dev.sluice.sim;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.params.provider.Arguments.argumentSet;

import dev.sluice.Cause;
import dev.sluice.Connection;
import dev.sluice.Options;
import dev.sluice.Server;
import dev.sluice.Service;
import dev.sluice.threading.Loop;
import dev.sluice.threading.TimerWheel;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Each check can fail: here are runtimes, sessions and peers that do what it forbids. */
class ChecksTest {
    interface Play {
        void on(Stage stage) throws Exception;
    }

    private static Arguments play(String what, String found, Play play) {
        return argumentSet(what, found, play);
    }

    static List<Arguments> wrongPlays() {
        return List.of(
                play("callbacks overlap", "overlap", s -> {
                    s.connection.execute(() -> call(s.session::opened));
                    s.played.tasks.getFirst().run();
                }),
                play("opened twice", "opened twice", s -> {
                    s.session.opened();
                    s.session.opened();
                }),
                play("received before opened", "received before opened", s -> {
                    s.arrive("a");
                    s.session.received(Stage.buffer("a"));
                }),
                play("received after ended", "received after ended", s -> {
                    s.session.opened();
                    s.arrive("a");
                    s.peer().end();
                    s.world.run(Duration.ofSeconds(1));
                    s.session.received(Stage.buffer("a"));
                    s.session.ended();
                    s.session.received(Stage.buffer("a"));
                }),
                play("received nothing", "received nothing", s -> {
                    s.session.opened();
                    s.session.received(Stage.buffer(""));
                }),
                play("a byte is wrong", "byte 1 of the input", s -> {
                    s.session.opened();
                    s.arrive("abc");
                    s.session.received(Stage.buffer("axc"));
                }),
                play("a byte is lost", "byte 0 of the input", s -> {
                    s.session.opened();
                    s.arrive("abc");
                    s.session.received(Stage.buffer("bc"));
                }),
                play("bytes are doubled", "received 6 bytes where 3 were read", s -> {
                    s.session.opened();
                    s.arrive("abc");
                    s.session.received(Stage.buffer("abc"));
                    s.session.received(Stage.buffer("abc"));
                }),
                play("offered while paused", "has paused reading", s -> {
                    s.session.opened();
                    s.arrive("abc");
                    s.connection.pauseReading();
                    s.session.received(Stage.buffer("abc"));
                }),
                play("offered above the mark", "while output stands above its mark", s -> {
                    s.session.opened();
                    s.arrive("abc");
                    s.played.mayGoOn = false;
                    s.connection.write(new byte[200], 0, 200);
                    s.session.received(Stage.buffer("abc"));
                }),
                play("too much is kept", "above all bounds", s -> {
                    s.session.opened();
                    s.arrive("x".repeat(200 * 1024));
                    s.session.received(Stage.buffer("x"));
                }),
                play("ended, and the peer has not", "the peer has not ended", s -> {
                    s.session.opened();
                    s.session.ended();
                }),
                play("ended twice", "ended twice", s -> {
                    s.session.opened();
                    s.peer().end();
                    s.world.run(Duration.ofSeconds(1));
                    s.session.ended();
                    s.session.ended();
                }),
                play("ended before the last bytes", "3 bytes that came before it", s -> {
                    s.session.opened();
                    s.peer().send("abc").end();
                    s.world.run(Duration.ofSeconds(1));
                    s.session.ended();
                }),
                play("drained, and nothing was owed", "nothing was above the mark", s -> {
                    s.session.opened();
                    s.session.drained();
                }),
                play("drained above the low mark", "above the low mark", s -> {
                    s.session.opened();
                    s.played.mayGoOn = false;
                    s.connection.write(new byte[200], 0, 200);
                    s.session.drained();
                }),
                play("a write says to go on above the mark", "says to go on with 200", s -> {
                    s.session.opened();
                    s.connection.write(new byte[200], 0, 200);
                }),
                play("a write says to stop below the mark", "says to stop with 5", s -> {
                    s.session.opened();
                    s.played.mayGoOn = false;
                    s.connection.write(new byte[5], 0, 5);
                }),
                play("a write is not taken", "is not taken", s -> {
                    s.session.opened();
                    s.played.takes = false;
                    s.connection.execute(() -> s.connection.write(new byte[5], 0, 5));
                    s.played.tasks.getFirst().run();
                }),
                play("another session's write is not taken, and it lives on", "is not taken, and the connection", s -> {
                    s.session.opened();
                    s.played.takes = false;
                    s.connection.write(new byte[5], 0, 5);
                    s.world.checks().settled();
                }),
                play("it is opened too early", "opened before it is connected", s -> {
                    s.socket.close();
                    SimSocket fresh = new SimSocket(s.here);
                    s.world
                            .checks()
                            .watch(EchoWorld.echo(), s.here, Stage.loop(), () -> fresh)
                            .open(s.played)
                            .opened();
                }),
                play("what was read is not offered", "is not offered to a session that wants it", s -> {
                    s.session.opened();
                    s.arrive("hello");
                    s.world.checks().settled();
                }),
                play("more is queued than may be", "above the limit", s -> {
                    s.session.opened();
                    s.played.mayGoOn = false;
                    s.connection.write(new byte[2000], 0, 2000);
                }),
                play("other bytes are sent", "did not write there", s -> {
                    s.session.opened();
                    s.connection.write(Stage.buffer("hello"));
                    s.take("hallo");
                }),
                play("more bytes are sent", "sends 6 bytes where the session wrote 5", s -> {
                    s.session.opened();
                    s.connection.write(Stage.buffer("hello"));
                    s.take("hello!");
                }),
                play("a timer is early", "early", s -> {
                    s.connection.after(1000, () -> {});
                    s.played.timers.getFirst().run();
                }),
                play("a periodic timer is early", "early", s -> {
                    s.connection.every(1000, () -> {});
                    s.played.timers.getFirst().run();
                }),
                play("a timer that was started again is early", "early", s -> {
                    s.connection.after(0, () -> {}).start(1000);
                    s.played.timers.getFirst().run();
                }),
                play("a timer runs that was not started", "was cancelled or has run", s -> {
                    s.connection.timer(() -> {});
                    s.played.timers.getFirst().run();
                }),
                play("a timer runs twice", "was cancelled or has run", s -> {
                    s.connection.after(0, () -> {});
                    s.played.timers.getFirst().run();
                    s.played.timers.getFirst().run();
                }),
                play("a cancelled timer runs", "was cancelled or has run", s -> {
                    s.connection.after(0, () -> {}).cancel();
                    s.played.timers.getFirst().run();
                }),
                play("a timer is forgotten", "is forgotten", s -> {
                    s.connection.after(1000, () -> {});
                    s.world.run(Duration.ofMinutes(1));
                    s.world.checks().look(s.here);
                }),
                play("a timer is left", "1 timers are forgotten", s -> {
                    s.connection.after(1000, () -> {});
                    s.world.checks().settled();
                }),
                play("a task is left", "1 tasks are forgotten", s -> {
                    s.connection.execute(() -> {});
                    s.world.checks().settled();
                }),
                play("a call after closed", "task after closed", s -> {
                    s.session.opened();
                    s.connection.execute(() -> {});
                    s.connection.abort();
                    s.closed(Cause.LOCAL);
                    s.played.tasks.getFirst().run();
                }),
                play("closed twice", "closed after closed", s -> {
                    s.session.opened();
                    s.connection.abort();
                    s.closed(Cause.LOCAL);
                    s.closed(Cause.LOCAL);
                }),
                play("closed, and the descriptor is open", "still open", s -> {
                    s.session.opened();
                    s.connection.abort();
                    s.session.closed(Cause.LOCAL);
                }),
                play("END, and nobody has ended", "before both sides have ended", s -> {
                    s.session.opened();
                    s.closed(Cause.END);
                }),
                play("LOCAL, and nobody asked", "did not ask for it", s -> {
                    s.session.opened();
                    s.closed(Cause.LOCAL);
                }),
                play("LOCAL, and output is lost", "only 0 of 5 bytes were sent", s -> {
                    s.session.opened();
                    s.connection.write(Stage.buffer("hello"));
                    s.connection.close();
                    s.closed(Cause.LOCAL);
                }),
                play("RESET, and there was none", "was not reset", s -> {
                    s.session.opened();
                    s.closed(Cause.of(Cause.Kind.RESET, ""));
                }),
                play("CONNECT, and it was connected", "was connected", s -> {
                    s.session.opened();
                    s.closed(Cause.of(Cause.Kind.CONNECT, ""));
                }),
                play("ERROR out of nothing", "no fault explains it", s -> s.closed(Cause.of(Cause.Kind.ERROR, "recv"))),
                play(
                        "OUTPUT_LIMIT, and it was kept",
                        "never passed it",
                        s -> s.closed(Cause.of(Cause.Kind.OUTPUT_LIMIT, ""))),
                play(
                        "FAILURE, and nothing was thrown",
                        "did not throw",
                        s -> s.closed(Cause.of(Cause.Kind.FAILURE, ""))),
                play("a deadline comes early", "before its time", s -> {
                    s.session.opened();
                    s.connection.idleTimeout(TimeUnit.SECONDS.toNanos(10));
                    s.world.run(Duration.ofSeconds(9));
                    s.closed(Cause.of(Cause.Kind.TIMEOUT, "idle"));
                }),
                play("a deadline is forgotten", "idle timeout of 10.000000000 s is forgotten", s -> {
                    s.session.opened();
                    s.connection.idleTimeout(TimeUnit.SECONDS.toNanos(10));
                    s.world.run(Duration.ofSeconds(60));
                    s.world.checks().look(s.here);
                }),
                play("input waits for good", "input waits for a session that wants it", s -> {
                    s.session.opened();
                    s.peer().send("abc");
                    s.world.run(Duration.ofSeconds(1));
                    s.world.checks().settled();
                }),
                play("input waits long", "input waits for a session that wants it, for", s -> {
                    s.session.opened();
                    s.peer().send("abc");
                    s.world.run(Duration.ofSeconds(1));
                    s.world.checks().look(s.here);
                    s.world.run(Duration.ofSeconds(10));
                    s.world.checks().look(s.here);
                }),
                play("output waits for good", "the kernel has room for it", s -> {
                    s.session.opened();
                    s.connection.write(Stage.buffer("hello"));
                    s.world.checks().settled();
                }),
                play("drained is forgotten", "drained is owed", s -> {
                    s.session.opened();
                    s.played.mayGoOn = false;
                    s.connection.write(Stage.buffer("x".repeat(200)));
                    s.take("x".repeat(200));
                    s.world.checks().settled();
                }),
                play("close is forgotten", "and it never does", s -> {
                    s.session.opened();
                    s.connection.close();
                    s.world.checks().settled();
                }),
                play("the end of both is forgotten", "both sides have ended", s -> {
                    s.session.opened();
                    s.peer().end();
                    s.world.run(Duration.ofSeconds(1));
                    s.session.ended();
                    s.connection.end();
                    s.world.checks().settled();
                }),
                play(
                        "closed is never told",
                        "never told that it is closed",
                        s -> s.world.checks().ended(List.of())),
                play("a chunk is left", "1 chunks never came back", s -> {
                    Loop loop = Stage.loop();
                    loop.pool().acquire();
                    s.world.checks().loopEnded(s.here, loop);
                }),
                play("a timer is left in its loop", "1 timers outlive all connections", s -> {
                    Loop loop = Stage.loop();
                    loop.start(
                            new TimerWheel.Entry() {
                                @Override
                                protected void run() {}
                            },
                            1);
                    s.world.checks().loopEnded(s.here, loop);
                }),
                play("a descriptor is left", "1 descriptors were never closed", s -> {
                    s.session.opened();
                    s.connection.abort();
                    s.closed(Cause.LOCAL);
                    s.here.kernel().socket(s.here.address(1));
                    s.world.checks().ended(List.of(s.here));
                }));
    }

    private interface Callback {
        void run() throws Exception;
    }

    private static void call(Callback callback) {
        try {
            callback.run();
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }

    @ParameterizedTest
    @MethodSource("wrongPlays")
    void finds(String found, Play play) throws Exception {
        try (Stage stage = new Stage()) {
            assertThat(stage.found()).isNull();
            try {
                play.on(stage);
            } catch (WorldFailure e) {
                // found while time passed
            }
            assertThat(stage.found()).contains(found);
        }
    }

    @Test
    void aPlayByTheContractIsFine() throws Exception {
        try (Stage s = new Stage()) {
            s.session.opened();
            s.arrive("abc");
            s.session.received(Stage.buffer("abc"));
            s.connection.write(Stage.buffer("hello"));
            s.take("hello");
            s.peer().end();
            s.world.run(Duration.ofSeconds(1));
            s.session.ended();
            s.connection.end();
            s.closed(Cause.END);
            s.world.checks().settled();
            assertThat(s.found()).isNull();
        }
    }

    // ---- whole worlds

    private static void runEcho(Service service, String expected) {
        assertThatThrownBy(() -> {
                    try (World world = World.builder(3).faults(Faults.none()).build()) {
                        Server server = world.host("server").serve(Server.builder(service), 7);
                        world.host("client")
                                .connect(server.address())
                                .send("hello")
                                .expect("hello")
                                .end()
                                .expectEnd();
                        world.run();
                    }
                })
                .isInstanceOf(WorldFailure.class)
                .hasMessageContaining(expected)
                .hasMessageContaining("seed 3")
                .hasMessageContaining("faults: none")
                .hasMessageContaining("the peer sends");
        assertThat(World.find()).isNull();
    }

    @Test
    void aSessionThatAnswersWrongly() {
        runEcho(
                c -> new EchoWorld.Echo(c) {
                    @Override
                    public void received(ByteBuffer input) {
                        input.position(input.limit());
                        connection.write(Stage.buffer("hallo"));
                    }
                },
                "byte 1 is not what the peer expects there");
    }

    @Test
    void aSessionThatDoesNotAnswer() {
        runEcho(
                c -> new EchoWorld.Echo(c) {
                    @Override
                    public void received(ByteBuffer input) {
                        input.position(input.limit());
                    }
                },
                "the peer expects 5 bytes more");
    }

    @Test
    void aSessionThatNeverEnds() {
        runEcho(
                c -> new EchoWorld.Echo(c) {
                    @Override
                    public void ended() {}
                },
                "the peer expects the end");
    }

    @Test
    void aSessionThatResets() {
        runEcho(
                c -> new EchoWorld.Echo(c) {
                    @Override
                    public void received(ByteBuffer input) {
                        connection.abort();
                    }
                },
                "ECONNRESET, and no fault explains it");
    }

    @Test
    void aSessionThatThrows() {
        runEcho(
                c -> new EchoWorld.Echo(c) {
                    @Override
                    public void received(ByteBuffer input) {
                        throw new IllegalStateException("broken");
                    }
                },
                "the session threw java.lang.IllegalStateException: broken");
    }

    @Test
    void aWorldThatNeverEnds() {
        assertThatThrownBy(() -> {
                    try (World world = World.builder(3).eventsMost(10_000).build()) {
                        Server server = world.host("server")
                                .serve(
                                        Server.builder(c -> new EchoWorld.Echo(c) {
                                            @Override
                                            public void opened() {
                                                tick(connection);
                                            }
                                        }),
                                        7);
                        world.host("client").connect(server.address());
                        world.run();
                    }
                })
                .isInstanceOf(WorldFailure.class)
                .hasMessageContaining("no end: 10000 events");
    }

    private static void tick(Connection connection) {
        connection.after(TimeUnit.MILLISECONDS.toNanos(1), () -> tick(connection));
    }

    @Test
    @Tag("slow")
    void aLoopThatSpins() {
        assertThatThrownBy(() -> {
                    try (World world = World.builder(3).faults(Faults.none()).build()) {
                        Server server = world.host("server")
                                .serve(
                                        Server.builder(c -> new EchoWorld.Echo(c) {
                                                    @Override
                                                    public void opened() {
                                                        spin(connection);
                                                    }
                                                })
                                                .options(Options.standard()),
                                        7);
                        world.host("client").connect(server.address());
                        world.run();
                    }
                })
                .isInstanceOf(WorldFailure.class)
                .hasMessageContaining("no progress: a loop of server turned");
    }

    private static void spin(Connection connection) {
        connection.execute(() -> spin(connection));
    }

    @Test
    void theModelRefusesToRunOutsideOfAWorld() {
        assertThatThrownBy(() -> Server.builder(EchoWorld.echo()).model("sim").start())
                .isInstanceOf(dev.sluice.UnavailableException.class)
                .hasMessageContaining("it runs only in a world");
    }
}
