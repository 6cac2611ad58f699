package dev.sluice.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.Connection;
import dev.sluice.Model.Ability;
import dev.sluice.Session;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.SocketException;
import java.time.Duration;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@OnEveryModel
@DisplayName("Failures")
class FailuresTest extends Conformance {
    /** Clients from here are well treated. */
    private static final String SPARED = "127.0.0.2";

    /** Keeps what is logged on purpose from the console. */
    private final LoggedLines log = new LoggedLines();

    @BeforeEach
    void hear() {
        own(log);
    }

    @Override
    boolean sessionsMayFail() {
        return true;
    }

    private static Session failing(Connection c, Trace t, String where) throws IOException {
        String from = ((InetSocketAddress) c.remoteAddress()).getAddress().getHostAddress();
        if (from.equals(SPARED)) {
            return Actor.echo(c, t);
        }
        Actor actor = new Actor(c, t);
        Actor.Step fails = () -> {
            throw new IOException("on purpose, in " + where);
        };
        Runnable failsUnchecked = () -> {
            throw new IllegalStateException("on purpose, in a " + where);
        };
        return switch (where) {
            case "open" -> throw new IOException("on purpose, in open");
            case "opened" -> actor.onOpened(fails);
            case "received" -> actor.onReceived(input -> fails.run());
            case "ended" -> actor.onEnded(fails);
            case "drained" ->
                actor.onOpened(() -> c.write(new byte[8 << 20], 0, 8 << 20)).onDrained(fails);
            case "task" -> actor.onReceived(input -> c.execute(failsUnchecked));
            case "timer" -> actor.onReceived(input -> c.after(1_000, failsUnchecked));
            case "closed" -> actor.onClosed(fails);
            case "error" ->
                actor.onReceived(input -> {
                    throw new StackOverflowError("on purpose");
                });
            default -> throw new IllegalArgumentException(where);
        };
    }

    @ParameterizedTest(name = "in {0}: that connection is closed, and no other is disturbed")
    @ValueSource(strings = {"open", "opened", "received", "ended", "drained", "task", "timer", "closed", "error"})
    @DisplayName("an exception from a session")
    void contained(String where) throws Exception {
        serve((c, t) -> failing(c, t, where));
        long before = server().stats().failures();
        TestClient other = connectFrom(SPARED);
        assertThat(other.ask("before")).isEqualTo("before");
        try {
            TestClient client = connect().send("x");
            if (where.equals("ended") || where.equals("closed")) {
                client.end();
            }
            assertThat(client.isOver()).isTrue();
            client.close();
        } catch (SocketException e) {
            assertThat(e).hasMessageMatching("(?i).*(reset|broken pipe|not connected|closed).*");
        }
        if (where.equals("closed")) {
            witness.await("closed END");
        } else if (!where.equals("open")) {
            witness.await("closed FAILURE");
        }
        Await.until(
                () -> "one failure more than " + before + " in " + server().stats(),
                () -> server().stats().failures() == before + 1);
        assertThat(other.ask("after")).isEqualTo("after");
        assertThat(connectFrom(SPARED).ask("new")).isEqualTo("new");
    }

    @Test
    @DisplayName("an exception from stopping closes that connection with FAILURE, and the server stops")
    void inStopping() throws Exception {
        serve((c, t) -> new Actor(c, t).onOpened(() -> t.say("opened")).onStopping(() -> {
            throw new IOException("on purpose, in stopping");
        }));
        TestClient client = connect();
        witness.await("opened");
        assertThat(stop(Duration.ofSeconds(10))).isZero();
        assertThat(client.isOver()).isTrue();
        assertThat(witness.lines("closed")).containsExactly("closed FAILURE");
    }

    @Test
    @Needs(Ability.ONE_PROCESS)
    @DisplayName("a failure is logged once, with what was thrown")
    void loggedOnce() throws Exception {
        String text = "on purpose, number " + System.nanoTime();
        serve((c, t) -> new Actor(c, t).onReceived(input -> {
            throw new IOException(text);
        }));
        assertThat(connect().send("x").isOver()).isTrue();
        witness.await("closed FAILURE");
        Await.until(() -> "'" + text + "' in the log", () -> log.count(text) >= 1);
        stop(Duration.ZERO);
        assertThat(log.count(text)).isEqualTo(1);
    }
}
