package dev.sluice.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.Cause;
import dev.sluice.Connection;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

@OnEveryModel
@DisplayName("Resets")
class ResetTest extends Conformance {
    /** Says what it is told, the cause with its detail. */
    static final class Tells extends Actor {
        Tells(Connection connection, Trace trace) {
            super(connection, trace);
            onReceived(input -> {
                skip(input);
                trace.say("received");
            });
        }

        @Override
        public void opened() {
            trace.say("opened");
        }

        @Override
        public void closed(Cause cause) throws Exception {
            trace.say("detail " + cause.detail());
            super.closed(cause);
        }
    }

    @Test
    @DisplayName("a reset before a byte closes with RESET, and the cause names the call and errno")
    void beforeAByte() throws Exception {
        serve(Tells::new);
        TestClient client = connect();
        witness.await("opened");
        client.reset();
        witness.await("closed RESET");
        assertThat(witness.awaitRest("detail ")).contains(":").containsIgnoringCase("reset");
    }

    @Test
    @DisplayName("a reset in the middle of input closes with RESET")
    void midInput() throws Exception {
        serve(Tells::new);
        TestClient client = connect().send("begin");
        witness.await("received");
        client.reset();
        witness.await("closed RESET");
    }

    @Test
    @DisplayName("a reset with output queued closes with RESET")
    void outputQueued() throws Exception {
        serve((c, t) -> new Actor(c, t).onOpened(() -> {
            c.write(new byte[12 << 20], 0, 12 << 20);
            t.say("queued");
        }));
        TestClient client = connectNarrow();
        witness.await("queued");
        client.reset();
        witness.await("closed RESET");
    }

    @Test
    @DisplayName("a reset after the peer's end is seen by a session that still writes")
    void afterTheEnd() throws Exception {
        serve((c, t) -> {
            Runnable[] again = new Runnable[1];
            again[0] = () -> {
                Actor.write(c, "more");
                c.after(1_000_000, again[0]);
            };
            return new Actor(c, t).onEnded(() -> {
                t.say("ended");
                again[0].run();
            });
        });
        TestClient client = connect().send("x").end();
        witness.await("ended");
        client.reset();
        witness.await("closed RESET");
    }

    @Test
    @DisplayName("a reset while reading is paused is seen when the session resumes, at the latest")
    void whilePaused() throws Exception {
        serve((c, t) -> {
            c.pauseReading();
            c.after(60_000_000, c::resumeReading);
            return new Tells(c, t);
        });
        TestClient client = connect();
        witness.await("opened");
        client.reset();
        witness.await("closed RESET");
    }

    @Test
    @DisplayName("a reset after the session's own end closes with RESET")
    void afterOwnEnd() throws Exception {
        serve((c, t) -> new Actor(c, t).onOpened(c::end));
        TestClient client = connect();
        assertThat(client.read()).isEqualTo(-1);
        client.reset();
        witness.await("closed RESET");
    }

    @Test
    @DisplayName("a reset while close lingers ends the lingering")
    void whileLingering() throws Exception {
        serve((c, t) -> new Actor(c, t).onOpened(() -> {
            Actor.write(c, "bye");
            c.close();
        }));
        TestClient client = connect();
        assertThat(client.read(3)).isEqualTo("bye");
        client.reset();
        String kind = witness.awaitRest("closed ");
        assertThat(kind).isIn("LOCAL", "RESET");
    }

    @Test
    @DisplayName("a peer that resets at once after connecting leaves nothing behind")
    void atOnce() throws Exception {
        serve(Actor::echo);
        for (int i = 0; i < 50; i++) {
            connect().reset();
        }
        assertThat(connect().ask("alive")).isEqualTo("alive");
        Await.until("one open connection", () -> server().stats().open() <= 1);
    }

    @Test
    @DisplayName("the reset of one connection does not touch another")
    void othersLive() throws Exception {
        serve(Actor::echo);
        TestClient other = connect();
        other.ask("before");
        TestClient client = connect();
        client.ask("x");
        client.reset();
        witness.await("closed RESET");
        assertThat(other.ask("after")).isEqualTo("after");
    }
}
