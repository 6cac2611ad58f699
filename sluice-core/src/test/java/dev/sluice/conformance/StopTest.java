package dev.sluice.conformance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.sluice.Model.Ability;
import dev.sluice.Server;
import dev.sluice.sim.Strand;
import java.io.IOException;
import java.net.ConnectException;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

@OnEveryModel
@DisplayName("Stopping")
class StopTest extends Conformance {
    private static final int ANSWER_BYTES = 20_000;
    private static final Set<Thread.State> WAITS = EnumSet.of(Thread.State.WAITING, Thread.State.TIMED_WAITING);

    /** A client that asks until the end, which must come between two answers. */
    private static final class Asking implements Strand.Body {
        private final InetSocketAddress address;
        private final AtomicInteger served;
        private final List<String> failures;

        Asking(InetSocketAddress address, AtomicInteger served, List<String> failures) {
            this.address = address;
            this.served = served;
            this.failures = failures;
        }

        @Override
        public void run() {
            int got = 0;
            try (TestClient client = TestClient.connect(address)) {
                byte[] some = new byte[ANSWER_BYTES];
                for (int answers = 0; true; answers++) {
                    if (answers == 20) {
                        served.incrementAndGet();
                    }
                    client.send("?");
                    got = 0;
                    while (got < ANSWER_BYTES) {
                        int n = client.read(some);
                        if (n < 0) {
                            if (got > 0) {
                                failures.add("cut after " + got + " bytes of an answer");
                            }
                            return;
                        }
                        got += n;
                    }
                }
            } catch (IOException e) {
                failures.add("after " + got + " bytes of an answer: " + e);
            }
        }
    }

