package dev.sluice.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

@OnEveryModel
@DisplayName("Half-close")
class HalfCloseTest extends Conformance {
    @Test
    @DisplayName("after the peer's end a session still writes, and ends its own side later")
    void peerEndsFirst() throws Exception {
        int size = 2 << 20;
        serve((c, t) -> new Actor(c, t).onEnded(() -> {
            t.say("ended");
            c.after(5_000_000, () -> {
                c.write(Pattern.bytes(size), 0, size);
                c.end();
            });
        }));
        assertThat(connect().send("request").end().digest()).isEqualTo(Pattern.digestOf(size));
        witness.await("closed END");
        assertThat(witness.lines()).containsExactly("ended", "closed END");
    }

    @Test
    @DisplayName("after its own end a session still receives, until the peer ends")
    void sessionEndsFirst() throws Exception {
        serve((c, t) -> {
            long[] count = {0};
            return new Actor(c, t)
                    .onOpened(() -> {
                        Actor.write(c, "bye");
                        c.end();
                    })
                    .onReceived(in -> {
                        count[0] += in.remaining();
                        Actor.skip(in);
                    })
                    .onEnded(() -> t.say("received " + count[0]));
        });
        TestClient client = connect();
        assertThat(client.rest().text()).isEqualTo("bye");
        client.send(Pattern.bytes(2 << 20)).end();
        witness.await("closed END");
        assertThat(witness.lines()).containsExactly("received " + (2 << 20), "closed END");
    }

    @Test
    @DisplayName("what is written after end is ignored")
    void writeAfterEnd() throws Exception {
        serve((c, t) -> new Actor(c, t).onOpened(() -> {
            Actor.write(c, "before");
            c.end();
            Actor.write(c, "after");
            c.write(new byte[100], 0, 100);
            c.execute(() -> Actor.write(c, "later"));
        }));
        TestClient client = connect();
        assertThat(client.rest().text()).isEqualTo("before");
        client.end();
        witness.await("closed END");
    }

    @Test
    @DisplayName("end comes behind the output that is queued")
    void endAfterQueuedOutput() throws Exception {
        int size = 8 << 20;
        serve((c, t) -> new Actor(c, t).onOpened(() -> {
            c.write(Pattern.bytes(size), 0, size);
            c.end();
            t.say("asked");
        }));
        TestClient client = connectNarrow();
        witness.await("asked");
        assertThat(client.digest()).isEqualTo(Pattern.digestOf(size));
    }

    @Test
    @DisplayName("ending twice is ending once")
    void endTwice() throws Exception {
        serve((c, t) -> new Actor(c, t)
                .onReceived(in -> {
                    Actor.write(c, Actor.text(in));
                    c.end();
                    c.end();
                })
                .onEnded(() -> {
                    t.say("ended");
                    c.end();
                }));
        TestClient client = connect().send("x");
        assertThat(client.rest().text()).isEqualTo("x");
        client.close();
        witness.await("closed END");
        assertThat(witness.lines()).containsExactly("ended", "closed END");
    }

    @Test
    @DisplayName("a peer that ends without a byte is an end like any other")
    void endWithoutAByte() throws Exception {
        serve((c, t) -> new Actor(c, t).onReceived(in -> t.say("received")).onEnded(() -> {
            t.say("ended");
            c.end();
        }));
        assertThat(connect().end().rest()).satisfies(rest -> {
            assertThat(rest.bytes()).isEmpty();
            assertThat(rest.reset()).isFalse();
        });
        witness.await("closed END");
        assertThat(witness.lines()).containsExactly("ended", "closed END");
    }

    @Test
    @DisplayName("a peer that closes at once after its request has its request offered")
    void closeRightAfterTheRequest() throws Exception {
        serve((c, t) -> new Actor(c, t).onReceived(in -> t.say("received " + Actor.text(in))));
        connect().send("last words").close();
        witness.await("received last words");
        witness.await("closed END");
    }

    @Test
    @DisplayName("both sides may end at the same time")
    void bothEndAtOnce() throws Exception {
        serve((c, t) -> new Actor(c, t).onOpened(c::end));
        for (int i = 0; i < 20; i++) {
            TestClient client = connect().end();
            assertThat(client.rest().reset()).isFalse();
            client.close();
        }
        witness.await("closed END", 20);
    }
}
