package dev.sluice.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.Models;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.regex.Matcher;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A server's life on the command line: start, listen, stop. */
@Timeout(60)
class EchoCommandTest {
    private static Socket connect(int port) throws IOException {
        return new Socket(InetAddress.getLoopbackAddress(), port);
    }

    private static void echo(Socket socket, String text) throws IOException {
        byte[] bytes = text.getBytes(StandardCharsets.US_ASCII);
        socket.getOutputStream().write(bytes);
        assertThat(socket.getInputStream().readNBytes(bytes.length)).isEqualTo(bytes);
    }

    @Test
    void listensEchoesAndEndsWithZeroOnSigterm() throws Exception {
        try (SluiceProcess sluice = SluiceProcess.start("echo", "--port", "0", "--loops", "2", "--model", "epoll")) {
            Matcher line = sluice.listening();
            assertThat(line.group(1)).isEqualTo("127.0.0.1");
            assertThat(line.group(3)).isEqualTo("epoll");
            assertThat(line.group(4)).isEqualTo("2");
            try (Socket socket = connect(Integer.parseInt(line.group(2)))) {
                echo(socket, "hello");
                sluice.terminate();
                assertThat(socket.getInputStream().read()).isEqualTo(-1);
            }
            assertThat(sluice.status()).isZero();
            assertThat(sluice.errors()).contains("1 connection accepted, 0 cut");
        }
    }

    @Tag("slow")
    @ParameterizedTest
    @ValueSource(strings = {"session", "callbacks", "promises", "sequential"})
    void eachStyleEchoes(String style) throws Exception {
        try (SluiceProcess sluice = SluiceProcess.start("echo", "--port", "0", "--model", "epoll", "--style", style)) {
            try (Socket socket = connect(sluice.port())) {
                echo(socket, "hello");
                echo(socket, "x".repeat(100_000));
                sluice.terminate();
                assertThat(socket.getInputStream().read()).isEqualTo(-1);
            }
            assertThat(sluice.status()).isZero();
            assertThat(sluice.errors()).contains("1 connection accepted, 0 cut");
        }
    }

    @Test
    void autoSaysWhatItChoseAndWhy() throws Exception {
        try (SluiceProcess sluice = SluiceProcess.start("echo", "--port", "0")) {
            String chosen = Models.choose("auto").name();
            assertThat(sluice.listening().group(3)).isEqualTo(chosen);
            sluice.terminate();
            assertThat(sluice.status()).isZero();
            assertThat(sluice.errors()).contains("model " + chosen + ": the best");
        }
    }

    @Tag("slow")
    @Test
    void drainEndsThoughAClientStays() throws Exception {
        try (SluiceProcess sluice = SluiceProcess.start("echo", "--port", "0", "--model", "epoll", "--drain", "0.3")) {
            try (Socket socket = connect(sluice.port())) {
                echo(socket, "hello");
                sluice.terminate();
                // The client keeps its side open: only the drain's end closes the connection.
                assertThat(sluice.status()).isZero();
            }
            assertThat(sluice.errors()).contains("1 cut");
        }
    }

    @Tag("slow")
    @Test
    void aSecondSignalEndsAtOnce() throws Exception {
        try (SluiceProcess sluice = SluiceProcess.start("echo", "--port", "0", "--model", "epoll", "--drain", "1h")) {
            try (Socket socket = connect(sluice.port())) {
                echo(socket, "hello");
                sluice.terminate();
                // The session's end tells that the first signal has been taken.
                assertThat(socket.getInputStream().read()).isEqualTo(-1);
                // At once is one with the first: only a later one ends it.
                do {
                    sluice.terminate();
                } while (!sluice.endsWithin(Duration.ofMillis(50)));
                assertThat(sluice.status()).isEqualTo(143);
            }
        }
    }

    @Test
    void aPortInUseIsOneClearLine() throws Exception {
        try (SluiceProcess first = SluiceProcess.start("echo", "--port", "0", "--model", "epoll")) {
            String port = Integer.toString(first.port());
            try (SluiceProcess second = SluiceProcess.start("echo", "--port", port, "--model", "epoll")) {
                assertThat(second.status()).isEqualTo(1);
                assertThat(second.errors().lines()).hasSize(1);
                assertThat(second.errors()).contains("EADDRINUSE", port, "choose another port");
            }
        }
    }
}
