package dev.sluice.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Peers that make a server hold as much as it lets them, or log what it never saw: on a process, whose memory can be told. */
@Timeout(120)
@Tag("slow")
@EnabledOnOs(OS.LINUX) // /proc
class GreedyPeersTest {
    private static final String GET_LARGE = "GET /large.bin HTTP/1.1\r\nHost: a\r\n\r\n";
    private static final long LARGE_BYTES = 64 << 20;
    private static final int PEERS = 300;
    /** Of input, output and a file's bytes that wait, with what the C library adds. */
    private static final long PEER_MOST_BYTES = 256 << 10;

    /** What the server is started with and by: a JVM whose direct buffers are few. */
    private static final List<String> BY = List.of("env", "JDK_JAVA_OPTIONS=-XX:MaxDirectMemorySize=4m");

    private static Path site(Path temp) throws IOException {
        Path site = Files.createDirectory(temp.resolve("site"));
        Files.writeString(site.resolve("hello.txt"), "hello");
        try (var large = new java.io.RandomAccessFile(site.resolve("large.bin").toFile(), "rw")) {
            large.setLength(LARGE_BYTES);
        }
        return site;
    }

    private static SluiceProcess serve(String model, Path site, String... more) throws IOException {
        return serve(BY, model, site, more);
    }

    private static SluiceProcess serve(List<String> by, String model, Path site, String... more) throws IOException {
        return SluiceProcess.start(
                by,
                ProcessBuilder.Redirect.PIPE,
                Stream.concat(Stream.of("serve", site.toString(), "--port=0", "--model=" + model), Stream.of(more))
                        .toArray(String[]::new));
    }

    private static long residentBytes(SluiceProcess server) throws IOException {
        Matcher resident = Pattern.compile("VmRSS:\\s+(\\d+) kB")
                .matcher(Files.readString(Path.of("/proc/" + server.pid() + "/status")));
        assertThat(resident.find()).isTrue();
        return Long.parseLong(resident.group(1)) << 10;
    }

    private static void isServed(int port) throws IOException {
        try (Socket socket = new Socket("127.0.0.1", port)) {
            socket.setSoTimeout(10_000);
            socket.getOutputStream()
                    .write("GET /hello.txt HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"
                            .getBytes(StandardCharsets.ISO_8859_1));
            assertThat(new String(socket.getInputStream().readAllBytes(), StandardCharsets.ISO_8859_1))
                    .startsWith("HTTP/1.1 200 ")
                    .endsWith("hello");
        }
    }

