package dev.sluice.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.Connection;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

@OnEveryModel
@DisplayName("Bytes in")
class BytesInTest extends Conformance {
    /** Answers the digest of all it was sent, when its peer has ended. */
    static class Digest extends Actor {
        private final MessageDigest digest = Pattern.sha256();

        Digest(Connection connection, Trace trace) {
            super(connection, trace);
            onReceived(digest::update);
            onEnded(() -> {
                write(connection, Pattern.hex(digest));
                connection.end();
            });
        }
    }

    /** Leaves all unread for a while, and says how much was offered at most. */
    static final class WithheldDigest extends Digest {
        private boolean reads;
        private int most;

        WithheldDigest(Connection connection, Trace trace) {
            super(connection, trace);
            connection.after(TimeUnit.MILLISECONDS.toNanos(150), () -> {
                reads = true;
                trace.say("reads");
                connection.resumeReading();
            });
        }

        @Override
        public void received(ByteBuffer input) throws Exception {
            if (reads) {
                super.received(input);
            } else if (input.remaining() > most) {
                most = input.remaining();
                trace.say("most " + most);
            }
        }
    }

    /** Reads a line only when it is whole, and answers with it in brackets; else leaves all unread. */
    static final class Lines extends Actor {
        private int offers;

        Lines(Connection connection, Trace trace) {
            super(connection, trace);
            onEnded(() -> {
                write(connection, "offers " + offers);
                connection.end();
            });
        }

        @Override
        public void received(ByteBuffer input) {
            offers++;
            for (int i = input.position(); i < input.limit(); i++) {
                if (input.get(i) == '\n') {
                    byte[] line = new byte[i - input.position()];
                    input.get(line).get();
                    write(connection, "[" + new String(line, java.nio.charset.StandardCharsets.ISO_8859_1) + "]");
                    i = input.position() - 1;
                }
            }
            trace.say("kept " + input.remaining());
        }
    }

    @Test
    @DisplayName("one byte at a time arrives in order")
    void oneByteAtATime() throws Exception {
        serve(Digest::new);
        TestClient client = connect();
        byte[] bytes = Pattern.bytes(2_000);
        for (byte b : bytes) {
            client.send(new byte[] {b});
        }
        assertThat(client.end().rest().text()).isEqualTo(Pattern.digestOf(bytes.length));
    }

    @Test
    @DisplayName("a large stream arrives whole")
    void largeStream() throws Exception {
        serve(Digest::new);
        int size = Tier.now().streamBytes;
        TestClient client = connect().send(Pattern.bytes(size)).end();
        assertThat(client.rest().text()).isEqualTo(Pattern.digestOf(size));
    }

    @Test
    @DisplayName("what is left unread is offered again in front of what arrives next")
    void unreadIsKept() throws Exception {
        serve(Lines::new);
        TestClient client = connect();
        client.send("one\ntw");
        assertThat(client.read(5)).isEqualTo("[one]");
        witness.await("kept 2");
        client.send("o\n");
        assertThat(client.read(5)).isEqualTo("[two]");
        witness.await("kept 0");
    }

    @Test
    @DisplayName("kept input is not offered again until something new arrives")
    void keptIsNotOfferedForNothing() throws Exception {
        serve(Lines::new);
        TestClient client = connect().send("ab");
        witness.await("kept 2");
        Await.pass(30, () -> witness.lines().size() > 1);
        client.send("c");
        witness.await("kept 3");
        assertThat(client.end().rest().text()).isEqualTo("offers 2");
    }

    @Test
    @DisplayName("a session that reads half of each offer gets every byte once")
    void halfOfEachOffer() throws Exception {
        serve((c, t) -> {
            MessageDigest digest = Pattern.sha256();
            AtomicLong left = new AtomicLong(300_000);
            return new Actor(c, t).onReceived(in -> {
                ByteBuffer half = in.slice(in.position(), (in.remaining() + 1) / 2);
                in.position(in.position() + half.remaining());
                left.addAndGet(-half.remaining());
                digest.update(half);
                c.resumeReading();
                if (left.get() == 0) {
                    Actor.write(c, Pattern.hex(digest));
                    c.end();
                }
            });
        });
        TestClient client = connect().send(Pattern.bytes(300_000));
        assertThat(client.rest().text()).isEqualTo(Pattern.digestOf(300_000));
    }

