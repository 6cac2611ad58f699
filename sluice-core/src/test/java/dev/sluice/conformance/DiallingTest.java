package dev.sluice.conformance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.sluice.Client;
import dev.sluice.Connection;
import dev.sluice.Model.Ability;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.SocketAddress;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@OnEveryModel
@Needs(Ability.DIAL)
@DisplayName("Dialling")
class DiallingTest extends Conformance {
    private Client client() {
        return own(Client.start(model.name(), options().build()));
    }

    @Test
    @DisplayName("a dialled session is opened, told when it is connected, answered, and closed once")
    void exchange() throws Exception {
        serve(Actor::echo);
        Trace t = line -> witness.trace().say("client " + line);
        client().dial(server().address(), c -> {
            t.say("open");
            return new Actor(c, t)
                    .onOpened(() -> {
                        t.say("opened");
                        Actor.write(c, "hello");
                    })
                    .onReceived(input -> {
                        t.say("received " + Actor.text(input));
                        c.end();
                    })
                    .onEnded(() -> t.say("ended"));
        });
        witness.await("client closed END");
        witness.await("closed END");
        assertThat(witness.lines("client "))
                .containsExactly(
                        "client open", "client opened", "client received hello", "client ended", "client closed END");
    }

    @Test
    @DisplayName("what is written before the connection is established is sent then")
    void writtenBefore() throws Exception {
        serve(Actor::echo);
        client().dial(server().address(), c -> {
            Actor.write(c, "early ");
            c.write(Pattern.bytes(100_000), 0, 100_000);
            long[] count = {0};
            return new Actor(c, line -> {}).onReceived(input -> {
                count[0] += input.remaining();
                Actor.skip(input);
                if (count[0] == 100_006) {
                    witness.trace().say("all came back");
                    c.end();
                }
            });
        });
        witness.await("all came back");
        witness.await("closed END");
    }

    @Test
    @DisplayName("what is written to a peer that reads late waits, and comes whole")
    void latePeer() throws Exception {
        assumeTrue(beneath == null, "the peer is none of the world's");
        int length = 8 << 20; // more than the kernel takes
        try (ServerSocket listener = new ServerSocket()) {
            listener.setReceiveBufferSize(32 * 1024);
            listener.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
            client().dial(
                            listener.getLocalSocketAddress(),
                            c -> new Actor(c, line -> witness.trace().say("client " + line)).onOpened(() -> {
                                c.write(Pattern.bytes(length), 0, length);
                                c.end();
                                witness.trace().say("client wrote");
                            }));
            try (TestClient peer = TestClient.accepted(listener.accept())) {
                witness.await("client wrote");
                Await.pass(40, () -> witness.lines().size() > 1);
                assertThat(peer.digest()).isEqualTo(Pattern.digestOf(length));
            }
            witness.await("client closed END");
        }
    }

    @Test
    @DisplayName("where nobody listens the session is closed with CONNECT, once, and never told of an opening")
    void refused() throws Exception {
        Trace t = witness.trace();
        client().dial(
                        nobody(),
                        c -> new Actor(c, t) {
                            @Override
                            public void closed(dev.sluice.Cause cause) throws Exception {
                                t.say("detail " + cause.detail());
                                super.closed(cause);
                            }
                        }.onOpened(() -> t.say("opened")));
        witness.await("closed CONNECT");
        assertThat(witness.awaitRest("detail ")).containsIgnoringCase("refused");
        assertThat(witness.atLast()).hasSize(2);
    }

    @Test
    @DisplayName("a dial given up before it is established ends with LOCAL")
    void givenUp() throws Exception {
        serve(Actor::echo);
        Trace t = line -> witness.trace().say("client " + line);
        client().dial(server().address(), c -> {
            c.close();
            return new Actor(c, t).onOpened(() -> t.say("opened"));
        });
        witness.await("client closed LOCAL");
        assertThat(witness.lines("client ")).containsExactly("client closed LOCAL");
    }

    @Test
    @DisplayName("a client that is closed closes its connections")
    void closedClient() throws Exception {
        serve(Actor::echo);
        Trace t = line -> witness.trace().say("client " + line);
        Client client = client();
        for (int i = 0; i < 3; i++) {
            client.dial(server().address(), c -> new Actor(c, t).onOpened(() -> t.say("opened")));
        }
        witness.await("client opened", 3);
        Await.within(10, "close", () -> {
            client.close();
            return true;
        });
        witness.await("client closed STOPPED", 3);
        Await.until("none open", () -> server().stats().open() == 0);
    }

    @Test
    @Needs(Ability.UNIX_SOCKETS)
    @DisplayName("a Unix-domain socket is dialled")
    void unixDomain(@TempDir Path directory) throws Exception {
        SocketAddress address = UnixDomainSocketAddress.of(directory.resolve("socket"));
        serve(address, options(), Actor::echo);
        client().dial(
                        address,
                        c -> new Actor(c, line -> {})
                                .onOpened(() -> Actor.write(c, "hello"))
                                .onReceived(input -> {
                                    witness.trace().say("received " + Actor.text(input));
                                    c.end();
                                }));
        witness.await("received hello");
        witness.await("closed END");
    }

