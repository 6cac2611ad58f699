package dev.sluice.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** {@code sluice load} as its users run it, against {@code sluice serve} and {@code sluice echo}. */
@Timeout(60)
@Tag("slow")
class LoadCommandTest {
    private static String rest(SluiceProcess process) throws IOException {
        return Stream.iterate(process.line(), line -> line != null, line -> line(process))
                .collect(Collectors.joining("\n"));
    }

    private static String line(SluiceProcess process) {
        try {
            return process.line();
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    private static SluiceProcess serve() throws IOException {
        return SluiceProcess.start("serve", "--respond", "hello", "--port", "0", "--model", "epoll");
    }

    private static void awaitError(SluiceProcess process, String words) throws IOException {
        long deadline = System.nanoTime() + 30_000_000_000L;
        while (!process.errors().contains(words) && System.nanoTime() < deadline) {
            Thread.onSpinWait();
        }
    }

    @Test
    void aTableAtTheEndAndALineEachSecond(@TempDir Path folder) throws Exception {
        Path hgrm = folder.resolve("run.hgrm");
        try (SluiceProcess server = serve();
                SluiceProcess load = SluiceProcess.start(
                        "load",
                        "http://127.0.0.1:" + server.port() + "/",
                        "-c",
                        "4",
                        "--warmup",
                        "0",
                        "-d",
                        "2.5s",
                        "--hgrm",
                        hgrm.toString())) {
            assertThat(rest(load))
                    .contains("closed loop, 4 connections; from epoll, 1 thread")
                    .containsPattern("answers +[1-9][\\d,]* in [\\d.]+ s: [\\d,.]+ a second")
                    .containsPattern("latency +mean \\S+ [um]s  p50 .* p99\\.9 .* max ")
                    .containsPattern("errors +none")
                    .containsPattern("generator +\\d+ % of its processor");
            assertThat(load.status()).isZero();
            assertThat(load.errors().strip().lines())
                    .hasSize(2)
                    .allMatch(line -> line.matches("measuring +[12] s of 3 s +[\\d,]+/s  p50 .*  p99 .*  p99\\.9 .*"));
            assertThat(Files.readString(hgrm)).contains("1/(1-Percentile)");
        }
    }

    @Test
    void jsonIsAllThatIsPrinted() throws Exception {
        try (SluiceProcess server = SluiceProcess.start("echo", "--port", "0", "--model", "epoll");
                SluiceProcess load = SluiceProcess.start(
                        "load",
                        "tcp://127.0.0.1:" + server.port(),
                        "-c",
                        "2",
                        "--rate",
                        "200",
                        "-d",
                        "1.2s",
                        "--json")) {
            assertThat(rest(load))
                    .startsWith("{")
                    .endsWith("}")
                    .contains("\"loop\" : \"open\"", "\"p99Micros\" : ", "\"askedPerSecond\" : 200.0");
            assertThat(load.status()).isZero();
            assertThat(load.errors()).isEmpty();
        }
    }

    @Test
    void signalEndsItWithTheResultsSoFar() throws Exception {
        try (SluiceProcess server = serve();
                SluiceProcess load = SluiceProcess.start(
                        "load", "http://127.0.0.1:" + server.port() + "/", "--warmup", "0", "-d", "1h")) {
            awaitError(load, "measuring");
            ProcessHandle.of(load.pid()).orElseThrow().destroy(); // SIGTERM, its output left open
            assertThat(rest(load)).containsPattern("answers +[1-9]").contains("latency");
            assertThat(load.status()).isZero();
        }
    }

    @Test
    void signalBeforeAnythingIsMeasuredIsNoResult() throws Exception {
        try (SluiceProcess server = serve();
                SluiceProcess load =
                        SluiceProcess.start("load", "http://127.0.0.1:" + server.port() + "/", "--warmup", "1h")) {
            awaitError(load, "warm-up");
            ProcessHandle.of(load.pid()).orElseThrow().destroy();
            assertThat(load.status()).isEqualTo(1);
            assertThat(load.errors()).contains("sluice load: stopped before anything was measured");
        }
    }

    /** As when the comparison that started it is killed. */
    @Test
    void generatorEndsWithItsStandardInput() throws Exception {
        try (SluiceProcess server = serve();
                SluiceProcess load = SluiceProcess.start(
                        "generate", "http://127.0.0.1:" + server.port() + "/", "--warmup", "0", "-d", "1h")) {
            assertThat(load.line()).isEqualTo("measuring");
            load.closeInput();
            assertThat(load.line()).isEqualTo("measured");
            assertThat(rest(load)).contains("\"requestsPerSecond\" : ");
            assertThat(load.status()).isZero();
        }
    }

    @Test
    @EnabledOnOs(OS.LINUX) // /dev/full
    void lostOutputIsAFailure() throws Exception {
        ProcessBuilder.Redirect full = ProcessBuilder.Redirect.to(new File("/dev/full"));
        try (SluiceProcess server = serve()) {
            String url = "http://127.0.0.1:" + server.port() + "/";
            try (SluiceProcess load =
                    SluiceProcess.start(List.of(), full, "load", url, "-d", "300ms", "--warmup", "0", "-q")) {
                assertThat(load.status()).isEqualTo(1);
                assertThat(load.errors()).contains("standard output could not be written");
            }
            try (SluiceProcess load =
                    SluiceProcess.start("load", url, "-d", "300ms", "--warmup", "0", "-q", "--hgrm", "/dev/full")) {
                rest(load);
                assertThat(load.status()).isEqualTo(1);
                assertThat(load.errors()).contains("--hgrm can't be written");
            }
        }
    }

    @Test
    @EnabledOnOs({OS.LINUX, OS.MAC}) // ulimit
    void idleConnectionsBeyondTheLimitAreHeldByFurtherProcesses() throws Exception {
        List<String> limited = List.of("sh", "-c", "ulimit -n 400; exec \"$@\"", "sh");
        try (SluiceProcess server = serve();
                SluiceProcess load = SluiceProcess.start(
                        limited,
                        ProcessBuilder.Redirect.PIPE,
                        "load",
                        "http://127.0.0.1:" + server.port() + "/",
                        "--connections=10",
                        "--idle=700",
                        "--ask-idle",
                        "--warmup=0",
                        "--duration=300ms",
                        "--json")) {
            assertThat(rest(load))
                    .as(load.errors())
                    .contains("\"idleCount\" : 700,", "\"askedCount\" : 700,", "\"answeredCount\" : 700,");
            assertThat(load.status()).isZero();
        }
    }

    @Test
    @EnabledOnOs(OS.LINUX) // proc(5)
    void preflightTellsTheLimitsAndConnectsNothing() throws Exception {
        try (SluiceProcess load =
                SluiceProcess.start("load", "http://127.0.0.1:1/", "--connections=0", "--idle=20000", "--preflight")) {
            assertThat(rest(load))
                    .as(load.errors())
                    .containsPattern("(?m)^enough +net.ipv4.ip_local_port_range +20,000 needed of ")
                    .contains("fs.file-max", "MemAvailable", "somaxconn");
            assertThat(load.status()).isZero();
        }
        List<String> limited = List.of("sh", "-c", "ulimit -n 1000; exec \"$@\"", "sh");
        try (SluiceProcess server = SluiceProcess.start(
                limited, ProcessBuilder.Redirect.PIPE, "echo", "--port=0", "--model=epoll", "--expect=5000")) {
            assertThat(server.status()).isEqualTo(1);
            assertThat(server.errors())
                    .contains("--expect 5000 is more than can be held", "take --processes 8", "ulimit -Hn 5320");
        }
    }

    @Test
    void unreachableServerIsOneLine() throws Exception {
        int port;
        try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            port = free.getLocalPort();
        }
        try (SluiceProcess load = SluiceProcess.start("load", "http://127.0.0.1:" + port + "/")) {
            assertThat(load.status()).isEqualTo(1);
            assertThat(load.errors())
                    .isEqualToIgnoringNewLines("sluice load: can't connect to 127.0.0.1:" + port
                            + ": Connection refused; is the server running?");
        }
    }

    @Test
    void serverThatAnswersNothingFails() throws Exception {
        try (ServerSocket silent = new ServerSocket(0, 100, InetAddress.getLoopbackAddress());
                SluiceProcess load = SluiceProcess.start(
                        "load",
                        "http://127.0.0.1:" + silent.getLocalPort() + "/",
                        "-c",
                        "2",
                        "-q",
                        "--warmup",
                        "0",
                        "-d",
                        "1s",
                        "--timeout",
                        "200ms")) {
            assertThat(rest(load)).containsPattern("errors +timeout \\d");
            assertThat(load.status()).isEqualTo(1);
            assertThat(load.errors().strip().lines()).hasSize(1);
            assertThat(load.errors()).contains("no request was answered; errors: timeout");
        }
    }
}