    @Test
    @DisplayName("resumeReading offers kept input again though nothing arrived")
    void resumeOffersAgain() throws Exception {
        serve((c, t) -> new Actor(c, t).onReceived(in -> {
            Actor.write(c, String.valueOf((char) in.get()));
            if (in.hasRemaining()) {
                c.after(TimeUnit.MILLISECONDS.toNanos(2), c::resumeReading);
            }
        }));
        assertThat(connect().ask("abcd")).isEqualTo("abcd");
    }

    @Test
    @DisplayName("the end is told after the last offer, also of input that is left unread")
    void endFollowsTheLastOffer() throws Exception {
        serve((c, t) -> new Actor(c, t)
                .onReceived(in -> t.say("offered " + in.remaining()))
                .onEnded(() -> {
                    t.say("ended");
                    c.end();
                }));
        assertThat(connect().send("abc").end().rest().bytes()).isEmpty();
        witness.await("closed END");
        assertThat(witness.lines("offered").getLast()).isEqualTo("offered 3");
        assertThat(witness.lines()).endsWith("offered 3", "ended", "closed END");
    }

    @Test
    @DisplayName("at the input limit receiving stops, and goes on when the session reads")
    void inputLimit() throws Exception {
        int size = 24 << 20;
        AtomicLong sent = new AtomicLong();
        serve(options().inputLimit(32 * 1024), WithheldDigest::new);
        byte[] all = Pattern.bytes(size);
        TestClient client = connect();
        Beside sender = beside(() -> {
            for (int from = 0; from < size; from += 64 * 1024) {
                client.send(all, from, Math.min(64 * 1024, size - from));
                sent.addAndGet(64 * 1024);
            }
            client.end();
        });
        witness.await("reads");
        assertThat(client.rest().text()).isEqualTo(Pattern.digestOf(size));
        sender.join();
        assertThat(sent.get()).isEqualTo(size);
        int most = witness.lines("most ").stream()
                .mapToInt(line -> Integer.parseInt(line.substring(5)))
                .max()
                .orElse(0);
        int underWay = server().options().turnBytes();
        assertThat(most).as("input kept, above the limit by what was under way").isBetween(1, 32 * 1024 + underWay);
    }

    @Test
    @DisplayName("what is beyond a turn's budget is received though nothing more arrives")
    void beyondTheBudget() throws Exception {
        serve(options().turnBytes(4 * 1024), (c, t) -> {
            AtomicLong left = new AtomicLong(1 << 20);
            return new Actor(c, t).onReceived(in -> {
                left.addAndGet(-in.remaining());
                Actor.skip(in);
                if (left.get() == 0) {
                    Actor.write(c, "all");
                }
            });
        });
        assertThat(connect().send(Pattern.bytes(1 << 20)).read(3)).isEqualTo("all");
    }

    @Test
    @DisplayName("a lent buffer may be filled by others after the call: what was read is the session's own")
    void lentForTheCall() throws Exception {
        serve((c, t) -> {
            StringBuilder read = new StringBuilder();
            return new Actor(c, t).onReceived(in -> read.append(Actor.text(in))).onEnded(() -> {
                Actor.write(c, read.toString());
                c.end();
            });
        });
        TestClient first = connect();
        TestClient second = connect();
        for (int i = 0; i < 20; i++) {
            first.send("a");
            second.send("b");
        }
        assertThat(first.end().rest().text()).isEqualTo("a".repeat(20));
        assertThat(second.end().rest().text()).isEqualTo("b".repeat(20));
    }

    @Test
    @DisplayName("what is behind urgent data is received, though a receive ends at its mark")
    void urgent() throws Exception {
        serve(Actor::echo);
        TestClient client = connect();
        for (int i = 0; i < 20; i++) { // so that some of them arrive whole before they are received
            client.send("before").sendUrgent('!').send("behind");
            assertThat(client.read(12)).isEqualTo("beforebehind");
        }
        assertThat(connect().sendUrgent('!').ask("after")).isEqualTo("after");
    }
}
