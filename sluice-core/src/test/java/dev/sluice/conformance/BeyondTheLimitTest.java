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
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.stream.Stream;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** A server of io_uring in a process that may hold few descriptors: its rings' tables hold the connections. */
@Timeout(120)
class BeyondTheLimitTest {
    private static final int DESCRIPTORS = 280;
    private static final int CONNECTIONS = 3_000;
    private static final int COMPLETIONS = 4096;
    private static final int FURTHER_RINGS = 12;

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

    /**
     * The server's process: prints its port, and its counters for each line that it reads; ends with its input. Between the lines
     * "hold" and "go on" its loop does nothing.
     */
    static final class Main {
        private Main() {}

        public static void main(String[] args) throws IOException {
            UringOptions uring = UringOptions.builder()
                    .direct(Direct.valueOf(args[0]))
                    .entries(64, Integer.parseInt(args[1]))
                    .build();
            BufferedReader in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.US_ASCII));
            try (Server server = Server.builder(Echo::new)
                    .listen(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))
                    .model("io_uring")
                    .options(Options.builder().uring(uring).loops(1).build())
                    .start()) {
                System.out.println(((InetSocketAddress) server.address()).getPort());
                CountDownLatch held = new CountDownLatch(1);
                for (String line = in.readLine(); line != null; line = in.readLine()) {
                    switch (line) {
                        case "hold" -> server.events().execute(() -> await(held));
                        case "go on" -> held.countDown();
                        default -> {}
                    }
                    ServerStats stats = server.stats();
                    System.out.println(stats.open() + " " + stats.acceptPauses());
                }
            }
        }

        private static void await(CountDownLatch latch) {
            try {
                latch.await();
            } catch (InterruptedException e) {
                throw new IllegalStateException(e);
            }
        }
    }

    /** Then a multishot accept brings as many in one turn as completions have room, and each further ring takes a descriptor, too. */
    @ParameterizedTest
    @ValueSource(ints = {64, COMPLETIONS})
    void holds_them_too_when_they_all_come_at_once(int completions) throws Exception {
        Process process = start(Direct.AUTO, completions);
        List<Socket> clients = new ArrayList<>();
        try (BufferedReader out = process.inputReader(StandardCharsets.US_ASCII);
                Writer in = process.outputWriter(StandardCharsets.US_ASCII)) {
            int port = Integer.parseInt(out.readLine());
            ask("hold", in, out);
            for (int i = 0; i < CONNECTIONS; i++) {
                Socket client = new Socket(InetAddress.getLoopbackAddress(), port);
                clients.add(client);
                client.setSoTimeout(20_000);
            }
            ask("go on", in, out);
            for (Socket client : clients) {
                client.getOutputStream().write('x');
                assertThat(client.getInputStream().read()).isEqualTo('x');
            }
            assertThat(ask("", in, out)).isEqualTo(CONNECTIONS + " 0");
            // What came before the tables took over, and the further rings: a quarter is left for whatever else the
            // process opens.
            assertThat(socketsAndRings(process)).isLessThan(DESCRIPTORS / 4 * 3 + FURTHER_RINGS);
        } finally {
            for (Socket client : clients) {
                client.close();
            }
            process.destroy();
        }
    }

    /** Of a process's descriptors those that its server has: the JVM opens 3 or 17 jars, as it happens to look for a class. */
    private static long socketsAndRings(Process process) throws IOException {
        try (Stream<Path> descriptors = Files.list(Path.of("/proc/" + process.pid() + "/fd"))) {
            return descriptors
                    .map(BeyondTheLimitTest::target)
                    .filter(target -> target.startsWith("socket:") || target.contains("io_uring"))
                    .count();
        }
    }

    private static String target(Path descriptor) {
        try {
            return Files.readSymbolicLink(descriptor).toString();
        } catch (IOException closed) { // between the two looks
            return "";
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"AUTO", "ON"})
    void holds_more_connections_than_its_process_may_hold_descriptors(Direct direct) throws Exception {
        Process process = start(direct, COMPLETIONS);
        try (BufferedReader out = process.inputReader(StandardCharsets.US_ASCII);
                Writer in = process.outputWriter(StandardCharsets.US_ASCII)) {
            int port = Integer.parseInt(out.readLine());
            serveAll(port, in, out);
        } finally {
            process.destroy();
        }
    }

    private static Process start(Direct direct, int completions) throws IOException {
        var availability = Models.find("io_uring").orElseThrow().availability();
        assumeTrue(availability.available(), availability.reason());
        return new ProcessBuilder(List.of(
                        "sh",
                        "-c",
                        "ulimit -n " + DESCRIPTORS + " && exec \"$0\" \"$@\"",
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "--enable-native-access=ALL-UNNAMED",
                        "-cp",
                        System.getProperty("java.class.path"),
                        Main.class.getName(),
                        direct.name(),
                        Integer.toString(completions)))
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
    }

    private static void serveAll(int port, Writer in, BufferedReader out) throws Exception {
        Process clients = ManyClients.start(port, CONNECTIONS, 100);
        try (BufferedReader told = clients.inputReader(StandardCharsets.US_ASCII);
                Writer commands = clients.outputWriter(StandardCharsets.US_ASCII)) {
            assertThat(told.readLine()).isEqualTo("held " + CONNECTIONS);
            assertThat(ask("", in, out)).isEqualTo(CONNECTIONS + " 0");
            commands.write("go\n");
            commands.flush();
            assertThat(told.readLine()).isEqualTo("done " + CONNECTIONS + " errors 0");
        } finally {
            clients.destroy();
        }
    }

    private static String ask(String command, Writer in, BufferedReader out) throws IOException {
        in.write(command + "\n");
        in.flush();
        return out.readLine();
    }
}
