package dev.sluice.style;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.Connection;
import dev.sluice.Session;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.MethodSource;

@Timeout(30)
@ParameterizedClass
@MethodSource("dev.sluice.style.StyleServer#models")
record DomainTasksTest(String model) {
    /** Its connection takes it, and is over before it has run. */
    @Test
    void aTaskThatMustRunOutlivesItsConnection() throws Exception {
        AtomicReference<StyleServer> here = new AtomicReference<>();
        try (StyleServer server = new StyleServer(model, connection -> new Ending(connection, here));
                Socket client = server.connect()) {
            here.set(server);
            StyleServer.send(client, "x");
            assertThat(server.next()).isEqualTo("ran");
        }
    }

    private record Ending(Connection connection, AtomicReference<StyleServer> here) implements Session {
        @Override
        public void received(ByteBuffer input) {
            input.position(input.limit());
            DomainTasks.enter(connection, () -> here.get().said.add("ran"));
            connection.abort();
        }

        @Override
        public void ended() {
            connection.end();
        }
    }
}
