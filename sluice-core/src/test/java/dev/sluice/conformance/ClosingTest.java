package dev.sluice.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@OnEveryModel
@DisplayName("Closing")
class ClosingTest extends Conformance {
    @Test
    @DisplayName("close sends queued output first")
    void closeFlushes() throws Exception {
        int size = 8 << 20;
        serve((c, t) -> new Actor(c, t).onOpened(() -> {
            c.write(Pattern.bytes(size), 0, size);
            c.close();
            t.say("asked");
        }));
        TestClient client = connectNarrow();
        witness.await("asked");
        assertThat(client.digest()).isEqualTo(Pattern.digestOf(size));
        client.close();
        witness.await("closed LOCAL");
    }

    @Test
    @DisplayName("no reset eats the output of close while the peer still sends")
    void closeLingers() throws Exception {
        int size = 2 << 20;
        serve((c, t) -> new Actor(c, t).onReceived(in -> {
            c.write(Pattern.bytes(size), 0, size);
            c.close();
        }));
        TestClient client = connect().send("request");
        Beside sender = beside(() -> {
            try {
                for (int i = 0; i < 64; i++) {
                    client.send(new byte[16 * 1024]);
                }
                client.end();
            } catch (IOException e) {
                witness.lines(); // the digest tells whether that mattered
            }
        });
        assertThat(client.digest()).isEqualTo(Pattern.digestOf(size));
        sender.join();
        witness.await("closed LOCAL");
    }

    @Test
    @DisplayName("close waits for a peer that does not end no longer than the linger timeout")
    void lingerTimeout() throws Exception {
        serve(
                options().lingerTimeout(Duration.ofMillis(80)),
                (c, t) -> new Actor(c, t).onReceived(in -> {
                    Actor.skip(in);
                    Actor.write(c, "bye");
                    c.close();
                }));
        TestClient client = connect().send("x");
        assertThat(client.rest().text()).isEqualTo("bye");
        long asked = Await.nanoTime();
        witness.await("closed LOCAL");
        assertThat(Await.nanoTime() - asked).isLessThan(TimeUnit.SECONDS.toNanos(5));
    }

    @Test
    @DisplayName("after close no callback follows but closed")
    void nothingAfterClose() throws Exception {
        serve((c, t) -> new Actor(c, t)
                .onReceived(in -> {
                    Actor.skip(in);
                    t.say("received");
                    c.close();
                    c.execute(() -> t.say("task"));
                })
                .onEnded(() -> t.say("ended"))
                .onDrained(() -> t.say("drained")));
        TestClient client = connect().send("x");
        assertThat(client.rest().bytes()).isEmpty();
        client.send("more").end();
        witness.await("closed LOCAL");
        assertThat(witness.lines().stream().filter(line -> !line.equals("task")))
                .containsExactly("received", "closed LOCAL");
    }

    @Test
    @DisplayName("abort closes at once, and queued output is lost")
    void abort() throws Exception {
        serve((c, t) -> new Actor(c, t).onReceived(in -> {
            c.write(new byte[12 << 20], 0, 12 << 20);
            c.abort();
        }));
        TestClient client = connect().send("x");
        assertThat(client.rest().bytes().length).isLessThan(12 << 20);
        witness.await("closed LOCAL");
    }

    @Test
    @DisplayName("abort of an idle connection gives its peer a reset")
    void abortResets() throws Exception {
        serve((c, t) -> new Actor(c, t).onOpened(() -> c.after(2_000_000, c::abort)));
        assertThat(connect().rest().reset()).isTrue();
        witness.await("closed LOCAL");
    }

    @Test
    @DisplayName("close and abort in any order close once")
    void closedOnce() throws Exception {
        serve((c, t) -> new Actor(c, t).onReceived(in -> {
            Actor.skip(in);
            c.close();
            c.close();
            c.abort();
            c.abort();
            c.close();
        }));
        assertThat(connect().send("x").isOver()).isTrue();
        witness.await("closed LOCAL");
        assertThat(witness.atLast()).containsExactly("closed LOCAL");
    }

    @Test
    @DisplayName("a connection that is idle for the idle timeout is closed with TIMEOUT")
    void idleTimeout() throws Exception {
        serve(options().idleTimeout(Duration.ofMillis(100)), Actor::echo);
        long connected = Await.nanoTime();
        TestClient client = connect();
        assertThat(client.rest().bytes()).isEmpty();
        assertThat(Await.nanoTime() - connected).isGreaterThan(TimeUnit.MILLISECONDS.toNanos(80));
        witness.await("closed TIMEOUT");
    }

    @Test
    @Tag("slow")
    @DisplayName("the idle timeout spares a connection that receives or sends")
    void idleTimeoutSparesTheBusy() throws Exception {
        serve(options().idleTimeout(Duration.ofMillis(300)), Actor::echo);
        TestClient client = connect();
        for (int i = 0; i < 8; i++) {
            assertThat(client.ask("x")).isEqualTo("x");
            Await.pass(45, () -> witness.count("closed TIMEOUT") > 0);
        }
        assertThat(client.ask("x")).isEqualTo("x");
    }
}
