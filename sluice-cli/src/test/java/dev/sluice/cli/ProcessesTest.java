package dev.sluice.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.lab.compare.Counters;
import java.io.IOException;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** {@code --processes N}, as its users see it. */
@Tag("slow")
@Timeout(90)
@EnabledOnOs(OS.LINUX) // pidfds
class ProcessesTest {
    private static final int LIMIT = 160;
    /** More than one process of that limit can have open, fewer than three. */
    private static final int SOME = 180;

    private static SluiceProcess limited(String model) throws IOException {
        return SluiceProcess.start(
                List.of("sh", "-c", "ulimit -n " + LIMIT + "; exec \"$@\"", "sh"),
                ProcessBuilder.Redirect.PIPE,
                "echo",
                "--port=0",
                "--model=" + model,
                "--processes=3");
    }

    private static boolean echoes(Socket socket) throws IOException {
        try {
            socket.getOutputStream().write('e');
            return socket.getInputStream().read() == 'e';
        } catch (SocketTimeoutException e) {
            return false;
        }
    }

    private static List<Socket> connect(int port, int count) throws IOException {
        List<Socket> sockets = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            Socket socket = new Socket("127.0.0.1", port);
            socket.setSoTimeout(10_000);
            sockets.add(socket);
        }
        return sockets;
    }

    private static void closeAll(List<Socket> sockets) throws IOException {
        for (Socket socket : sockets) {
            socket.close();
        }
    }

    /** A process without descriptors must leave newcomers to those that have some; often enough for each to be full once. */
    @ParameterizedTest
    @ValueSource(strings = {"epoll", "epoll-et", "io_uring", "threads", "virtual", "poll", "sleep-poll"})
    void aFullProcessStrandsNoNewcomer(String model) throws Exception {
        try (SluiceProcess server = limited(model)) {
            int port = server.port();
            for (int round = 0; round < 4; round++) {
                List<Socket> sockets = connect(port, SOME);
                for (Socket socket : sockets) {
                    assertThat(echoes(socket)).as(server.errors()).isTrue();
                }
                closeAll(sockets);
            }
            server.terminate();
            assertThat(server.status()).as(server.errors()).isZero();
        }
    }

    /** When all are full, it is told, and who waits is served as soon as somebody leaves. */
    @Test
    void newcomersBeyondWhatAllCanHoldWaitForThoseWhoLeave() throws Exception {
        try (SluiceProcess server = limited("epoll")) {
            List<Socket> sockets = connect(server.port(), 3 * LIMIT);
            Socket last = sockets.getLast();
            long deadline = System.nanoTime() + 30_000_000_000L;
            while (!server.errors().contains("newcomers wait") && System.nanoTime() < deadline) {
                Thread.onSpinWait();
            }
            assertThat(server.errors()).contains("no server process takes them", "raise --processes");
            closeAll(sockets.subList(0, 2 * LIMIT));
            assertThat(echoes(last)).as(server.errors()).isTrue();
            closeAll(sockets);
        }
    }

    @Test
    void controlSumsTheCountersOfAllProcesses() throws Exception {
        try (SluiceProcess server =
                SluiceProcess.start("echo", "--port=0", "--model=epoll", "--processes=2", "--control")) {
            List<Socket> sockets = connect(server.port(), 10);
            for (Socket socket : sockets) {
                assertThat(echoes(socket)).isTrue();
            }
            server.send("counters");
            Counters counters = Counters.ofJson(server.line());
            assertThat(counters.acceptedCount()).isEqualTo(10);
            assertThat(counters.systemCallsCount()).isGreaterThan(20);
            assertThat(counters.allocatedBytes()).isNull();
            closeAll(sockets);
            server.closeInput();
            assertThat(server.status()).as(server.errors()).isZero();
            assertThat(server.errors()).contains("10 connections accepted, 0 cut");
        }
    }

    @Test
    void aProcessThatDiesIsToldInOneLineAndReplaced() throws Exception {
        try (SluiceProcess server = SluiceProcess.start("echo", "--port=0", "--model=epoll", "--processes=2")) {
            int port = server.port();
            ProcessHandle master = ProcessHandle.of(server.pid()).orElseThrow();
            ProcessHandle victim = master.children().findFirst().orElseThrow();
            victim.destroyForcibly();
            long deadline = System.nanoTime() + 30_000_000_000L;
            while ((master.children().anyMatch(victim::equals)
                            || master.children().count() < 2)
                    && System.nanoTime() < deadline) {
                Thread.onSpinWait();
            }
            List<Socket> sockets = connect(port, 20);
            for (Socket socket : sockets) {
                assertThat(echoes(socket)).isTrue();
            }
            closeAll(sockets);
            server.terminate();
            assertThat(server.endsWithin(Duration.ofSeconds(20))).isTrue();
            assertThat(server.status()).isZero();
            assertThat(server.errors().lines().filter(line -> line.contains("killed by signal 9")))
                    .singleElement()
                    .asString()
                    .contains("a server process (pid " + victim.pid() + ")");
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "--processes=0|at least 1 process is needed",
                "--processes=-2|is no number of processes",
                "--processes=many|write N, as in 4, or MIN:MAX for prefork",
                "--processes=2:4|takes one number, as in --processes 4",
            })
    void badNumbersAreRefused(String both) throws Exception {
        String[] parts = both.split("\\|");
        try (SluiceProcess server = SluiceProcess.start("echo", "--port=0", "--model=epoll", parts[0])) {
            assertThat(server.status()).isEqualTo(2);
            assertThat(server.errors()).contains(parts[1]);
            assertThat(server.errors().strip().lines()).hasSize(1);
        }
    }
}
