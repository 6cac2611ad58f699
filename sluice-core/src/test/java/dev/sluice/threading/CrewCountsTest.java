package dev.sluice.threading;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.Connection;
import dev.sluice.Server;
import dev.sluice.Session;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The sums of a server whose connections have a domain each. */
@Timeout(60)
class CrewCountsTest {
    private static final int CONNECTIONS = 2_000;

    /** Takes what comes, and ends when the client does. */
    private record Sink(Connection connection) implements Session {
        @Override
        public void received(ByteBuffer input) {
            input.position(input.limit());
        }

        @Override
        public void ended() {
            connection.close();
        }
    }

    @Test
    void sumsNeverRunBackwardsWhileConnectionsEnd() throws Exception {
        AtomicBoolean over = new AtomicBoolean();
        AtomicBoolean backwards = new AtomicBoolean();
        try (Server server = Server.builder(Sink::new)
                .model("threads")
                .listen(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))
                .start()) {
            Thread reader = Thread.ofPlatform().start(() -> {
                long last = 0;
                while (!over.get()) {
                    long now = server.stats().systemCalls();
                    if (now < last) {
                        backwards.set(true);
                    }
                    last = now;
                }
            });
            for (int i = 0; i < CONNECTIONS; i++) {
                try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), server.port())) {
                    socket.getOutputStream().write(1);
                }
            }
            over.set(true);
            reader.join();
        }
        assertThat(backwards).isFalse();
    }
}
