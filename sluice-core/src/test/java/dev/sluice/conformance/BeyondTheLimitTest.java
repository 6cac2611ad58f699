package dev.sluice.conformance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.sluice.Connection;
import dev.sluice.Models;
import dev.sluice.Options;
import dev.sluice.Server;
import dev.sluice.ServerStats;
import dev.sluice.Session;
import dev.sluice.UringOptions;
import dev.sluice.UringOptions.Direct;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.Writer;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A server of io_uring in a process that may hold few descriptors: its rings' tables hold the connections. */
@Timeout(120)
class BeyondTheLimitTest {
    private static final int DESCRIPTORS = 300;
    private static final int CONNECTIONS = 2_000;

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

    /** The server's process: prints its port, and its counters for each line that it reads; ends with its input. */
    static final class Main {
        private Main() {}

        public static void main(String[] args) throws IOException {
            UringOptions uring =
                    UringOptions.builder().direct(Direct.valueOf(args[0])).build();
            BufferedReader in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.US_ASCII));
            try (Server server = Server.builder(Echo::new)
                    .listen(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))
                    .model("io_uring")
                    .options(Options.builder().uring(uring).build())
                    .start()) {
                System.out.println(((InetSocketAddress) server.address()).getPort());
                while (in.readLine() != null) {
                    ServerStats stats = server.stats();
                    System.out.println(stats.open() + " " + stats.acceptPauses());
                }
            }
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"AUTO", "ON"})
    void holds_more_connections_than_its_process_may_hold_descriptors(Direct direct) throws Exception {
        var availability = Models.find("io_uring").orElseThrow().availability();
        assumeTrue(availability.available(), availability.reason());
        Process process = new ProcessBuilder(List.of(
                        "sh",
                        "-c",
                        "ulimit -n " + DESCRIPTORS + " && exec \"$0\" \"$@\"",
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "--enable-native-access=ALL-UNNAMED",
                        "-cp",
                        System.getProperty("java.class.path"),
                        Main.class.getName(),
                        direct.name()))
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        try (BufferedReader out = process.inputReader(StandardCharsets.US_ASCII);
                Writer in = process.outputWriter(StandardCharsets.US_ASCII)) {
            int port = Integer.parseInt(out.readLine());
            serveAll(port, in, out);
        } finally {
            process.destroy();
        }
    }

    private static void serveAll(int port, Writer in, BufferedReader out) throws Exception {
        Process clients = ManyClients.start(port, CONNECTIONS, 100);
        try (BufferedReader told = clients.inputReader(StandardCharsets.US_ASCII);
                Writer commands = clients.outputWriter(StandardCharsets.US_ASCII)) {
            assertThat(told.readLine()).isEqualTo("held " + CONNECTIONS);
            assertThat(ask(in, out)).isEqualTo(CONNECTIONS + " 0");
            commands.write("go\n");
            commands.flush();
            assertThat(told.readLine()).isEqualTo("done " + CONNECTIONS + " errors 0");
        } finally {
            clients.destroy();
        }
    }

    private static String ask(Writer in, BufferedReader out) throws IOException {
        in.write("\n");
        in.flush();
        return out.readLine();
    }
}
