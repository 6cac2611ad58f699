package dev.sluice.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Of its calls to accept(2) every third fails: that is one newcomer's bad luck, and no reason to stop accepting. strace(1) has
 * the kernel answer so, and a newcomer waits for the next call; on {@code io_uring} there is no call that it could see.
 */
@Timeout(120)
@Tag("slow")
class AcceptFailuresTest {
    @BeforeAll
    static void needsStrace() throws InterruptedException {
        boolean there;
        try {
            there = new ProcessBuilder("strace", "-o", "/dev/null", "true")
                            .start()
                            .waitFor()
                    == 0;
        } catch (IOException e) {
            there = false;
        }
        assumeTrue(there, "strace is not installed here, or may not trace");
    }

    /** A refused accept4(2) has made an inode, and so costs the kernel more than the loop: it looks with poll(2) before. */
    @ParameterizedTest
    @ValueSource(strings = {"busy-poll", "sleep-poll"})
    void whoGuessesAcceptsOnlyNewcomers(String model, @TempDir Path folder) throws Exception {
        Path calls = folder.resolve("calls");
        List<String> traced = List.of("strace", "-f", "-qq", "-o", calls.toString(), "-e", "trace=accept,accept4");
        try (SluiceProcess server =
                SluiceProcess.start(traced, ProcessBuilder.Redirect.PIPE, "echo", "--port=0", "--model=" + model)) {
            echo(server.port());
            echo(server.port());
        }
        assertThat(Files.readString(calls)).contains("accept4(").doesNotContain("EAGAIN");
    }

    private static void echo(int port) throws IOException {
        try (Socket client = new Socket("127.0.0.1", port)) {
            client.setSoTimeout(20_000);
            client.getOutputStream().write("hello".getBytes(StandardCharsets.US_ASCII));
            assertThat(client.getInputStream().readNBytes(5)).asString().isEqualTo("hello");
        }
    }

    private static List<String> failing(String errno) {
        return List.of(
                "strace",
                "-f",
                "-qq",
                "-o",
                "/dev/null",
                "-e",
                "trace=accept,accept4",
                "-e",
                "inject=accept,accept4:error=" + errno + ":when=1+3");
    }

    /** The JDK's channels keep ECONNABORTED to themselves, and accept again: they get another one. */
    @ParameterizedTest
    @CsvSource({
        "threads, ECONNABORTED",
        "busy-poll, EPERM",
        "epoll, ECONNABORTED",
        "epoll-et, EPROTO",
        "nio, EPROTO",
        "aio, EPROTO"
    })
    void theLoopGoesOn(String model, String errno) throws Exception {
        try (SluiceProcess server = SluiceProcess.start(
                failing(errno), ProcessBuilder.Redirect.PIPE, "echo", "--port=0", "--model=" + model)) {
            int port = server.port();
            for (int i = 0; i < 20; i++) {
                echo(port);
            }
            assertThat(server.errors().lines().filter(line -> line.contains("accept: ")))
                    .as("lines in the log, however often it was the answer")
                    .hasSize(1);
        }
    }
}
