package dev.sluice.threading;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.sluice.Connection;
import dev.sluice.Options;
import dev.sluice.Server;
import dev.sluice.Service;
import dev.sluice.ServiceProvider;
import dev.sluice.Session;
import java.io.BufferedReader;
import java.io.IOException;
import java.net.Socket;
import java.net.SocketException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What becomes of the processes of {@code prefork}. */
@Timeout(value = 120, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
@Tag("slow")
class PreforkTest {
    /** Says which process serves, and echoes. */
    public static final class EchoWithPid implements ServiceProvider {
        @Override
        public Service service(List<String> arguments) {
            return connection -> new Session() {
                @Override
                public void opened() {
                    say(connection, ProcessHandle.current().pid() + "\n");
                }

                @Override
                public void received(ByteBuffer input) {
                    connection.write(input);
                }

                @Override
                public void ended() {
                    connection.end();
                }

                @Override
                public void stopping() {
                    say(connection, "stopping\n");
                    connection.end();
                }
            };
        }

        private static void say(Connection connection, String text) {
            connection.write(ByteBuffer.wrap(text.getBytes(StandardCharsets.US_ASCII)));
        }
    }

    /** Can't be made in a worker, whose control socket is there; can be made in the master. */
    public static final class FailsInWorkers implements ServiceProvider {
        @Override
        public Service service(List<String> arguments) {
            if (ProcessHandle.current().pid() != Long.parseLong(arguments.getFirst())) {
                throw new IllegalStateException("the moon is not full");
            }
            return new EchoWithPid().service(List.of());
        }
    }

    /** Needs one process. */
    public static final class Shared implements ServiceProvider, Service {
        @Override
        public Service service(List<String> arguments) {
            return this;
        }

        @Override
        public Session open(Connection connection) {
            throw new IllegalStateException("never opened");
        }

        @Override
        public String singleProcessReason() {
            return "its counter is in memory";
        }
    }

    /** A master in a process of its own: prints its port, and waits to be killed. */
    public static final class Master {
        private Master() {}

        public static void main(String[] arguments) throws IOException {
            Server server = server(2, 2);
            System.out.println(server.port());
            while (System.in.read() >= 0) {
                Thread.onSpinWait(); // the test kills this process, and never writes
            }
            server.close();
        }
    }

    @BeforeEach
    void onLinux() {
        assumeTrue(
                Prefork.availability().available(), () -> Prefork.availability().reason());
    }

    private static Server server(int least, int most) {
        return Server.builder(EchoWithPid.class)
                .model("prefork")
                .options(Options.builder().processes(least, most).build())
                .start();
    }

    /** A client that knows which process serves it. */
    record Client(Socket socket, long pid) implements AutoCloseable {
        static Client connect(int port) throws IOException {
            Socket socket = new Socket("127.0.0.1", port);
            socket.setSoTimeout(60_000);
            return new Client(socket, Long.parseLong(line(socket)));
        }

        static String line(Socket socket) throws IOException {
            StringBuilder text = new StringBuilder();
            for (int c = socket.getInputStream().read();
                    c != '\n' && c >= 0;
                    c = socket.getInputStream().read()) {
                text.append((char) c);
            }
            return text.toString();
        }

        boolean echoes() throws IOException {
            socket.getOutputStream().write('e');
            return socket.getInputStream().read() == 'e';
        }

        @Override
        public void close() throws IOException {
            socket.close();
        }
    }

    static void await(BooleanSupplier condition) {
        while (!condition.getAsBoolean()) {
            LockSupport.parkNanos(1_000_000);
        }
    }

    private static List<Long> workers() {
        return ProcessHandle.current()
                .children()
                .filter(ProcessHandle::isAlive)
                .map(ProcessHandle::pid)
                .toList();
    }

    @Test
    void aKilledWorkerCostsItsOwnConnectionAndIsReplaced() throws Exception {
        try (Server server = server(2, 2);
                Client victim = Client.connect(server.port());
                Client other = Client.connect(server.port())) {
            assertThat(victim.pid()).isNotEqualTo(other.pid());
            List<Long> before = workers();
            long killed = System.nanoTime();
            ProcessHandle.of(victim.pid()).orElseThrow().destroyForcibly();
            await(() -> workers().stream().anyMatch(pid -> !before.contains(pid)));
            assertThat(Duration.ofNanos(System.nanoTime() - killed)).isLessThan(Duration.ofSeconds(1));
            assertThat(endOf(victim.socket())).isEqualTo(-1);
            assertThat(other.echoes()).isTrue();
            try (Client next = Client.connect(server.port())) {
                assertThat(next.pid()).isNotIn(before);
                assertThat(next.echoes()).isTrue();
                await(() -> server.stats().open() == 2 && server.stats().closed() == 1);
                assertThat(server.stats().accepted()).isEqualTo(3);
            }
        }
        await(() -> workers().isEmpty());
    }

    static int endOf(Socket socket) throws IOException {
        try {
            return socket.getInputStream().read();
        } catch (SocketException reset) {
            assertThat(reset).hasMessageContaining("reset");
            return -1;
        }
    }

    @Test
    void aKilledMasterLeavesNoOrphan() throws Exception {
        Process master = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-Xmx64m",
                        "--enable-native-access=ALL-UNNAMED",
                        "-cp",
                        System.getProperty("java.class.path"),
                        Master.class.getName())
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .start();
        try (BufferedReader output = master.inputReader()) {
            int port = Integer.parseInt(output.readLine());
            try (Client busy = Client.connect(port)) {
                await(() -> master.children().count() == 2);
                List<ProcessHandle> workers = master.children().toList();
                assertThat(workers.stream().map(ProcessHandle::pid)).contains(busy.pid());
                master.destroyForcibly().waitFor();
                for (ProcessHandle worker : workers) {
                    worker.onExit().get();
                }
                assertThat(endOf(busy.socket())).isEqualTo(-1);
            }
        } finally {
            master.destroyForcibly();
        }
    }

    @Test
    void growsWithItsConnectionsAndShrinksAfterwards() throws Exception {
        try (Server server = server(1, 3)) {
            List<Client> clients = new ArrayList<>();
            for (int i = 0; i < 3; i++) {
                clients.add(Client.connect(server.port()));
            }
            assertThat(clients.stream().map(Client::pid).distinct()).hasSize(3);
            assertThat(workers()).hasSize(3);
            for (Client client : clients) {
                client.close();
            }
            await(() -> workers().size() == 1);
            try (Client again = Client.connect(server.port())) {
                assertThat(again.echoes()).isTrue();
            }
        }
    }

    @Test
    void drainingLetsASessionFinish() throws Exception {
        Server server = server(1, 2);
        try (Client client = Client.connect(server.port())) {
            client.socket().getOutputStream().write('x');
            assertThat(client.socket().getInputStream().read()).isEqualTo('x');
            Thread stopper = Thread.ofPlatform().start(() -> server.stop(Duration.ofSeconds(30)));
            assertThat(Client.line(client.socket())).isEqualTo("stopping");
            assertThat(client.socket().getInputStream().read()).isEqualTo(-1);
            client.socket().shutdownOutput();
            stopper.join();
        }
        assertThat(workers()).isEmpty();
        assertThat(server.stats().closed()).isEqualTo(1);
        assertThat(server.stats().open()).isZero();
        assertThat(server.stats().loopThreads()).isZero();
    }

    @Test
    void whoWaitsInTheQueueOfOneThatStopsIsServed() throws Exception {
        Server server = server(1, 1);
        Client served = Client.connect(server.port());
        try (Socket first = new Socket("127.0.0.1", server.port());
                Socket second = new Socket("127.0.0.1", server.port())) {
            Thread stopper = Thread.ofPlatform().start(() -> server.stop(Duration.ofSeconds(30)));
            assertThat(Client.line(served.socket())).isEqualTo("stopping");
            served.close();
            for (Socket waiting : List.of(first, second)) {
                waiting.setSoTimeout(60_000);
                assertThat(Client.line(waiting)).isEqualTo("" + served.pid());
                assertThat(Client.line(waiting)).isEqualTo("stopping");
                waiting.close();
            }
            stopper.join();
        }
        assertThat(server.stats().closed()).isEqualTo(3);
        assertThat(server.stats().open()).isZero();
    }

    @Test
    void stopCutsWhatOverstays() throws Exception {
        Server server = server(2, 2);
        try (Client client = Client.connect(server.port())) {
            assertThat(client.echoes()).isTrue();
            assertThat(server.stop(Duration.ZERO)).isEqualTo(1);
            assertThat(endOf(client.socket())).isEqualTo(-1);
        }
        assertThat(workers()).isEmpty();
    }

    @Test
    void aWorkerThatFailsToStartIsReportedInItsOwnWords() {
        String pid = String.valueOf(ProcessHandle.current().pid());
        assertThatThrownBy(() -> Server.builder(FailsInWorkers.class, pid)
                        .model("prefork")
                        .options(Options.builder().processes(1, 2).build())
                        .start())
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("exited with code 1")
                .hasMessageContaining("the moon is not full");
        assertThat(workers()).isEmpty();
    }

    @Test
    void refusesWhatCannotCrossToAProcess() {
        assertThatThrownBy(() -> Server.builder(new EchoWithPid().service(List.of()))
                        .model("prefork")
                        .start())
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("provider class")
                .hasMessageContaining("--model threads");
        assertThatThrownBy(() -> Server.builder(Shared.class).model("prefork").start())
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("its counter is in memory")
                .hasMessageContaining("--model threads");
    }
}
