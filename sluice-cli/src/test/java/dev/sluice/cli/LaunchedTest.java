package dev.sluice.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledIfEnvironmentVariable;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** {@code ./sluice} as it was built, with its flags and its start-up cache: what goes from one JVM to those that it starts. */
@Timeout(60)
@EnabledOnOs(OS.LINUX) // several processes
@EnabledIfEnvironmentVariable(
        named = "SLUICE_BUILT",
        matches = "yes",
        disabledReason = "in ./check only, which builds what ./sluice starts")
class LaunchedTest {
    @ParameterizedTest
    @Tag("slow")
    @CsvSource({"epoll, 2", "io_uring, 2", "threads, 2", "prefork, 1"})
    void startsItsProcessesWithoutAWord(String model, int processes) throws Exception {
        try (SluiceProcess server =
                SluiceProcess.launch(List.of(), "echo", "--port=0", "--model=" + model, "--processes=" + processes)) {
            int port = server.port();
            try (SluiceProcess load = SluiceProcess.launch(
                    List.of(),
                    "load",
                    "tcp://127.0.0.1:" + port,
                    "--connections=2",
                    "--duration=100ms",
                    "--warmup=0")) {
                assertThat(load.status()).as(load.errors()).isZero();
            }
            assertThat(server.errors()).isEmpty();
            server.terminate();
            assertThat(server.status()).isZero();
        }
    }

    @Test
    void furtherProcessesOfTheGeneratorStart() throws IOException, InterruptedException {
        List<String> limited = List.of("sh", "-c", "ulimit -n 400; exec \"$@\"", "sh");
        try (SluiceProcess server = SluiceProcess.launch(List.of(), "echo", "--port=0", "--model=epoll");
                SluiceProcess load = SluiceProcess.launch(
                        limited,
                        "load",
                        "tcp://127.0.0.1:" + server.port(),
                        "--connections=0",
                        "--idle=500",
                        "--duration=100ms",
                        "--warmup=0")) {
            assertThat(load.status()).as(load.errors()).isZero();
        }
    }

    /** What is left of a server without its loop or acceptor would listen, and never answer. */
    @ParameterizedTest
    @Tag("slow")
    @ValueSource(strings = {"threads", "epoll"})
    void endsWhenItsHeapIsFull(String model) throws Exception {
        List<String> small = List.of("env", "SLUICE_JAVA_OPTS=-Xmx24m -Xmn4m");
        List<Socket> clients = new ArrayList<>();
        try (SluiceProcess server = SluiceProcess.launch(small, "serve", "--reflect", "--port=0", "--model=" + model)) {
            int port = server.port();
            byte[] most = ("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 65000\r\n\r\n" + "x".repeat(60_000))
                    .getBytes(StandardCharsets.US_ASCII);
            while (clients.size() < 1000 && !server.endsWithin(Duration.ZERO)) {
                try {
                    Socket client = new Socket("127.0.0.1", port);
                    clients.add(client);
                    client.getOutputStream().write(most);
                } catch (IOException ended) {
                    assertThat(server.status()).isEqualTo(3);
                }
            }
            assertThat(server.status()).as(server.errors()).isEqualTo(3);
        } finally {
            for (Socket client : clients) {
                client.close();
            }
        }
    }
}
