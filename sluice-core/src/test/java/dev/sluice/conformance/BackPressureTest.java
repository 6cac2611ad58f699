package dev.sluice.conformance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.security.MessageDigest;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

@OnEveryModel
@DisplayName("Back-pressure")
class BackPressureTest extends Conformance {
    private static final int HIGH = 32 * 1024;
    private static final int STEP = 8 * 1024;
    private static final int SIZE = 16 << 20;

    @Test
    @DisplayName("with a slow reader queued output stays bounded and no byte is lost")
    void slowReader() throws Exception {
        serve(options().outputMarks(8 * 1024, HIGH), (c, t) -> new BytesOutTest.Blast(c, t, SIZE, STEP));
        TestClient client = connectNarrow();
        MessageDigest digest = Pattern.sha256();
        byte[] some = new byte[8 * 1024];
        long pauses = 40;
        for (int n = client.read(some); n >= 0; n = client.read(some)) {
            digest.update(some, 0, n);
            if (pauses-- > 0) {
                Await.pass(2);
            }
        }
        assertThat(Pattern.hex(digest)).isEqualTo(Pattern.digestOf(SIZE));
        assertThat(Long.parseLong(witness.awaitRest("most "))).isLessThanOrEqualTo(HIGH + STEP);
    }

    @Test
    @DisplayName("drained follows once for each time that write returned false")
    void drainedOncePerCrossing() throws Exception {
        serve(options().outputMarks(8 * 1024, HIGH), (c, t) -> new BytesOutTest.Blast(c, t, SIZE, STEP));
        assertThat(connectNarrow().digest()).isEqualTo(Pattern.digestOf(SIZE));
        String[] counts = witness.awaitRest("stops ").split(" drains ");
        assertThat(Integer.parseInt(counts[0])).isPositive().isEqualTo(Integer.parseInt(counts[1]));
    }

    @Test
    @DisplayName("drained is not told where no write returned false")
    void notDrainedForNothing() throws Exception {
        serve((c, t) ->
                new Actor(c, t).onCommand(name -> Actor.write(c, "answer")).onDrained(() -> t.say("drained")));
        TestClient client = connect();
        for (int i = 0; i < 20; i++) {
            assertThat(client.send("x").read(6)).isEqualTo("answer");
        }
        client.end().rest();
        witness.await("closed END");
        assertThat(witness.lines()).containsExactly("closed END");
    }

    @Test
    @DisplayName("above the high-water mark no input is offered, and all of it below the low one")
    void noInputAboveHighWater() throws Exception {
        serve(options().outputMarks(8 * 1024, HIGH), (c, t) -> {
            boolean[] full = {false};
            int[] sent = {0};
            return new Actor(c, t)
                    .onCommand(name -> {
                        if (full[0]) {
                            t.say("offered above high water");
                        }
                    })
                    .onOpened(() -> {
                        c.write(Pattern.bytes(8 << 20), 0, 8 << 20);
                        full[0] = true;
                        t.say("full");
                    })
                    .onDrained(() -> {
                        full[0] = false;
                        t.say("drained");
                    })
                    .onEnded(() -> {
                        t.say("ended");
                        c.end();
                    });
        });
        TestClient client = connectNarrow();
        witness.await("full");
        client.send("abcdef").end();
        Await.pass(40, () -> witness.lines().size() > 1);
        assertThat(client.digest()).isEqualTo(Pattern.digestOf(8 << 20));
        witness.await("closed END");
        assertThat(witness.lines()).containsExactly("full", "drained", "ended", "closed END");
    }

    @Test
    @DisplayName("a session that reads independently is offered input above the high-water mark, and the end")
    void independentInput() throws Exception {
        serve(
                options().outputMarks(8 * 1024, HIGH),
                (c, t) -> new Actor(c, t)
                        .onOpened(() -> {
                            c.readIndependently();
                            c.write(Pattern.bytes(8 << 20), 0, 8 << 20);
                        })
                        .onReceived(in -> t.say("offered " + Actor.text(in)))
                        .onEnded(() -> {
                            t.say("ended");
                            c.end();
                        }));
        TestClient client = connectNarrow().send("abcdef");
        witness.await("offered abcdef");
        client.end();
        witness.await("ended");
        assertThat(client.digest()).isEqualTo(Pattern.digestOf(8 << 20));
        witness.await("closed END");
    }

