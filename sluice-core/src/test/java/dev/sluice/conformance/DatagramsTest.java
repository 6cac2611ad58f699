package dev.sluice.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.Model.Ability;
import dev.sluice.events.DatagramHandler;
import dev.sluice.events.DatagramOptions;
import dev.sluice.events.Datagrams;
import dev.sluice.events.Events;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedInvocationConstants;
import org.junit.jupiter.params.provider.MethodSource;

/** On every model, and on {@code virtual} over the ring, which receives them otherwise than {@code virtual} does. */
@ParameterizedClass(name = ParameterizedInvocationConstants.ARGUMENT_SET_NAME_PLACEHOLDER)
@ExtendWith(InItsWorld.class)
@MethodSource("modelsAndVirtualOverTheRing")
@Timeout(value = 60, unit = TimeUnit.SECONDS, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
@Needs(Ability.KERNEL_EVENTS)
@DisplayName("Datagrams")
class DatagramsTest extends Conformance {
    /** Sends back what comes. */
    static final class Echoing implements DatagramHandler {
        private final Trace trace;
        final Datagrams socket;

        Echoing(Events events, Trace trace, DatagramOptions options) {
            this.trace = trace;
            this.socket = events.datagrams(options, this);
            trace.say("port " + socket.localAddress().getPort());
        }

        @Override
        public void received(ByteBuffer bytes, InetSocketAddress from, boolean truncated) {
            if (truncated) {
                trace.say("truncated to " + bytes.remaining());
            }
            socket.send(bytes, from);
        }
    }

    private static DatagramOptions options(String address) throws IOException {
        return DatagramOptions.on(new InetSocketAddress(InetAddress.getByName(address), 0));
    }

    @Test
    @DisplayName("datagrams come back, over IPv4 and IPv6, and a longer one is told to be truncated")
    void datagrams() throws Exception {
        serve((c, t) -> {
            new Echoing(c.events(), t, options("127.0.0.1"));
            return new Actor(c, t);
        });
        connect();
        int port = Integer.parseInt(witness.awaitRest("port "));
        try (UdpClient client = new UdpClient("127.0.0.1", port)) {
            assertThat(client.ask("hello")).isEqualTo("hello");
            assertThat(client.ask("")).isEmpty();
            assertThat(client.ask("x".repeat(3_000))).hasSize(2_048);
        }
        witness.await("truncated to 2048");
        serve((c, t) -> {
            new Echoing(c.events(), t, options("::1"));
            return new Actor(c, t);
        });
        connect();
        Await.until("a second socket", () -> witness.lines("port ").size() == 2);
        port = Integer.parseInt(witness.lines("port ").get(1).substring("port ".length()));
        try (UdpClient client = new UdpClient("::1", port)) {
            assertThat(client.ask("hello")).isEqualTo("hello");
        }
    }

    /** Says what failed. */
    private record Refusals(Trace trace) implements DatagramHandler {
        @Override
        public void received(ByteBuffer bytes, InetSocketAddress from, boolean truncated) {
            trace.say("received");
        }

        @Override
        public void failed(String reason) {
            trace.say("failed " + reason);
        }
    }

    @Test
    @DisplayName("a connected datagram socket talks to its peer, and is told where nobody has that port")
    void connectedDatagrams() throws Exception {
        int nobody;
        try (UdpClient once = new UdpClient("127.0.0.1", 9)) {
            nobody = once.localPort();
        }
        serve((c, t) -> {
            InetSocketAddress peer = new InetSocketAddress("127.0.0.1", nobody);
            Datagrams socket = c.events().datagrams(options("127.0.0.1").connectedTo(peer), new Refusals(t));
            return new Actor(c, t).onCommand(name -> socket.send(ByteBuffer.allocate(1)));
        });
        connect().send("x");
        assertThat(witness.awaitRest("failed ")).contains("ECONNREFUSED");
    }

    @Test
    @DisplayName("a storm of datagrams takes no memory and holds up no connection")
    void datagramStorm() throws Exception {
        serve((c, t) -> {
            new Echoing(c.events(), t, options("127.0.0.1"));
            return Actor.echo(c, t);
        });
        TestClient client = connect();
        int port = Integer.parseInt(witness.awaitRest("port "));
        try (UdpClient storm = new UdpClient("127.0.0.1", port)) {
            for (int i = 0; i < 20_000; i++) {
                storm.send(new byte[64]);
                if (i % 2_000 == 0) {
                    assertThat(client.ask("hello")).isEqualTo("hello");
                }
            }
            assertThat(client.ask("still")).isEqualTo("still");
            storm.drain();
            assertThat(storm.ask("after")).isEqualTo("after");
        }
    }

    /** Says what comes, and pauses after each third one. */
    private static final class Halting implements DatagramHandler {
        private final Trace trace;
        private final Datagrams socket;
        private int count;

        Halting(Events events, Trace trace, DatagramOptions options) {
            this.trace = trace;
            this.socket = events.datagrams(options, this);
            trace.say("port " + socket.localAddress().getPort());
        }

        @Override
        public void received(ByteBuffer bytes, InetSocketAddress from, boolean truncated) {
            trace.say("got " + Actor.text(bytes));
            if (++count % 3 == 0) {
                socket.pause();
                trace.say("paused");
            }
        }

        /** Goes on, and says how many were told by then. */
        void goOn() {
            trace.say("told " + socket.counts().received());
            socket.resume();
        }
    }

    @Test
    @DisplayName("a datagram socket that is paused tells nothing, and later all that came meanwhile")
    void pausedDatagrams() throws Exception {
        serve((c, t) -> {
            Halting halting = new Halting(c.events(), t, options("127.0.0.1").batch(4));
            return new Actor(c, t).onCommand(name -> halting.goOn());
        });
        TestClient client = connect();
        int port = Integer.parseInt(witness.awaitRest("port "));
        try (UdpClient peer = new UdpClient("127.0.0.1", port)) {
            for (int i = 0; i < 14; i++) { // more than three batches
                peer.send(new byte[] {(byte) ('a' + i)});
            }
            for (int pauses = 1; pauses <= 4; pauses++) {
                int expected = pauses;
                Await.until("pause " + pauses, () -> witness.lines("paused").size() == expected);
                client.send("r");
                Await.until("its end", () -> witness.lines("told ").size() == expected);
                assertThat(witness.lines("told ").getLast()).isEqualTo("told " + 3 * pauses);
            }
            witness.await("got n");
            assertThat(String.join("", witness.lines("got ")).replace("got ", ""))
                    .isEqualTo("abcdefghijklmn");
        }
    }
}
