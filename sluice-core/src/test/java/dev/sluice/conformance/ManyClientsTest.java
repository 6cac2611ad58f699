package dev.sluice.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.Connection;
import dev.sluice.Server;
import dev.sluice.Session;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The program itself: that it succeeds against an echo, and can fail. */
@Timeout(120)
class ManyClientsTest {
    private record Echo(Connection connection) implements Session {
        @Override
        public void received(ByteBuffer input) {
            connection.write(input);
        }

        @Override
        public void ended() {
            connection.end();
        }
    }

    /** Lies in its second answer. */
    private static final class Liar implements Session {
        private final Connection connection;
        private int answers;

        private Liar(Connection connection) {
            this.connection = connection;
        }

        @Override
        public void received(ByteBuffer input) {
            ByteBuffer answer =
                    ByteBuffer.allocate(input.remaining()).put(input).flip();
            if (++answers == 2) {
                answer.put(0, (byte) '!');
            }
            connection.write(answer);
        }

        @Override
        public void ended() {
            connection.end();
        }
    }

    private static String readLine(Process process) throws IOException {
        StringBuilder line = new StringBuilder();
        int c = process.getInputStream().read();
        while (c >= 0 && c != '\n') {
            line.append((char) c);
            c = process.getInputStream().read();
        }
        return line.toString();
    }

    private static void goOn(Process process) throws IOException {
        process.getOutputStream().write("go\n".getBytes(StandardCharsets.US_ASCII));
        process.getOutputStream().flush();
    }

    private static int exitStatus(Process process) throws InterruptedException {
        assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
        return process.exitValue();
    }

    @Test
    void holds_its_clients_and_echoes_twice() throws Exception {
        try (Server server = Server.builder(Echo::new).model("nio").start()) {
            Process clients = ManyClients.start(server.port(), 300, 30);
            try {
                assertThat(readLine(clients)).isEqualTo("held 300");
                assertThat(server.stats().open()).isEqualTo(300);
                goOn(clients);
                assertThat(readLine(clients)).isEqualTo("done 300 errors 0");
                assertThat(exitStatus(clients)).isZero();
            } finally {
                clients.destroy();
            }
            server.stop(Duration.ofSeconds(10));
        }
    }

    @Test
    void tells_of_a_wrong_echo() throws Exception {
        try (Server server = Server.builder(Liar::new).model("nio").start()) {
            Process clients = ManyClients.start(server.port(), 5, 30);
            try {
                assertThat(readLine(clients)).isEqualTo("held 5");
                goOn(clients);
                assertThat(readLine(clients)).isEqualTo("done 0 errors 5");
                assertThat(exitStatus(clients)).isEqualTo(1);
            } finally {
                clients.destroy();
            }
        }
    }

    @Test
    void ends_when_the_test_is_gone() throws Exception {
        try (Server server = Server.builder(Echo::new).model("nio").start()) {
            Process clients = ManyClients.start(server.port(), 5, 30);
            try {
                assertThat(readLine(clients)).isEqualTo("held 5");
                clients.getOutputStream().close();
                assertThat(exitStatus(clients)).isEqualTo(3);
            } finally {
                clients.destroy();
            }
        }
    }
}
