package dev.sluice.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** {@code sluice kv} as its users start and stop it. */
@Timeout(60)
class KvCommandTest {
    private static Socket connect(int port) throws IOException {
        return new Socket(InetAddress.getLoopbackAddress(), port);
    }

    private static void ask(Socket socket, String line, String reply) throws IOException {
        socket.getOutputStream().write((line + "\r\n").getBytes(StandardCharsets.US_ASCII));
        assertThat(new String(socket.getInputStream().readNBytes(reply.length()), StandardCharsets.US_ASCII))
                .isEqualTo(reply);
    }

    @Test
    void listensAnswersAndEndsWithZeroOnSigterm() throws Exception {
        try (SluiceProcess sluice = SluiceProcess.start("kv", "--port", "0", "--loops", "2", "--model", "epoll")) {
            try (Socket socket = connect(sluice.port())) {
                ask(socket, "SET k v", "+OK\r\n");
                ask(socket, "GET k", "$1\r\nv\r\n");
                sluice.terminate();
                assertThat(socket.getInputStream().read()).isEqualTo(-1);
            }
            assertThat(sluice.status()).isZero();
            assertThat(sluice.errors()).contains("1 connection accepted, 0 cut");
        }
    }

    @Test
    void shutdownEndsItAsASignalDoes() throws Exception {
        try (SluiceProcess sluice = SluiceProcess.start(
                "kv", "--port", "0", "--model", "epoll", "--password", "word", "--max-clients", "2")) {
            try (Socket socket = connect(sluice.port())) {
                ask(socket, "GET k", "-NOAUTH Authentication required.\r\n");
                ask(socket, "AUTH word", "+OK\r\n");
                socket.getOutputStream().write("SHUTDOWN NOSAVE\r\n".getBytes(StandardCharsets.US_ASCII));
                assertThat(socket.getInputStream().read()).isEqualTo(-1);
            }
            assertThat(sluice.status()).isZero();
        }
    }

    /** What is appended when the signal comes is answered once it is synced; what comes later is refused, and not there. */
    @Test
    void aStopAnswersWhatItKeepsAndRefusesTheRest(@TempDir Path directory) throws Exception {
        String[] command = {"kv", "--port", "0", "--model", "epoll", "--dir", directory.toString()};
        int kept = 0;
        try (SluiceProcess sluice = SluiceProcess.start(command);
                Socket socket = connect(sluice.port())) {
            socket.getOutputStream().write("INCR n\r\n".repeat(5000).getBytes(StandardCharsets.US_ASCII));
            BufferedReader replies =
                    new BufferedReader(new InputStreamReader(socket.getInputStream(), StandardCharsets.US_ASCII));
            for (String reply = replies.readLine(); reply != null; reply = replies.readLine()) {
                if (!reply.equals(":" + (kept + 1))) {
                    assertThat(reply).isEqualTo("-MISCONF Nothing is written any more: the log is closed");
                } else if (++kept == 1) {
                    sluice.terminate();
                }
            }
            assertThat(sluice.status()).isZero();
            assertThat(sluice.errors()).contains("the log is synced and closed");
        }
        try (SluiceProcess sluice = SluiceProcess.start(command);
                Socket socket = connect(sluice.port())) {
            String number = String.valueOf(kept);
            ask(socket, "GET n", "$" + number.length() + "\r\n" + number + "\r\n");
        }
    }

    @Test
    void aModelOfManyProcessesIsRefusedWithTheReason() throws Exception {
        for (String many : new String[] {"--model=prefork", "--processes=2"}) {
            try (SluiceProcess sluice = SluiceProcess.start("kv", "--port=0", many)) {
                assertThat(sluice.status()).as(many).isNotZero();
                assertThat(sluice.errors()).as(many).contains("the store is the memory of one process");
            }
        }
    }

    @Test
    void wrongLimitsAreOneClearLine() throws Exception {
        try (SluiceProcess sluice = SluiceProcess.start("kv", "--port=0", "--max-value=1k")) {
            assertThat(sluice.status()).isEqualTo(2);
            assertThat(sluice.errors()).contains("--max-value is 1024 bytes, must be 1m to 1g");
        }
    }
}