    @Test
    @DisplayName("what was kept above the high-water mark is offered to a session that begins to read independently")
    void independentLater() throws Exception {
        serve(
                options().outputMarks(8 * 1024, HIGH),
                (c, t) -> new Actor(c, t)
                        .onOpened(() -> {
                            c.write(Pattern.bytes(8 << 20), 0, 8 << 20);
                            c.after(50_000_000, c::readIndependently);
                        })
                        .onReceived(in -> t.say("offered " + Actor.text(in))));
        TestClient client = connectNarrow().send("abcdef");
        witness.await("offered abcdef");
        assertThat(client.end().digest()).isEqualTo(Pattern.digestOf(8 << 20));
    }

    @Test
    @DisplayName("input kept above the high-water mark is offered after drained")
    void keptInputAfterDrained() throws Exception {
        serve(
                options().outputMarks(8 * 1024, HIGH),
                (c, t) -> new Actor(c, t).onReceived(in -> {
                    if (in.get() == 'b') {
                        c.write(Pattern.bytes(8 << 20), 0, 8 << 20);
                    } else {
                        Actor.write(c, "small");
                    }
                }));
        TestClient client = connectNarrow().send("bs");
        int big = 8 << 20;
        assertThat(client.readBytes(big)).isEqualTo(Pattern.bytes(big));
        assertThat(client.read(5)).isEqualTo("small");
    }

    @Test
    @DisplayName("at the output limit the connection is closed with OUTPUT_LIMIT")
    void outputLimit() throws Exception {
        serve(
                options().outputLimit(1 << 20),
                (c, t) -> new Actor(c, t).onReceived(in -> {
                    Actor.skip(in);
                    byte[] bytes = new byte[64 * 1024];
                    for (int i = 0; i < 32; i++) {
                        c.write(bytes, 0, bytes.length);
                    }
                    t.say("queued " + (c.queuedBytes() <= 1 << 20));
                }));
        TestClient client = connectNarrow().send("x");
        witness.await("closed OUTPUT_LIMIT");
        assertThat(witness.awaitRest("queued ")).isEqualTo("true");
        assertThat(client.rest().bytes().length).isLessThanOrEqualTo(1 << 20);
    }

    @Test
    @DisplayName("output that makes no progress for the write timeout closes the connection with TIMEOUT")
    void writeTimeout() throws Exception {
        serve(
                options().writeTimeout(Duration.ofMillis(120)),
                (c, t) -> new Actor(c, t).onOpened(() -> c.write(new byte[12 << 20], 0, 12 << 20)));
        TestClient client = connectNarrow();
        witness.await("closed TIMEOUT");
        assertThat(client.rest().bytes().length).isLessThan(12 << 20);
    }

    @Test
    @DisplayName("the write timeout spares output that makes progress, however slowly")
    void writeTimeoutSparesProgress() throws Exception {
        assumeTrue(Tier.now() != Tier.QUICK, "takes a second: not in tier quick");
        int size = 8 << 20;
        serve(
                options().writeTimeout(Duration.ofMillis(800)),
                (c, t) -> new Actor(c, t).onOpened(() -> {
                    c.write(Pattern.bytes(size), 0, size);
                    c.end();
                }));
        TestClient client = connectNarrow();
        MessageDigest digest = Pattern.sha256();
        for (int i = 0; i < 64; i++) {
            digest.update(client.readBytes(size / 64));
            Await.pass(13);
        }
        assertThat(client.read()).isEqualTo(-1);
        assertThat(Pattern.hex(digest)).isEqualTo(Pattern.digestOf(size));
        client.close();
        witness.await("closed END");
    }

    @Test
    @DisplayName("queuedBytes tells what the kernel has not taken, and is nothing in the end")
    void queuedBytes() throws Exception {
        int size = 8 << 20;
        serve((c, t) -> new Actor(c, t)
                .onOpened(() -> {
                    c.write(new byte[size], 0, size);
                    t.say("at once " + c.queuedBytes());
                })
                .onDrained(() -> {
                    t.say("drained " + (c.queuedBytes() <= 16 * 1024));
                    c.after(TimeUnit.MILLISECONDS.toNanos(20), () -> {
                        t.say("later " + c.queuedBytes());
                        c.end();
                    });
                }));
        TestClient client = connectNarrow();
        assertThat(Long.parseLong(witness.awaitRest("at once "))).isBetween(1L, (long) size);
        assertThat(client.rest().bytes()).hasSize(size);
        assertThat(witness.awaitRest("drained ")).isEqualTo("true");
        assertThat(witness.awaitRest("later ")).isEqualTo("0");
    }
}
