package dev.sluice.conformance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.sluice.sim.Blocking;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.net.SocketException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

@OnEveryModel
@DisplayName("Opening")
class OpeningTest extends Conformance {
    @Test
    @DisplayName("the order is open, opened, received, ended, and closed exactly once and last")
    void theOrderOfCallbacks() throws Exception {
        serve((c, t) -> {
            t.say("open");
            return new Actor(c, t)
                    .onOpened(() -> t.say("opened"))
                    .onReceived(in -> t.say("received " + Actor.text(in)))
                    .onEnded(() -> {
                        t.say("ended");
                        c.end();
                    });
        });
        TestClient client = connect();
        client.send("x");
        witness.await("received x");
        assertThat(client.end().rest().bytes()).isEmpty();
        witness.await("closed END");
        assertThat(witness.atLast()).containsExactly("open", "opened", "received x", "ended", "closed END");
    }

    @Test
    @DisplayName("a request is answered")
    void answers() throws Exception {
        serve(Actor::echo);
        TestClient client = connect();
        assertThat(client.ask("hello")).isEqualTo("hello");
        assertThat(client.ask("again")).isEqualTo("again");
    }

    @Test
    @DisplayName("open may write already, and opened after it")
    void openMayWrite() throws Exception {
        serve((c, t) -> {
            Actor.write(c, "open ");
            return new Actor(c, t).onOpened(() -> Actor.write(c, "opened"));
        });
        assertThat(connect().read(11)).isEqualTo("open opened");
    }

    @Test
    @DisplayName("a connection closed in open sends what was written, and its session is told")
    void closedInOpen() throws Exception {
        serve((c, t) -> {
            Actor.write(c, "no");
            c.close();
            return new Actor(c, t).onReceived(in -> t.say("received")).onEnded(() -> t.say("ended"));
        });
        TestClient client = connect();
        assertThat(client.rest().text()).isEqualTo("no");
        client.close();
        witness.await("closed LOCAL");
        assertThat(witness.lines()).containsExactly("closed LOCAL");
    }

    @Test
    @DisplayName("a connection aborted in open is over, and its session is told")
    void abortedInOpen() throws Exception {
        serve((c, t) -> {
            c.abort();
            return new Actor(c, t).onReceived(in -> t.say("received"));
        });
        try {
            assertThat(connect().rest().bytes()).isEmpty();
        } catch (SocketException e) {
            assertThat(e).hasMessageContaining("reset"); // before the client had done with connecting
        }
        witness.await("closed LOCAL");
        assertThat(witness.lines()).containsExactly("closed LOCAL");
    }

    @Test
    @DisplayName("after closed a connection does nothing, and refuses tasks")
    void afterClosedNothingHappens() throws Exception {
        serve((c, t) -> new Actor(c, t).onClosed(() -> {
            Actor.write(c, "late");
            c.write(new byte[10], 0, 10);
            c.pauseReading();
            c.resumeReading();
            c.after(0, () -> t.say("timer"));
            c.end();
            c.close();
            c.abort();
            t.say("execute " + c.execute(() -> t.say("task")));
            t.say("queued " + c.queuedBytes());
        }));
        assertThat(connect().end().rest().bytes()).isEmpty();
        witness.await("queued 0");
        assertThat(witness.atLast()).containsExactly("closed END", "execute false", "queued 0");
    }

    @Test
    @DisplayName("both addresses of a connection are known")
    void addresses() throws Exception {
        serve((c, t) -> {
            t.say("remote " + port(c.remoteAddress()));
            t.say("local " + port(c.localAddress()));
            return new Actor(c, t).onClosed(() -> t.say("still " + port(c.remoteAddress())));
        });
        TestClient client = connect();
        String peer = String.valueOf(client.port());
        assertThat(witness.awaitRest("remote ")).isEqualTo(peer);
        assertThat(witness.awaitRest("local ")).isEqualTo(String.valueOf(server().port()));
        client.close();
        assertThat(witness.awaitRest("still ")).isEqualTo(peer);
    }

    private static int port(java.net.SocketAddress address) {
        return ((InetSocketAddress) address).getPort();
    }

    @Test
    @DisplayName("a connection tells the time")
    void time() throws Exception {
        serve((c, t) -> new Actor(c, t).onCommand(name -> {
            t.say("nanos " + name + (Await.nanoTime() - c.nanoTime()));
            t.say("millis " + name + (Await.currentTimeMillis() - c.currentTimeMillis()));
            Actor.write(c, ".");
        }));
        TestClient client = connect();
        client.ask("a");
        client.ask("b");
        long late = TimeUnit.SECONDS.toNanos(5);
        assertThat(Long.parseLong(witness.awaitRest("nanos b"))).isBetween(0L, late);
        assertThat(Long.parseLong(witness.awaitRest("millis b"))).isCloseTo(0L, within(5_000L));
    }

    @Test
    @DisplayName("a connection has a source of randomness")
    void randomness() throws Exception {
        serve((c, t) -> {
            long first = c.random().nextLong();
            t.say("same " + (first == c.random().nextLong()));
            return new Actor(c, t);
        });
        connect();
        assertThat(witness.awaitRest("same ")).isEqualTo("false");
    }

    @Test
    @DisplayName("connections do not share a session")
    void oneSessionEach() throws Exception {
        serve((c, t) -> {
            int[] count = {0};
            return new Actor(c, t).onCommand(name -> Actor.write(c, String.valueOf(++count[0])));
        });
        TestClient first = connect();
        assertThat(first.ask("xx")).isEqualTo("12");
        assertThat(connect().ask("x")).isEqualTo("1");
        assertThat(first.ask("x")).isEqualTo("3");
    }

    @Test
    @DisplayName("the kernel probes a peer that has gone silent")
    void probesTheSilent() throws Exception {
        assumeTrue(!Blocking.inWorld() && Files.isReadable(Path.of("/proc/net/tcp")), "Linux tells of its timers");
        serve(Actor::echo);
        TestClient client = connect();
        client.ask("hello");
        int port = ((InetSocketAddress) server().address()).getPort();
        // proc_net_tcp(5): ends, state 01 (established), queues, and of the timers 02, which is keep-alive's on an idle
        // socket.
        Pattern probed =
                Pattern.compile(String.format(".*:%04X [0-9A-F]+:%04X 01 [0-9A-F:]+ 02:.*", port, client.port()));
        Await.until(
                "keep-alive's timer",
                () -> sockets().anyMatch(line -> probed.matcher(line).matches()));
    }

    private static Stream<String> sockets() {
        return Stream.of("tcp", "tcp6").flatMap(family -> {
            try {
                return Files.readAllLines(Path.of("/proc/net/" + family)).stream();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        });
    }
}
