package dev.sluice.threading;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.sluice.Echo;
import dev.sluice.Models;
import dev.sluice.Options;
import dev.sluice.Server;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What the linker generates for a start: code for each kind of call takes it milliseconds, so a loop's start makes do with two. */
@Timeout(60)
class StartLinksTest {
    /** Serves one request, and ends. */
    static final class Main {
        private Main() {}

        public static void main(String[] args) throws IOException {
            try (Server server = Server.builder(Echo::new)
                            .listen(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))
                            .model(args[0])
                            .options(Options.builder().loops(1).build())
                            .start();
                    Socket client = new Socket(InetAddress.getLoopbackAddress(), server.port())) {
                client.getOutputStream().write('x');
                System.out.println("answered " + (char) client.getInputStream().read());
            }
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"epoll", "epoll-et", "poll", "select", "busy-poll", "io_uring", "virtual"})
    @EnabledOnOs(value = OS.LINUX, architectures = "amd64")
    void noCallIsLinkedBesideTheStub(String model) throws IOException {
        var availability = Models.find(model).orElseThrow().availability();
        assumeTrue(availability.available(), availability.reason());
        Process process = new ProcessBuilder(List.of(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "--enable-native-access=ALL-UNNAMED",
                        "--add-opens=java.base/java.lang=ALL-UNNAMED",
                        "-Xlog:class+init=info",
                        "-cp",
                        System.getProperty("java.class.path"),
                        Main.class.getName(),
                        model))
                .redirectErrorStream(true)
                .start();
        try {
            String told = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            assertThat(told).contains("answered x").contains("Initializing 'dev/sluice/os/Native$Stubbed'");
            assertThat(told).doesNotContain("Initializing 'dev/sluice/os/Native$Captured'");
        } finally {
            process.destroy();
        }
    }
}
