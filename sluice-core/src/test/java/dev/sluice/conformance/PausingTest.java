package dev.sluice.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.Connection;
import java.nio.ByteBuffer;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

@OnEveryModel
@DisplayName("Pausing")
class PausingTest extends Conformance {
    /** Reads nothing for a while, having paused. */
    static final class PausedDigest extends BytesInTest.Digest {
        private boolean paused = true;

        PausedDigest(Connection connection, Trace trace) {
            super(connection, trace);
            connection.pauseReading();
            connection.after(TimeUnit.MILLISECONDS.toNanos(60), () -> {
                paused = false;
                connection.resumeReading();
            });
        }

        @Override
        public void received(ByteBuffer input) throws Exception {
            if (paused) {
                trace.say("offered while paused");
            }
            super.received(input);
        }
    }

    @Test
    @DisplayName("while reading is paused nothing is offered, and all of it afterwards")
    void pauseReading() throws Exception {
        serve(PausedDigest::new);
        TestClient client = connect().send(Pattern.bytes(200_000)).end();
        assertThat(client.rest().text()).isEqualTo(Pattern.digestOf(200_000));
        assertThat(witness.lines("offered")).isEmpty();
    }

    @Test
    @DisplayName("a pause inside received holds back what comes next")
    void pauseInsideReceived() throws Exception {
        serve((c, t) -> new Actor(c, t).onReceived(in -> {
            Actor.write(c, Actor.text(in));
            c.pauseReading();
            t.say("paused");
            c.after(TimeUnit.MILLISECONDS.toNanos(30), () -> {
                t.say("resumes");
                c.resumeReading();
            });
        }));
        TestClient client = connect();
        client.ask("a");
        client.ask("b");
        witness.await("paused", 2);
        witness.await("resumes");
        assertThat(witness.lines().subList(0, 3)).containsExactly("paused", "resumes", "paused");
    }

    @Test
    @DisplayName("the end waits while reading is paused, and comes after the bytes before it")
    void endWaitsForThePause() throws Exception {
        serve((c, t) -> {
            c.pauseReading();
            c.after(TimeUnit.MILLISECONDS.toNanos(40), () -> {
                t.say("resumes");
                c.resumeReading();
            });
            return new Actor(c, t)
                    .onReceived(in -> t.say("received " + Actor.text(in)))
                    .onEnded(() -> {
                        t.say("ended");
                        c.end();
                    });
        });
        assertThat(connect().send("abc").end().rest().bytes()).isEmpty();
        witness.await("closed END");
        assertThat(witness.lines()).containsExactly("resumes", "received abc", "ended", "closed END");
    }
}
