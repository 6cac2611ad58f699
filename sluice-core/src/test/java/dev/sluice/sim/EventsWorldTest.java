package dev.sluice.sim;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.Connection;
import dev.sluice.Server;
import dev.sluice.Session;
import dev.sluice.events.Command;
import dev.sluice.events.DatagramOptions;
import dev.sluice.events.Events;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What a world has of events: tasks; and what it refuses, with a reason. */
class EventsWorldTest {
    private final List<String> refused = new ArrayList<>();

    private final class Asking implements Session {
        private final Connection connection;

        Asking(Connection connection) {
            this.connection = connection;
        }

        @Override
        public void opened() {
            Events events = connection.events();
            attempt(() -> events.onSignal("HUP", count -> {}));
            attempt(() -> events.processes().spawn(Command.of("true"), exit -> {}));
            attempt(() -> events.standardInput(bytes -> {}));
            attempt(() -> events.fileChanges(change -> {}));
            attempt(() -> events.datagrams(
                    DatagramOptions.on(new InetSocketAddress("127.0.0.1", 0)), (bytes, from, cut) -> {}));
            events.execute(() -> connection.write(ByteBuffer.wrap("task".getBytes())));
        }

        private void attempt(Runnable opening) {
            try {
                opening.run();
            } catch (UnsupportedOperationException e) {
                refused.add(e.getMessage());
            }
        }

        @Override
        public void received(ByteBuffer input) {
            input.position(input.limit());
        }

        @Override
        public void ended() {
            connection.end();
        }
    }

    @Test
    void tasksRunAndTheMachinesSourcesAreRefused() {
        try (World world = World.builder(1).faults(Faults.none()).build()) {
            Server server = world.host("server").serve(Server.builder(Asking::new), 7);
            world.host("client").connect(server.address()).expect("task").end().expectEnd();
            world.run();
        }
        assertThat(refused).hasSize(5).allSatisfy(why -> assertThat(why).contains("docs/simulation.md"));
    }
}
