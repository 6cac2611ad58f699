package dev.sluice.style;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.Connection;
import dev.sluice.Session;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.MethodSource;

/** A thread that begins in a connection's domain and leaves it where it waits. */
@Timeout(30)
@ParameterizedClass
@MethodSource("dev.sluice.style.StyleServer#models")
class HandOffTest {
    private static final int SECONDS = 15;

    private final String model;
    private final CountDownLatch gate = new CountDownLatch(1);
    private final CountDownLatch through = new CountDownLatch(1);

    HandOffTest(String model) {
        this.model = model;
    }

    /** Where callbacks are on virtual threads already, the JDK's scheduler has it from the start. */
    private void assumeItBeginsInside() {
        Assumptions.assumeFalse(model.equals("virtual"));
    }

    private StyleServer[] serve() {
        StyleServer[] server = new StyleServer[1];
        server[0] = new StyleServer(model, connection -> new Handing(connection, () -> server[0].said));
        return server;
    }

    @Test
    void whatNeedNotWaitIsDoneInTheDomainsNextTask() throws Exception {
        assumeItBeginsInside();
        try (StyleServer server = serve()[0];
                Socket client = server.connect()) {
            StyleServer.send(client, "q");
            assertThat(server.next()).isEqualTo("done");
            assertThat(server.next()).isEqualTo("held");
            assertThat(server.next()).isEqualTo("the next task");
        }
    }

    @Test
    void whatWaitsLeavesTheDomainAndGoesOnThoughThatIsHeld() throws Exception {
        assumeItBeginsInside();
        try (StyleServer server = serve()[0];
                Socket client = server.connect()) {
            StyleServer.send(client, "w");
            assertThat(server.next()).isEqualTo("waits");
            assertThat(server.next()).isEqualTo("held");
            assertThat(server.next()).isEqualTo("the next task");
            StyleServer.send(client, "o");
            assertThat(server.next()).isEqualTo("went on");
            assertThat(server.next()).isEqualTo("opened in time");
        }
    }

    @Test
    void itRunsThoughItsConnectionIsOver() throws Exception {
        try (StyleServer server = serve()[0];
                Socket client = server.connect()) {
            StyleServer.send(client, "a");
            assertThat(server.next()).isEqualTo("done");
        }
    }

    /** What a test reads of a server, once there is one. */
    private interface Said {
        BlockingQueue<String> lines();
    }

    private final class Handing implements Session {
        private final Connection connection;
        private final Said said;

        Handing(Connection connection, Said said) {
            this.connection = connection;
            this.said = said;
        }

        private void say(String line) {
            said.lines().add(line);
        }

        @Override
        public void received(ByteBuffer input) throws Exception {
            switch (input.get()) {
                case 'q' -> handOff(() -> say("done"));
                case 'w' ->
                    handOff(() -> {
                        say("waits");
                        if (await(gate)) {
                            say("went on");
                            through.countDown();
                        }
                    });
                case 'o' -> {
                    gate.countDown();
                    say(await(through) ? "opened in time" : "waited in vain");
                }
                default -> {
                    handOff(() -> say("done"));
                    connection.abort();
                }
            }
        }

        private void handOff(Runnable task) {
            HandOff.start(connection, "errand", task, nanos -> say(nanos >= 0 ? "held" : "held for " + nanos));
            connection.execute(() -> say("the next task"));
        }

        private static boolean await(CountDownLatch latch) {
            try {
                return latch.await(SECONDS, TimeUnit.SECONDS);
            } catch (InterruptedException e) {
                return false;
            }
        }

        @Override
        public void ended() {
            connection.end();
        }
    }
}
