package dev.sluice.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.Connection;
import dev.sluice.Family;
import dev.sluice.Model.Ability;
import dev.sluice.Priority;
import dev.sluice.Session;
import dev.sluice.sim.Blocking;
import java.io.IOException;
import java.util.Arrays;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

@OnEveryModel
@DisplayName("Fairness")
class FairnessTest extends Conformance {
    private static final int PINGS = 40;
    private static final int FEW_PINGS = 5;
    private static final int MANY = 16;

    private void pingsAreAnswered(TestClient client) throws IOException {
        long longest = 0;
        for (int i = 0; i < PINGS; i++) {
            long asked = Await.nanoTime();
            assertThat(client.ask("ping")).isEqualTo("ping");
            longest = Math.max(longest, Await.nanoTime() - asked);
        }
        assertThat(longest).as("longest wait of a ping, ns").isLessThan(TimeUnit.SECONDS.toNanos(2));
    }

    @Test
    @DisplayName("a connection that floods its input does not starve another")
    void floodOfInput() throws Exception {
        serve(Actor::echo);
        TestClient flooding = connect();
        TestClient other = connect();
        other.ask("before");
        AtomicBoolean over = new AtomicBoolean();
        AtomicLong flooded = new AtomicLong();
        Beside writer = beside(() -> {
            byte[] some = new byte[64 * 1024];
            while (!over.get()) {
                flooding.send(some);
                flooded.addAndGet(some.length);
            }
            flooding.end();
        });
        Beside reader = beside(flooding::discard);
        pingsAreAnswered(other);
        Await.until("a flood of 1 MiB", () -> flooded.get() > 1 << 20);
        over.set(true);
        writer.join();
        reader.join();
    }

    @Test
    @DisplayName("a connection whose output never ends does not starve another")
    void floodOfOutput() throws Exception {
        serve((c, t) -> Actor.echo(c, t).onCommand(name -> {
            if (name == '!') {
                c.execute(new Flood(c));
            } else {
                c.write(new byte[] {(byte) name}, 0, 1);
            }
        }));
        TestClient flooded = connect().send("!");
        TestClient other = connect();
        AtomicLong received = new AtomicLong();
        Beside reader = beside(() -> {
            byte[] some = new byte[64 * 1024];
            try {
                for (int n = flooded.read(some); n >= 0; n = flooded.read(some)) {
                    received.addAndGet(n);
                }
            } catch (IOException closed) {
                return; // by the test, at its end
            }
        });
        pingsAreAnswered(other);
        Await.until("a flood of 1 MiB", () -> received.get() > 1 << 20);
        flooded.close();
        reader.join();
    }

    /** Writes whenever it may, from one task to the next. */
    record Flood(Connection connection) implements Runnable {
        @Override
        public void run() {
            if (connection.queuedBytes() < 32 * 1024) {
                connection.write(new byte[16 * 1024], 0, 16 * 1024);
            }
            connection.execute(this);
        }
    }

    @Test
    @DisplayName("a session that leaves all unread and resumes for ever does not starve another")
    void resumingForEver() throws Exception {
        serve((c, t) -> new Actor(c, t).onReceived(in -> {
            if (in.get(in.position()) == '!') {
                c.resumeReading();
            } else {
                c.write(in);
            }
        }));
        connect().send("!");
        pingsAreAnswered(connect());
    }

    @Test
    @DisplayName("connections that are all busy are all served")
    void allBusy() throws Exception {
        serve(options().turnBytes(16 * 1024), BytesInTest.Digest::new);
        TestClient[] clients = new TestClient[4];
        Beside[] senders = new Beside[clients.length];
        int size = 1 << 20;
        for (int i = 0; i < clients.length; i++) {
            TestClient client = connect();
            clients[i] = client;
            senders[i] = beside(() -> client.send(Pattern.bytes(size)).end());
        }
        String digest = Pattern.digestOf(size);
        for (int i = 0; i < clients.length; i++) {
            assertThat(clients[i].rest().text()).isEqualTo(digest);
            senders[i].join();
        }
    }

    @Test
    @DisplayName("a session that takes its time over each of many messages, a few a turn, does not starve another")
    void aFewATurn() throws Exception {
        serve((c, t) -> new Actor(c, t).onReceived(in -> {
            if (in.get(in.position()) != 'm') {
                c.write(in);
                return;
            }
            for (int n = 0; n < 8 && in.hasRemaining(); n++) {
                in.get();
                work();
            }
            if (in.hasRemaining()) {
                c.resumeReading();
            }
        }));
        TestClient flooding = connect().send("m".repeat(4_000));
        pingsAreAnswered(connect());
        flooding.close();
    }

    /** A tenth of a millisecond of it; in a world no time passes in a callback. */
    private static void work() {
        if (!Blocking.inWorld()) {
            long end = System.nanoTime() + TimeUnit.MICROSECONDS.toNanos(100);
            while (System.nanoTime() - end < 0) {
                Thread.onSpinWait();
            }
        }
    }

    /** Of the process that the play runs in. */
    private static final AtomicInteger LOW_CALLS = new AtomicInteger();

    /** A service that tells how many turns low ones had; LOW are those that never come to an end, HIGH is the one that pings. */
    private static Session ofClasses(Connection c, Trace t) {
        return new Actor(c, t).onReceived(in -> {
            if (in.get(in.position()) == '!') {
                c.priority(Priority.LOW);
                LOW_CALLS.incrementAndGet();
                work();
                work();
                c.resumeReading();
            } else {
                in.position(in.limit());
                c.priority(Priority.HIGH);
                Actor.write(c, String.format("%08d", LOW_CALLS.get()));
            }
        });
    }

    @Test
    @Needs(Ability.ONE_PROCESS)
    @DisplayName("a connection of a high class is answered before the many of a low one have had their turns")
    void highBeforeLow() throws Exception {
        serve(FairnessTest::ofClasses);
        for (int i = 0; i < MANY; i++) {
            connect().send("!");
        }
        // Threads take their turns by themselves: there only that the high one is answered can be seen, and each answer
        // takes long.
        boolean ordered = beneath == null && model.family() != Family.BLOCKING;
        TestClient high = connect();
        long[] lowBetween = new long[ordered ? PINGS : FEW_PINGS];
        long before = Long.parseLong(high.send("p").read(8));
        for (int i = 0; i < lowBetween.length; i++) {
            long now = Long.parseLong(high.send("p").read(8));
            lowBetween[i] = now - before;
            before = now;
        }
        assertThat(before).as("turns of the low ones").isPositive();
        if (ordered) {
            Arrays.sort(lowBetween);
            assertThat(lowBetween[PINGS / 2])
                    .as("turns of low ones between two answers")
                    .isLessThan(MANY / 2);
        }
    }

    @Test
    @DisplayName("connections of a high class that never come to an end leave a low one its part")
    void lowIsNotStarved() throws Exception {
        serve((c, t) -> new Actor(c, t).onReceived(in -> {
            if (in.get(in.position()) == '!') {
                c.priority(Priority.HIGH);
                c.resumeReading();
            } else {
                c.priority(Priority.LOW);
                c.write(in);
            }
        }));
        connect().send("!");
        connect().send("!");
        pingsAreAnswered(connect());
    }
}