    private static List<SocketChannel> connect(int port, int count) throws IOException {
        List<SocketChannel> peers = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            SocketChannel peer = SocketChannel.open();
            peer.setOption(java.net.StandardSocketOptions.SO_RCVBUF, 4096);
            peer.connect(new InetSocketAddress("127.0.0.1", port));
            peer.configureBlocking(false);
            peers.add(peer);
        }
        return peers;
    }

    private static void close(List<SocketChannel> peers) throws IOException {
        for (SocketChannel peer : peers) {
            peer.close();
        }
    }

    /** Each asks for much and reads nothing, so that its output waits, and all that it sends behind it. */
    @ParameterizedTest
    @ValueSource(strings = {"threads", "virtual", "epoll", "nio", "aio", "io_uring"})
    void whatPeersMakeItKeepIsBoundedAndEndsNoLoop(String model, @TempDir Path temp) throws Exception {
        try (SluiceProcess server = serve(model, site(temp))) {
            int port = server.port();
            for (int i = 0; i < 20; i++) {
                isServed(port);
            }
            long before = residentBytes(server);
            List<SocketChannel> peers = connect(port, PEERS);
            try {
                byte[] requests = GET_LARGE.repeat(4000).getBytes(StandardCharsets.ISO_8859_1);
                for (SocketChannel peer : peers) {
                    ByteBuffer bytes = ByteBuffer.wrap(requests);
                    while (peer.write(bytes) > 0) {
                        // until the kernel takes no more
                    }
                }
                isServed(port);
                assertThat(residentBytes(server) - before).isLessThan(PEERS * PEER_MOST_BYTES);
                isServed(port);
            } finally {
                close(peers);
            }
            isServed(port);
            server.terminate();
            assertThat(server.status()).as(server.errors()).isZero();
            assertThat(server.errors()).doesNotContain("OutOfMemoryError", "connections are lost");
        }
    }

    /** Peers that take a little now and then are no stall; what they hold does not grow. */
    @ParameterizedTest
    @ValueSource(strings = {"threads", "epoll", "io_uring"})
    void whoReadsSlowlyCostsNoMoreInTime(String model, @TempDir Path temp) throws Exception {
        try (SluiceProcess server = serve(model, site(temp))) {
            int port = server.port();
            isServed(port);
            List<SocketChannel> peers = connect(port, PEERS);
            try {
                for (SocketChannel peer : peers) {
                    peer.write(ByteBuffer.wrap(GET_LARGE.getBytes(StandardCharsets.ISO_8859_1)));
                }
                read(peers, 5);
                long before = residentBytes(server);
                long passed = read(peers, 100);
                assertThat(passed).isGreaterThan(PEERS * 100L * 1024);
                assertThat(residentBytes(server) - before).isLessThan(passed / 2); // the JVM's own heap grows meanwhile
                isServed(port);
            } finally {
                close(peers);
            }
        }
    }

    private static long read(List<SocketChannel> peers, int rounds) throws IOException {
        ByteBuffer little = ByteBuffer.allocate(4096);
        long all = 0;
        for (int round = 0; round < rounds; round++) {
            for (SocketChannel peer : peers) {
                all += peer.read(little.clear());
            }
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(25)); // how slowly they read
        }
        return all;
    }

    /** Who is there when newcomers have taken all descriptors is told so, at once, and the log is not filled by asking. */
    @ParameterizedTest
    @ValueSource(strings = {"threads", "epoll", "nio"})
    void whoTakesAllDescriptorsFillsNoLog(String model, @TempDir Path temp) throws Exception {
        List<String> limited = List.of("sh", "-c", "ulimit -n 200; exec \"$@\"", "sh");
        try (SluiceProcess server = serve(limited, model, site(temp));
                Socket there = new Socket("127.0.0.1", server.port())) {
            there.setSoTimeout(10_000);
            assertThat(ask(there, "/hello.txt")).startsWith("HTTP/1.1 200 ");
            assertThat(ask(there, "/none")).startsWith("HTTP/1.1 404 ");
            List<SocketChannel> peers = connect(((InetSocketAddress) there.getRemoteSocketAddress()).getPort(), 300);
            try {
                String answer = ask(there, "/hello.txt");
                while (answer.startsWith("HTTP/1.1 200 ")) { // until they are accepted
                    answer = ask(there, "/hello.txt");
                }
                for (int i = 0; i < 50; i++) {
                    assertThat(answer).startsWith("HTTP/1.1 503 ").contains("Retry-After: 1");
                    answer = ask(there, "/hello.txt");
                }
            } finally {
                close(peers);
            }
            while (!ask(there, "/hello.txt").startsWith("HTTP/1.1 200 ")) {
                // until they are gone; the test's own time-out ends it
            }
            server.terminate();
            assertThat(server.status()).isZero();
            assertThat(server.errors().lines().filter(line -> line.startsWith("[")))
                    .singleElement()
                    .asString()
                    .contains("accepting pauses");
        }
    }

    /** The beginning of an answer that is short. */
    private static String ask(Socket socket, String path) throws IOException {
        socket.getOutputStream()
                .write(("GET " + path + " HTTP/1.1\r\nHost: a\r\n\r\n").getBytes(StandardCharsets.ISO_8859_1));
        byte[] some = new byte[4096];
        int length = socket.getInputStream().read(some);
        return new String(some, 0, Math.max(length, 0), StandardCharsets.ISO_8859_1);
    }

    /** What would be a second line, or a terminal's command, is {@code \xHH}. */
    @ParameterizedTest
    @ValueSource(strings = {"threads", "sleep-poll", "epoll", "io_uring"})
    void oneRequestIsOneLineOfTheLog(String model, @TempDir Path temp) throws Exception {
        Path log = temp.resolve("access.log");
        try (SluiceProcess server = serve(model, site(temp), "--access-log=" + log)) {
            int port = server.port();
            List<String> evil = List.of(
                    "GET /\u001b]0;title\u0007 HTTP/1.1\r\nHost: a\r\n\r\n",
                    "GET /\r127.0.0.1 - - [x] \"GET /forged\" 200 1 HTTP/1.1\r\nHost: a\r\n\r\n",
                    "GET /\n127.0.0.1 - - [x] \"GET /forged\" 200 1 HTTP/1.1\r\nHost: a\r\n\r\n",
                    "GET /\"%20200%201\\ HTTP/1.1\r\nHost: a\r\n\r\n",
                    "GET /\u0085\u00ff HTTP/1.1\r\nHost: a\r\n\r\n");
            for (String request : evil) {
                try (Socket socket = new Socket("127.0.0.1", port)) {
                    socket.setSoTimeout(10_000);
                    socket.getOutputStream().write(request.getBytes(StandardCharsets.ISO_8859_1));
                    socket.shutdownOutput();
                    assertThat(socket.getInputStream().readAllBytes()).isNotEmpty();
                }
            }
            isServed(port);
            server.terminate();
            assertThat(server.status()).isZero();
            List<String> lines = Files.readAllLines(log, StandardCharsets.ISO_8859_1);
            assertThat(lines)
                    .hasSize(evil.size() + 1)
                    .allMatch(line -> line.matches("127\\.0\\.0\\.1 - - \\[[^]]+] \"[^\"]*\" \\d+ [-\\d]+"));
            assertThat(IntStream.range(0, lines.size())
                            .filter(i -> lines.get(i).contains("\\x"))
                            .count())
                    .isGreaterThanOrEqualTo(3);
            assertThat(lines).noneMatch(line -> line.contains("\u001b"));
        }
    }
}
