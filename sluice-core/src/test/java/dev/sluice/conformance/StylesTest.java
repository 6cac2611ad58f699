package dev.sluice.conformance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sluice.Cause;
import dev.sluice.Connection;
import dev.sluice.DelegatingSession;
import dev.sluice.Model.Ability;
import dev.sluice.Server;
import dev.sluice.Service;
import dev.sluice.ServiceProvider;
import dev.sluice.Session;
import dev.sluice.style.Step;
import dev.sluice.style.Steps;
import dev.sluice.style.examples.ChatRoom;
import dev.sluice.style.examples.Style;
import java.net.SocketAddress;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Three protocols in three styles, on every model: one suite, since a client can't tell the styles apart. */
@OnEveryModel
@DisplayName("Styles")
@Tag("slow")
class StylesTest extends Conformance {
    private static final Duration DEADLINE = Duration.ofSeconds(10);

    // ---- line echo

    private void serveLineEcho(Style style) {
        serve((c, t) -> told(style.lineEcho().open(c), t));
    }

    @ParameterizedTest
    @EnumSource
    @DisplayName("lines come back, whole, in pieces, several at once and large")
    void lines(Style style) throws Exception {
        serveLineEcho(style);
        TestClient client = connect();
        assertThat(client.ask("hello\n")).isEqualTo("hello\n");
        assertThat(client.ask("\n")).isEqualTo("\n");
        client.send("in ");
        Await.pass(2);
        client.send("two");
        Await.pass(2);
        assertThat(client.send(" pieces\nand ").read(14)).isEqualTo("in two pieces\n");
        assertThat(client.send("more\n").read(9)).isEqualTo("and more\n");
        String all = "x".repeat(1024) + "\n" + "short\n".repeat(500);
        assertThat(client.ask(all)).isEqualTo(all);
        assertThat(client.end().rest().text()).isEmpty();
        witness.await("closed END");
    }

    @ParameterizedTest
    @EnumSource
    @DisplayName("a line without an end is refused at its bound")
    void lineWithoutEnd(Style style) throws Exception {
        serveLineEcho(style);
        TestClient client = connect();
        assertThat(client.ask("first\n")).isEqualTo("first\n");
        client.send("x".repeat(1000)).send("x".repeat(1000));
        assertThat(client.rest().text()).isEmpty();
        witness.await("closed LOCAL");
        assertThat(server().stats().failures()).isZero();
    }

    @ParameterizedTest
    @EnumSource
    @DisplayName("a peer that resets in the middle of a line leaves nothing behind")
    void resetInTheMiddle(Style style) throws Exception {
        serveLineEcho(style);
        TestClient client = connect();
        assertThat(client.send("first\nsec").read(6)).isEqualTo("first\n");
        client.reset();
        witness.awaitRest("closed ");
        Await.until("none open", () -> server().stats().open() == 0);
        assertThat(server().stats().failures()).isZero();
    }

    @ParameterizedTest
    @EnumSource
    @DisplayName("an end in the middle of a line closes the connection")
    void endInTheMiddle(Style style) throws Exception {
        serveLineEcho(style);
        assertThat(connect().send("first\nsec").end().rest().text()).isEqualTo("first\n");
        witness.awaitRest("closed ");
        assertThat(server().stats().failures()).isZero();
    }

    @ParameterizedTest
    @EnumSource
    @DisplayName("a drain ends what waits for its next line")
    @Needs(Ability.ONE_PROCESS)
    void drained(Style style) throws Exception {
        serveLineEcho(style);
        TestClient client = connect();
        assertThat(client.ask("hello\n")).isEqualTo("hello\n");
        Beside reader = beside(() -> {
            client.discard();
            client.end();
        });
        assertThat(stop(Duration.ofSeconds(5))).isZero();
        reader.join();
    }

    // ---- chat

    /** A room, and what goes on in it. */
    private static final class Chat implements Play {
        private static final long serialVersionUID = 1;

        private final Style style;
        private transient @Nullable ChatRoom room;
        private transient @Nullable Service service;

        Chat(Style style) {
            this.style = style;
        }

        @Override
        public synchronized Session open(Connection connection, Trace trace) throws Exception {
            Service chat = service;
            ChatRoom in = room;
            if (chat == null || in == null) {
                in = new ChatRoom();
                chat = style.chat(in);
                room = in;
                service = chat;
            }
            ChatRoom known = in;
            return told(chat.open(connection), line -> trace.say(line + ", slow " + known.slowCount()));
        }
    }

    @ParameterizedTest
    @EnumSource
    @DisplayName("what one says in the chat goes to all, and those who left are missed by none")
    @Needs(Ability.ONE_PROCESS)
    void chat(Style style) throws Exception {
        serve(new Chat(style));
        TestClient anna = connect();
        assertThat(anna.ask("anna is here\n")).isEqualTo("anna is here\n");
        TestClient bert = connect();
        assertThat(bert.ask("bert is here\n")).isEqualTo("bert is here\n");
        assertThat(anna.read(13)).isEqualTo("bert is here\n");
        TestClient carl = connect();
        assertThat(carl.ask("carl is here\n")).isEqualTo("carl is here\n");
        assertThat(anna.read(13)).isEqualTo("carl is here\n");
        carl.reset();
        witness.awaitRest("closed ");
        assertThat(bert.send("still here?\n").read(25)).isEqualTo("carl is here\nstill here?\n");
        assertThat(anna.read(12)).isEqualTo("still here?\n");
        assertThat(server().stats().failures()).isZero();
    }