    /** One side of a relay: what one takes the other gives, no faster than its peer takes it. */
    private static final class Side extends Actor {
        private Side other = this;

        Side(Connection connection, Trace trace) {
            super(connection, trace);
            connection.readIndependently(); // the peer may be waiting to write before it reads on
            onDrained(() -> other.connection.resumeReading());
            onEnded(() -> other.connection.end());
        }

        void with(Side side) {
            other = side;
            side.other = this;
        }

        @Override
        public void received(ByteBuffer input) {
            if (!other.connection.write(input)) {
                connection.pauseReading();
            }
        }
    }

    /** Dials on behalf of a connection, and relays between the two. */
    private static Play relay(SocketAddress target) {
        return (c, t) -> {
            TasksTest.Gate gate = new TasksTest.Gate(t);
            Side near = new Side(c, t);
            Client.dial(c, target, dialled -> {
                Side far = new Side(dialled, line -> t.say("far " + line));
                far.with(near);
                return new TasksTest.Gated(gate, far);
            });
            return new TasksTest.Gated(gate, near);
        };
    }

    @Test
    @DisplayName("two sides of a relay share one order: large streams pass both ways, callbacks never overlap")
    void relayed() throws Exception {
        int size = Tier.now().streamBytes;
        SocketAddress target = serve(Actor::echo).address();
        serve(options().outputMarks(8 * 1024, 32 * 1024), relay(target));
        TestClient client = connect();
        Beside sender = beside(() -> client.send(Pattern.bytes(size)).end());
        assertThat(client.digest()).isEqualTo(Pattern.digestOf(size));
        sender.join();
        witness.await("far closed END");
        witness.await("closed END", 2);
        assertThat(witness.lines("overlap")).isEmpty();
    }

    @Test
    @DisplayName("what one side of a relay writes from a task of its own reaches the other's peer")
    void writeAcross() throws Exception {
        SocketAddress target = serve(Actor::echo).address();
        serve((c, t) -> {
            Connection[] far = new Connection[1];
            return new Actor(c, t)
                    .onOpened(() -> Client.dial(c, target, dialled -> {
                        far[0] = dialled;
                        return new Actor(dialled, line -> t.say("far " + line))
                                .onReceived(input -> Actor.write(c, "<" + Actor.text(input) + ">"));
                    }))
                    .onReceived(input -> far[0].write(input))
                    .onEnded(() -> {
                        far[0].close();
                        c.end();
                    });
        });
        TestClient client = connect();
        assertThat(client.send("abc").read(5)).isEqualTo("<abc>");
        client.end().rest();
        witness.await("far closed LOCAL");
    }

    @Test
    @DisplayName("a dialled connection does not end with its owner")
    void outlivesItsOwner() throws Exception {
        SocketAddress target = serve(Actor::echo).address();
        serve((c, t) -> new Actor(c, t)
                .onCommand(name -> Client.dial(
                        c,
                        target,
                        dialled -> new Actor(dialled, line -> {})
                                .onOpened(() -> {
                                    c.abort();
                                    dialled.after(10_000_000, () -> Actor.write(dialled, "alive"));
                                })
                                .onReceived(input -> {
                                    t.say("far " + Actor.text(input));
                                    dialled.end();
                                }))));
        connect().send("x");
        witness.await("closed LOCAL");
        witness.await("far alive");
    }

    @Test
    @DisplayName("an owner's dial that nobody answers closes the dialled session alone")
    void ownersDialRefused() throws Exception {
        SocketAddress nobody = nobody();
        serve((c, t) -> Actor.echo(c, t)
                .onOpened(() -> Client.dial(c, nobody, dialled -> new Actor(dialled, line -> t.say("far " + line)))));
        TestClient client = connect();
        witness.await("far closed CONNECT");
        assertThat(client.ask("hello")).isEqualTo("hello");
    }

    @Test
    @DisplayName("a dial that nobody answers ends after the connect timeout")
    void connectTimeout() throws Exception {
        List<SocketChannel> fillers = new ArrayList<>();
        try (ServerSocket full = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            SocketAddress address = full.getLocalSocketAddress();
            for (int i = 0; i < 4; i++) { // the kernel drops what finds the accept queue full, and says nothing
                SocketChannel filler = SocketChannel.open();
                fillers.add(filler);
                filler.configureBlocking(false);
                filler.connect(address);
            }
            Client client = own(Client.start(
                    model.name(),
                    options().connectTimeout(Duration.ofMillis(200)).build()));
            client.dial(
                    address,
                    c -> new Actor(c, line -> witness.trace().say("client " + line))
                            .onOpened(() -> witness.trace().say("client opened")));
            witness.await("client closed CONNECT");
            assertThat(witness.lines("client ")).containsExactly("client closed CONNECT");
        } finally {
            for (SocketChannel filler : fillers) {
                filler.close();
            }
        }
    }
}
