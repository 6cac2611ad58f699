package dev.sluice.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.lang.ProcessBuilder.Redirect;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * A proxy that is told to read its file again, a proxy in whose place another one starts, and back ends that are restarted one after
 * another, all under load: no request is lost, and none reaches a back end twice.
 */
@Tag("slow")
@Timeout(120)
class RollingRestartTest {
    private static final Pattern REQUEST = Pattern.compile("\"(?:GET|POST) (/\\S+) HTTP");

    /** Keeps a listening socket, as a supervisor does, and gives it to whoever asks. */
    private static final String KEEPER = """
            import socket, sys
            listener = socket.create_server(("127.0.0.1", 0), backlog=512)
            gate = socket.socket(socket.AF_UNIX)
            gate.bind(sys.argv[1])
            gate.listen()
            print(listener.getsockname()[1], flush=True)
            while True:
                peer, _ = gate.accept()
                socket.send_fds(peer, [b"x"], [listener.fileno()])
                peer.close()
            """;

    /** Becomes a command that has that socket as descriptor 3. */
    private static final String TAKER = """
            import os, socket, sys
            gate = socket.socket(socket.AF_UNIX)
            gate.connect(sys.argv[1])
            _, given, _, _ = socket.recv_fds(gate, 1, 1)
            spare = os.dup(given[0])
            os.closerange(3, spare)
            os.dup2(spare, 3)
            os.execvp(sys.argv[2], sys.argv[2:])
            """;

    @TempDir
    Path folder;

    private final List<Path> logs = new ArrayList<>();

    private SluiceProcess backend(int port) throws IOException {
        Path log = folder.resolve("backend" + logs.size() + ".log");
        logs.add(log);
        return SluiceProcess.start(
                "serve", "--port", String.valueOf(port), "--model=epoll", "--respond=ok", "--access-log=" + log);
    }

    private static String url(SluiceProcess backend) throws IOException {
        return "127.0.0.1:" + backend.port();
    }

    private static void end(SluiceProcess... processes) throws Exception {
        for (SluiceProcess process : processes) {
            process.terminate();
        }
        for (SluiceProcess process : processes) {
            assertThat(process.status()).as(process.errors()).isZero();
            assertThat(process.errors()).contains(", 0 cut");
        }
    }

    /** How often each request reached a back end; once these have ended. */
    private Map<String, Integer> reached() throws IOException {
        Map<String, Integer> times = new TreeMap<>();
        for (Path log : logs) {
            Matcher requests = REQUEST.matcher(Files.readString(log));
            while (requests.find()) {
                times.merge(requests.group(1), 1, Integer::sum);
            }
        }
        return times;
    }

    private void assertEachReachedOnce(CountedLoad load) throws IOException {
        Map<String, Integer> reached = reached();
        assertThat(reached.keySet()).isEqualTo(load.asked());
        assertThat(reached.values()).containsOnly(1);
    }

    // ---- reload

    /** Has it read its file again, for the so many-th time. */
    private static void reload(SluiceProcess proxy, int times) throws Exception {
        assertThat(new ProcessBuilder("kill", "-HUP", String.valueOf(proxy.pid()))
                        .start()
                        .waitFor())
                .isZero();
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
        while (proxy.errors().split("SIGHUP: reloaded", -1).length <= times) {
            assertThat(System.nanoTime()).as(proxy.errors()).isLessThan(deadline);
            LockSupport.parkNanos(1_000_000);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"io_uring", "virtual"})
    void aReloadUnderLoadLosesNothingAndDoublesNothing(String model) throws Exception {
        Path file = folder.resolve("proxy.conf");
        try (SluiceProcess one = backend(0);
                SluiceProcess two = backend(0)) {
            String[] texts = {"to = " + url(one) + "\n", "to = " + url(two) + "," + url(one) + "\npick = least\n"};
            Files.writeString(file, texts[0]);
            try (SluiceProcess proxy =
                            SluiceProcess.start("proxy", "--port=0", "--model=" + model, "--config=" + file);
                    CountedLoad load = new CountedLoad(proxy.port(), 6)) {
                for (int i = 1; i <= 10; i++) {
                    load.awaitMore(200);
                    Files.writeString(file, texts[i % 2]);
                    reload(proxy, i);
                }
                load.awaitMore(200);
                assertThat(load.finish()).isEmpty();
                assertThat(load.connectionCount()).as("kept").isEqualTo(6);
                end(proxy);
                end(one, two);
                assertEachReachedOnce(load);
                assertThat(logs).allSatisfy(log -> assertThat(log).isNotEmptyFile());
            }
        }
    }

