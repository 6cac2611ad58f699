package dev.sluice.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.Connection;
import dev.sluice.sim.Blocking;
import java.nio.ByteBuffer;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

@OnEveryModel
@DisplayName("Bytes out")
class BytesOutTest extends Conformance {
    /** Sends the pattern's first bytes as it may, says how much was queued at most and how it was drained, and ends. */
    static final class Blast extends Actor {
        private final int total;
        private final int step;
        private int sent;
        private long most;
        private int stops;
        private int drains;

        Blast(Connection connection, Trace trace, int total, int step) {
            super(connection, trace);
            this.total = total;
            this.step = step;
            onOpened(this::go);
            onDrained(() -> {
                drains++;
                go();
            });
        }

        private void go() {
            boolean more = true;
            while (more && sent < total) {
                byte[] bytes = Pattern.fill(new byte[Math.min(step, total - sent)], sent);
                sent += bytes.length;
                more = connection.write(bytes, 0, bytes.length);
                most = Math.max(most, connection.queuedBytes());
            }
            stops += more ? 0 : 1;
            if (sent == total && !more) {
                return; // drained comes once more
            }
            if (sent == total) {
                trace.say("most " + most);
                trace.say("stops " + stops + " drains " + drains);
                connection.end();
            }
        }
    }

    @Test
    @DisplayName("one byte at a time arrives in order")
    void oneByteAtATime() throws Exception {
        serve((c, t) -> {
            byte[] bytes = Pattern.bytes(500);
            int[] sent = {0};
            Runnable[] next = new Runnable[1];
            next[0] = () -> {
                c.write(bytes, sent[0]++, 1);
                if (sent[0] < bytes.length) {
                    c.execute(next[0]);
                } else {
                    c.end();
                }
            };
            return new Actor(c, t).onOpened(next[0]::run);
        });
        assertThat(connect().rest().bytes()).isEqualTo(Pattern.bytes(500));
    }

    @Test
    @DisplayName("a large stream arrives whole")
    void largeStream() throws Exception {
        int size = Tier.now().streamBytes;
        serve((c, t) -> new Blast(c, t, size, 24 * 1024));
        assertThat(connect().digest()).isEqualTo(Pattern.digestOf(size));
    }

    @Test
    @DisplayName("a large stream comes back whole while it is still being sent")
    void bothWaysAtOnce() throws Exception {
        serve(Actor::echo);
        int size = Tier.now().streamBytes;
        TestClient client = connect();
        Beside sender = beside(() -> client.send(Pattern.bytes(size)).end());
        assertThat(client.digest()).isEqualTo(Pattern.digestOf(size));
        sender.join();
        witness.await("closed END");
    }

    @Test
    @DisplayName("one write larger than the socket's buffer arrives whole")
    void oneLargeWrite() throws Exception {
        int size = 12 << 20;
        serve((c, t) -> new Actor(c, t).onOpened(() -> {
            c.write(Pattern.bytes(size), 0, size);
            c.end();
        }));
        assertThat(connect().digest()).isEqualTo(Pattern.digestOf(size));
    }

    @Test
    @DisplayName("write copies: the session's buffer may change at once")
    void writeCopies() throws Exception {
        serve((c, t) -> new Actor(c, t).onOpened(() -> {
            byte[] bytes = new byte[4];
            for (int i = 0; i < 10_000; i++) {
                Pattern.fill(bytes, 4L * i);
                c.write(ByteBuffer.wrap(bytes));
            }
            c.end();
        }));
        assertThat(connect().rest().bytes()).isEqualTo(Pattern.bytes(40_000));
    }

    @Test
    @DisplayName("write takes a buffer from position to limit, heap, direct or read-only, and a part of an array")
    void kindsOfBuffers() throws Exception {
        serve((c, t) -> new Actor(c, t).onOpened(() -> {
            byte[] bytes = "0123456789".getBytes(java.nio.charset.StandardCharsets.ISO_8859_1);
            c.write(ByteBuffer.wrap(bytes, 1, 2));
            c.write(ByteBuffer.allocateDirect(10).put(bytes).flip().position(3).limit(5));
            c.write(ByteBuffer.wrap(bytes).asReadOnlyBuffer().position(5).limit(7));
            c.write(bytes, 7, 3);
            c.write(ByteBuffer.allocate(0));
            c.end();
        }));
        assertThat(connect().rest().text()).isEqualTo("123456789");
    }

    @Test
    @DisplayName("many small writes of one callback leave together")
    void smallWritesLeaveTogether() throws Exception {
        serve((c, t) -> new Actor(c, t).onReceived(in -> {
            Actor.skip(in);
            for (int i = 0; i < 1_000; i++) {
                c.write(Pattern.fill(new byte[10], 10L * i), 0, 10);
            }
        }));
        TestClient client = connect().send("x");
        byte[] some = new byte[64 * 1024];
        int reads = 0;
        int bytes = 0;
        while (bytes < 10_000) {
            bytes += client.read(some);
            reads++;
        }
        assertThat(bytes).isEqualTo(10_000);
        int full = Blocking.inWorld() ? 10_000 / Blocking.segmentBytes() : 0; // loopback's carry 64 KiB
        assertThat(reads).as("segments").isLessThanOrEqualTo(full + 4);
    }

    @Test
    @DisplayName("what is written outside a callback of input is sent as well")
    void writeFromATask() throws Exception {
        serve((c, t) -> new Actor(c, t)
                .onOpened(() -> c.after(TimeUnit.MILLISECONDS.toNanos(5), () -> Actor.write(c, "unasked"))));
        assertThat(connect().read(7)).isEqualTo("unasked");
    }

    @Test
    @DisplayName("answers to pipelined requests keep their order")
    void pipelined() throws Exception {
        serve(Actor::echo);
        StringBuilder all = new StringBuilder();
        for (int i = 0; i < 1_000; i++) {
            all.append("request ").append(i).append(';');
        }
        assertThat(connect().ask(all.toString())).isEqualTo(all.toString());
    }
}
