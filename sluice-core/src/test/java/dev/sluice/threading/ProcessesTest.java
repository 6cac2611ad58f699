package dev.sluice.threading;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.sluice.Model;
import dev.sluice.Model.Ability;
import dev.sluice.Models;
import dev.sluice.OptionChecks;
import dev.sluice.Options;
import dev.sluice.Server;
import java.io.BufferedReader;
import java.io.IOException;
import java.net.Socket;
import java.net.UnixDomainSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Several processes that share a port, on each model. */
@Tag("slow")
@Timeout(value = 30, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class ProcessesTest {
    /** A server of two processes in a process of its own: prints its port, and waits to be killed. */
    public static final class Master {
        private Master() {}

        public static void main(String[] arguments) throws IOException {
            Server server = server("epoll", 2);
            System.out.println(server.port());
            while (System.in.read() >= 0) {
                Thread.onSpinWait(); // the test kills this process, and never writes
            }
            server.close();
        }
    }

    static List<String> models() {
        return Models.all().stream()
                .filter(model ->
                        model.can(Ability.ONE_PROCESS) && model.availability().available())
                .map(Model::name)
                .toList();
    }

    @BeforeEach
    void onLinux() {
        assumeTrue(
                Prefork.availability().available(), () -> Prefork.availability().reason());
    }

    private static Server server(String model, int processes) {
        return Server.builder(PreforkTest.EchoWithPid.class)
                .model(model)
                .options(Options.builder().processes(processes).build())
                .start();
    }

    private static List<Long> workers() {
        return ProcessHandle.current()
                .children()
                .filter(ProcessHandle::isAlive)
                .map(ProcessHandle::pid)
                .toList();
    }

    /** Opens connections until each of so many processes has one. */
    private static List<PreforkTest.Client> spread(int port, int processes) throws IOException {
        List<PreforkTest.Client> clients = new ArrayList<>();
        while (clients.stream().map(PreforkTest.Client::pid).distinct().count() < processes) {
            clients.add(PreforkTest.Client.connect(port));
        }
        return clients;
    }

    @ParameterizedTest
    @MethodSource("models")
    void newcomersAreServedAndCountedWhicheverProcessTakesThem(String model) throws Exception {
        Server server = server(model, 2);
        try (server) {
            assertThat(workers()).hasSize(2);
            List<PreforkTest.Client> clients = new ArrayList<>();
            for (int i = 0; i < 20; i++) {
                clients.add(PreforkTest.Client.connect(server.port()));
            }
            assertThat(clients.stream().map(PreforkTest.Client::pid)).isSubsetOf(workers());
            for (PreforkTest.Client client : clients) {
                assertThat(client.echoes()).isTrue();
            }
            // Not reported from time to time but asked for: what a client has seen is counted already.
            assertThat(server.stats().accepted()).isEqualTo(20);
            assertThat(server.stats().open()).isEqualTo(20);
            assertThat(server.stats().receivedBytes()).isEqualTo(20);
            for (PreforkTest.Client client : clients) {
                client.close();
            }
            PreforkTest.await(() -> server.stats().closed() == 20);
        }
        assertThat(workers()).isEmpty();
        assertThat(server.stats().accepted()).isEqualTo(20);
        assertThat(server.stats().loopThreads()).isZero();
    }

    @ParameterizedTest
    @ValueSource(strings = {"epoll", "threads"})
    void aKilledProcessCostsItsOwnConnectionsAndIsReplaced(String model) throws Exception {
        try (Server server = server(model, 2)) {
            List<Long> before = workers();
            ProcessHandle victim = ProcessHandle.of(before.getFirst()).orElseThrow();
            List<PreforkTest.Client> clients = new ArrayList<>();
            for (int i = 0; i < 20; i++) {
                clients.add(PreforkTest.Client.connect(server.port()));
            }
            assertThat(server.stats().open()).isEqualTo(20);
            victim.destroyForcibly();
            PreforkTest.await(() -> workers().stream().anyMatch(pid -> !before.contains(pid)));
            for (PreforkTest.Client client : clients) {
                if (client.pid() == victim.pid()) {
                    assertThat(PreforkTest.endOf(client.socket())).isEqualTo(-1);
                } else {
                    assertThat(client.echoes()).isTrue();
                }
                client.close();
            }
            // Nobody who comes while it is replaced is refused.
            try (PreforkTest.Client next = PreforkTest.Client.connect(server.port())) {
                assertThat(next.echoes()).isTrue();
            }
            PreforkTest.await(
                    () -> server.stats().accepted() == 21 && server.stats().open() == 0);
        }
        assertThat(workers()).isEmpty();
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
            List<ProcessHandle> workers = master.children().toList();
            assertThat(workers).hasSize(2);
            try (PreforkTest.Client busy = PreforkTest.Client.connect(port)) {
                master.destroyForcibly().waitFor();
                for (ProcessHandle worker : workers) {
                    worker.onExit().get();
                }
                assertThat(PreforkTest.endOf(busy.socket())).isEqualTo(-1);
            }
        } finally {
            master.destroyForcibly();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"epoll", "threads", "nio"})
    void drainingLetsTheSessionsOfEveryProcessFinish(String model) throws Exception {
        Server server = server(model, 2);
        List<PreforkTest.Client> clients = spread(server.port(), model.equals("epoll") ? 1 : 2);
        Thread stopper = Thread.ofPlatform().start(() -> server.stop(Duration.ofSeconds(30)));
        for (PreforkTest.Client client : clients) {
            assertThat(PreforkTest.Client.line(client.socket())).isEqualTo("stopping");
            assertThat(client.socket().getInputStream().read()).isEqualTo(-1);
            client.close();
        }
        stopper.join();
        assertThat(workers()).isEmpty();
        assertThat(server.stats().closed()).isEqualTo(clients.size());
        assertThat(server.stats().open()).isZero();
    }

    @Test
    void stopCutsWhatOverstays() throws Exception {
        Server server = server("epoll", 2);
        try (PreforkTest.Client client = PreforkTest.Client.connect(server.port())) {
            assertThat(client.echoes()).isTrue();
            assertThat(server.stop(Duration.ZERO)).isEqualTo(1);
            assertThat(PreforkTest.endOf(client.socket())).isEqualTo(-1);
        }
        assertThat(workers()).isEmpty();
    }

    @Test
    void aUnixSocketIsSharedAndItsNameRemoved(@TempDir Path folder) throws Exception {
        Path name = folder.resolve("socket");
        try (Server server = Server.builder(PreforkTest.EchoWithPid.class)
                .model("epoll")
                .listen(UnixDomainSocketAddress.of(name))
                .options(Options.builder().processes(2).build())
                .start()) {
            assertThat(server.stats().open()).isZero();
            assertThat(Files.exists(name)).isTrue();
        }
        assertThat(Files.exists(name)).isFalse();
    }

    @Test
    void aProcessThatFailsToStartIsReportedInItsOwnWords() {
        String pid = String.valueOf(ProcessHandle.current().pid());
        assertThatThrownBy(() -> Server.builder(PreforkTest.FailsInWorkers.class, pid)
                        .model("epoll")
                        .options(Options.builder().processes(2).build())
                        .start())
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("a server process")
                .hasMessageContaining("exited with code 1")
                .hasMessageContaining("the moon is not full");
        assertThat(workers()).isEmpty();
    }

    @Test
    void refusesWhatMakesNoSense() {
        assertThatThrownBy(() -> Server.builder(new PreforkTest.EchoWithPid().service(List.of()))
                        .model("epoll")
                        .options(Options.builder().processes(2).build())
                        .start())
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("provider class")
                .hasMessageContaining("leave --processes out");
        assertThatThrownBy(() -> Server.builder(PreforkTest.Shared.class)
                        .model("epoll")
                        .options(Options.builder().processes(2).build())
                        .start())
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("its counter is in memory");
        assertThatThrownBy(() -> OptionChecks.require(
                        Models.choose("prefork"), Options.builder().processes(2).build()))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("4:16");
        assertThatThrownBy(() -> OptionChecks.require(
                        Models.choose("epoll"),
                        Options.builder().processes(2).shed(true).build()))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("leave --shed out");
        assertThatThrownBy(() -> Options.builder().processes(0).build())
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("processes is 0");
    }

    @Test
    void anAddressInUseIsToldAtOnce() throws IOException {
        try (Socket taken = new Socket()) {
            taken.bind(null);
            assertThatThrownBy(() -> Server.builder(PreforkTest.EchoWithPid.class)
                            .model("epoll")
                            .listen(taken.getLocalSocketAddress())
                            .options(Options.builder().processes(2).build())
                            .start())
                    .hasMessageContaining("EADDRINUSE");
        }
        assertThat(workers()).isEmpty();
    }
}