    // ---- another proxy in its place

    private SluiceProcess take(Path gate, String... arguments) throws IOException {
        return SluiceProcess.start(List.of("python3", "-c", TAKER, gate.toString()), Redirect.PIPE, arguments);
    }

    @ParameterizedTest
    @ValueSource(strings = {"epoll", "io_uring", "threads"})
    void aProxyThatAnotherOneReplacesLosesNothingAndDoublesNothing(String model) throws Exception {
        Path gate = folder.resolve("gate");
        Process keeper = new ProcessBuilder("python3", "-c", KEEPER, gate.toString())
                .redirectError(Redirect.INHERIT)
                .start();
        try (SluiceProcess backend = backend(0);
                BufferedReader out = keeper.inputReader(StandardCharsets.UTF_8)) {
            int port = Integer.parseInt(out.readLine());
            String[] arguments = {"proxy", "--listen-fd=3", "--model=" + model, "--to=" + url(backend)};
            SluiceProcess proxy = take(gate, arguments);
            try (CountedLoad load = new CountedLoad(proxy.port(), 6)) {
                assertThat(proxy.port()).isEqualTo(port);
                for (int i = 0; i < 3; i++) {
                    load.awaitMore(100);
                    SluiceProcess next = take(gate, arguments);
                    assertThat(next.port()).isEqualTo(port);
                    try (SluiceProcess old = proxy) {
                        proxy = next;
                        end(old);
                    }
                }
                load.awaitMore(100);
                assertThat(load.finish()).isEmpty();
                end(proxy);
                end(backend);
                assertEachReachedOnce(load);
            } finally {
                proxy.close();
            }
        } finally {
            keeper.destroyForcibly().waitFor();
        }
    }

    @Test
    void whatIsNoListeningSocketIsRefused() throws Exception {
        try (SluiceProcess proxy = SluiceProcess.start("proxy", "--to=127.0.0.1:1", "--listen-fd=0");
                SluiceProcess several = SluiceProcess.start(
                        "proxy", "--to=127.0.0.1:1", "--listen-fd=0", "--processes=2", "--model=epoll")) {
            assertThat(proxy.status()).isNotZero();
            assertThat(proxy.errors()).contains("fd=0, which is to be a listening socket");
            assertThat(several.status()).isNotZero();
            assertThat(several.errors()).contains("--loops in place of --processes");
        }
    }

    // ---- back ends

    @ParameterizedTest
    @ValueSource(strings = {"epoll", "virtual"})
    void backEndsThatAreRestartedOneAfterAnotherLoseNothing(String model) throws Exception {
        SluiceProcess[] backends = new SluiceProcess[3];
        int[] ports = new int[backends.length];
        StringBuilder to = new StringBuilder();
        try {
            for (int i = 0; i < backends.length; i++) {
                backends[i] = backend(0);
            }
            for (int i = 0; i < backends.length; i++) {
                ports[i] = backends[i].port();
                to.append(i == 0 ? "" : ",").append(url(backends[i]));
            }
            try (SluiceProcess proxy = SluiceProcess.start("proxy", "--port=0", "--model=" + model, "--to=" + to);
                    CountedLoad load = new CountedLoad(proxy.port(), 6)) {
                for (int i = 0; i < backends.length; i++) {
                    load.awaitMore(200);
                    end(backends[i]);
                    load.awaitMore(50);
                    backends[i] = backend(ports[i]);
                    assertThat(backends[i].port()).isEqualTo(ports[i]);
                }
                load.awaitMore(200);
                assertThat(load.finish()).as(proxy.errors()).isEmpty();
                end(proxy);
                end(backends);
                assertEachReachedOnce(load);
            }
        } finally {
            for (SluiceProcess backend : backends) {
                if (backend != null) {
                    backend.close();
                }
            }
        }
    }
}