    @ParameterizedTest
    @EnumSource
    @DisplayName("a slow reader in the chat is closed and counted, and holds up nobody")
    @Needs(Ability.ONE_PROCESS)
    void slowReader(Style style) throws Exception {
        serve(new Chat(style));
        TestClient slow = connectNarrow();
        assertThat(slow.ask("slow is here\n")).isEqualTo("slow is here\n");
        TestClient fast = connect();
        String line = "x".repeat(1000) + "\n";
        String lines = line.repeat(100);
        for (int i = 0; i < 200 && witness.lines("closed").isEmpty(); i++) {
            assertThat(fast.ask(lines)).isEqualTo(lines);
        }
        assertThat(witness.awaitRest("closed ")).isEqualTo("LOCAL, slow 1");
        assertThat(fast.ask(line)).isEqualTo(line);
    }

    /** A chat for any process, which it refuses. */
    public static final class ChatProvider implements ServiceProvider {
        public ChatProvider() {}

        @Override
        public Service service(List<String> arguments) {
            return Style.valueOf(arguments.getFirst()).chat(new ChatRoom());
        }
    }

    @ParameterizedTest
    @EnumSource
    @DisplayName("a chat starts where its members share a process, and is refused with its reason elsewhere")
    void chatNeedsOneProcess(Style style) {
        Server.Builder builder = Server.builder(ChatProvider.class, style.name())
                .model(model.name())
                .options(options().build());
        if (model.can(Ability.ONE_PROCESS)) {
            own(builder.start());
        } else {
            assertThatThrownBy(builder::start).hasMessageContaining("memory that they share");
        }
    }

    // ---- fan-out

    /** A back end that says its name and the question. */
    private SocketAddress backEnd(String name) {
        return serve((c, t) -> new Steps(
                        c,
                        Step.loop(Step.readUntil("\n", 100)
                                .then(line -> Actor.write(c, name + ":" + Actor.text(line) + "\n")))))
                .address();
    }

    /** One that takes a connection and says nothing. */
    private Server silent() {
        return serve((c, t) -> new Actor(c, line -> t.say("silent " + line)));
    }

    private void serveFanOut(Style style, SocketAddress one, SocketAddress other, Duration deadline) {
        serve((c, t) -> told(style.fanOut(one, other, deadline).open(c), t));
    }

    @ParameterizedTest
    @EnumSource
    @DisplayName("an answer is of both back ends, for one question after another and several at once")
    @Needs(Ability.DIAL)
    void fanOut(Style style) throws Exception {
        serveFanOut(style, backEnd("a"), backEnd("b"), DEADLINE);
        TestClient client = connect();
        assertThat(client.send("1\n").read(8)).isEqualTo("a:1 b:1\n");
        assertThat(client.send("2\n3\n").read(16)).isEqualTo("a:2 b:2\na:3 b:3\n");
        assertThat(client.end().rest().text()).isEmpty();
        witness.await("closed END");
    }

    @ParameterizedTest
    @EnumSource
    @DisplayName("a client that has ended its side is answered what it asked")
    @Needs(Ability.DIAL)
    void halfClose(Style style) throws Exception {
        serveFanOut(style, backEnd("a"), backEnd("b"), DEADLINE);
        assertThat(connect().send("1\n2\n").end().rest().text()).isEqualTo("a:1 b:1\na:2 b:2\n");
        witness.await("closed END");
    }

    @ParameterizedTest
    @EnumSource
    @DisplayName("a back end that is dead is told of at once, and the other one is not waited for")
    @Needs(Ability.DIAL)
    void deadBackEnd(Style style) throws Exception {
        Server silent = silent();
        serveFanOut(style, silent.address(), nobody(), DEADLINE);
        TestClient client = connect();
        assertThat(client.send("1\n").read(18)).isEqualTo("a back end failed\n");
        Await.until(
                "the other one is let go",
                () -> silent.stats().open() == 0 && server().stats().open() == 1);
        assertThat(client.send("2\n").read(18)).isEqualTo("a back end failed\n");
        assertThat(client.end().rest().text()).isEmpty();
        witness.await("closed END");
    }

    @ParameterizedTest
    @EnumSource
    @DisplayName("a back end that is slow is given up at the deadline")
    @Needs(Ability.DIAL)
    void slowBackEnd(Style style) throws Exception {
        serveFanOut(style, silent().address(), backEnd("b"), Duration.ofMillis(50));
        TestClient client = connect();
        assertThat(client.send("1\n").read(19)).isEqualTo("a back end is slow\n");
        witness.awaitRest("silent closed ");
        assertThat(client.end().rest().text()).isEmpty();
        witness.await("closed END");
    }

    @ParameterizedTest
    @EnumSource
    @DisplayName("a client that vanishes while its back ends are asked leaves no connection behind")
    @Needs(Ability.DIAL)
    void vanishedClient(Style style) throws Exception {
        Server silent = silent();
        serveFanOut(style, silent.address(), silent.address(), DEADLINE);
        TestClient client = connect();
        client.send("1\n");
        Await.until("both are asked", () -> silent.stats().accepted() == 2);
        client.reset();
        witness.awaitRest("closed ");
        Await.until("both are let go", () -> silent.stats().open() == 0);
        Await.until("none open", () -> server().stats().open() == 0);
        assertThat(server().stats().failures()).isZero();
    }

    /** A session whose end the test hears of. */
    private static Session told(Session session, Trace trace) {
        return new DelegatingSession(session) {
            @Override
            public void closed(Cause cause) throws Exception {
                super.closed(cause);
                trace.say("closed " + cause.kind());
            }
        };
    }
}