    @Test
    @DisplayName("stop under load cuts nothing: every client sees whole answers and then the end")
    void underLoad() throws Exception {
        serveAlone(
                options().processes(4, 4),
                (c, t) -> new Actor(c, t)
                        .onCommand(name -> c.write(new byte[ANSWER_BYTES], 0, ANSWER_BYTES))
                        .onStopping(c::end));
        AtomicInteger served = new AtomicInteger();
        List<String> failures = java.util.Collections.synchronizedList(new ArrayList<>());
        List<Beside> clients = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
            clients.add(beside(new Asking((InetSocketAddress) server().address(), served, failures)));
        }
        Await.until(() -> "answers to all; failures: " + failures, () -> served.get() == 4);
        assertThat(stop(Duration.ofSeconds(10))).as("connections cut").isZero();
        clients.forEach(Beside::join);
        assertThat(failures).isEmpty();
    }

    @Test
    @DisplayName("every session is told once that the server is draining")
    void stoppingIsTold() throws Exception {
        serveAlone(
                options(),
                (c, t) -> Actor.echo(c, t).onStopping(() -> {
                    t.say("stopping");
                    Actor.write(c, "bye");
                    c.close();
                }));
        TestClient first = connect();
        TestClient second = connect();
        first.ask("x");
        second.ask("x");
        Beside reading = beside(() -> {
            assertThat(first.rest().text()).isEqualTo("bye");
            assertThat(second.rest().text()).isEqualTo("bye");
            first.close();
            second.close();
        });
        assertThat(stop(Duration.ofSeconds(10))).isZero();
        reading.join();
        witness.await("stopping", 2);
        witness.await("closed LOCAL", 2);
        assertThat(witness.lines()).hasSize(4);
    }

    @Test
    @DisplayName("a connection that overstays the drain is cut with STOPPED, and counted")
    void overstaying() throws Exception {
        serveAlone(options(), Actor::echo);
        TestClient client = connect();
        client.ask("x");
        long began = Await.nanoTime();
        assertThat(stop(Duration.ofMillis(100))).isEqualTo(1);
        assertThat(Await.nanoTime() - began).isGreaterThan(TimeUnit.MILLISECONDS.toNanos(90));
        assertThat(client.isOver()).isTrue();
        witness.await("closed STOPPED");
        assertThat(witness.lines()).containsExactly("closed STOPPED");
    }

    @Test
    @DisplayName("a connection with output queued that ends within the drain is not cut")
    void queuedOutputIsDrained() throws Exception {
        int size = 8 << 20;
        serveAlone(
                options(),
                (c, t) -> new Actor(c, t)
                        .onOpened(() -> {
                            c.write(Pattern.bytes(size), 0, size);
                            t.say("queued");
                        })
                        .onStopping(c::close));
        TestClient client = connectNarrow();
        witness.await("queued");
        Beside reading = beside(() -> {
            assertThat(client.digest()).isEqualTo(Pattern.digestOf(size));
            client.close();
        });
        assertThat(stop(Duration.ofSeconds(10))).isZero();
        reading.join();
    }

    @Test
    @Needs(Ability.ONE_PROCESS)
    @DisplayName("who waits in the listener's queue when it is closed is served, not reset")
    void whoWaitsInTheQueue() throws Exception {
        assumeTrue(beneath == null, "a world's loops have no thread to be held");
        Held.begin();
        Server server = serveAlone(
                options(),
                (c, t) -> new Actor(c, t).onCommand(name -> {
                    if (name == '!') {
                        Held.hold();
                    }
                    c.write(new byte[] {(byte) name}, 0, 1);
                }));
        TestClient served = connect().send("!");
        Await.until("a session that holds its thread", Held::isHolding);
        TestClient first = connect().send("1");
        TestClient second = connect().send("2");
        FutureTask<Long> stop = new FutureTask<>(() -> server.stop(Duration.ofSeconds(10)));
        Thread stopping = Thread.ofPlatform().start(stop);
        Await.until("stop to wait for the loop", () -> WAITS.contains(stopping.getState()));
        Held.release();
        assertThat(served.read(1)).isEqualTo("!");
        assertThat(first.read(1)).isEqualTo("1");
        assertThat(second.read(1)).isEqualTo("2");
        served.close();
        first.close();
        second.close();
        assertThat(stop.get()).as("connections cut").isZero();
    }

    @Test
    @DisplayName("stopping at once cuts open connections, and gives descriptors and threads back")
    void atOnce() throws Exception {
        serve(Actor::echo);
        connect().ask("first"); // what the first use of a class opens stays open: archives
        stop(Duration.ZERO);
        Set<Long> threads = Census.threads();
        long descriptors = Census.descriptorsOfThisProcess();
        serveAlone(options(), Actor::echo);
        try (TestClient idle = TestClient.connect((InetSocketAddress) server().address());
                TestClient paused = TestClient.connect((InetSocketAddress) server().address())) {
            idle.ask("x");
            paused.ask("x");
            long began = Await.nanoTime();
            assertThat(stop(Duration.ZERO)).isEqualTo(2);
            assertThat(Await.nanoTime() - began).isLessThan(TimeUnit.SECONDS.toNanos(4));
            assertThat(idle.isOver()).isTrue();
            assertThat(paused.isOver()).isTrue();
        }
        witness.await("closed STOPPED", 2);
        Await.until(
                () -> "the end of " + Census.runtimeThreadsBeyond(threads),
                () -> Census.runtimeThreadsBeyond(threads).isEmpty());
        Await.until(
                () -> descriptors + " descriptors; there are " + Census.descriptorsOfThisProcess(),
                () -> Census.descriptorsOfThisProcess() <= descriptors);
    }

    @Test
    @DisplayName("after stop nobody is accepted, and the port is free for another server")
    void portIsFree() throws Exception {
        Server first = serveAlone(options(), Actor::echo);
        InetSocketAddress address = (InetSocketAddress) first.address();
        stop(Duration.ZERO);
        assertThatThrownBy(() -> TestClient.connect(address)).isInstanceOf(ConnectException.class);
        serve(address, options(), Actor::echo);
        assertThat(connect().ask("again")).isEqualTo("again");
    }

    @Test
    @DisplayName("stopping twice does nothing")
    void twice() throws Exception {
        serveAlone(options(), Actor::echo);
        stop(Duration.ZERO);
        assertThat(stop(Duration.ofSeconds(5))).isZero();
        server().close();
    }
}
