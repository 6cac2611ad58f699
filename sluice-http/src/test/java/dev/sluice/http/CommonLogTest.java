package dev.sluice.http;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.Files;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.ZoneId;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(value = 60, unit = TimeUnit.SECONDS)
class CommonLogTest {
    private static final ZoneId ZONE = ZoneId.of("America/Los_Angeles");
    private static final long MILLIS = 971_211_336_000L;

    private record TestWorld(SocketAddress remoteAddress) implements World {
        @Override
        public Files files() {
            throw new AssertionError("the log opens no files");
        }

        @Override
        public int requestLineBytes() {
            return 8192;
        }
    }

    /** Ten short lines. */
    private static final int LIMIT_BYTES = 10 * (128 + "GET / HTTP/1.1".length());

    private static SocketAddress address(String host) {
        try {
            return new InetSocketAddress(InetAddress.getByName(host), 40_000);
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    /** A request as it came, malformed or not. */
    private static Request request(SocketAddress peer, String line) {
        ByteBuffer bytes = ByteBuffer.wrap((line + "\r\nHost: a\r\n\r\n").getBytes(StandardCharsets.ISO_8859_1));
        RequestHead head = new RequestHead();
        int _ = new RequestParser(HttpLimits.standard()).parse(bytes, head);
        Request request = new Request(new TestWorld(peer), head);
        request.begin(MILLIS, 0);
        return request;
    }

    private static String logged(Request request, int status, long bytes) throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try (CommonLog log = new CommonLog(out, true, ZONE, LIMIT_BYTES)) {
            log.answered(request, status, bytes, 1);
        }
        return out.toString(StandardCharsets.US_ASCII);
    }

    @Test
    void writesTheCommonFormat() throws IOException {
        assertThat(logged(request(address("127.0.0.1"), "GET /apache_pb.gif HTTP/1.0"), 200, 2326))
                .isEqualTo("127.0.0.1 - - [10/Oct/2000:13:55:36 -0700] \"GET /apache_pb.gif HTTP/1.0\" 200 2326\n");
        assertThat(logged(request(address("::1"), "HEAD / HTTP/1.1"), 304, 0))
                .isEqualTo("0:0:0:0:0:0:0:1 - - [10/Oct/2000:13:55:36 -0700] \"HEAD / HTTP/1.1\" 304 -\n");
        assertThat(logged(request(UnixDomainSocketAddress.of(""), "GET / HTTP/1.1"), 200, 1))
                .startsWith("unix - - [");
    }

    @Test
    void oneResponseIsOneLineWhateverWasSent() throws IOException {
        String evil = "GET /\" 200 1 \"\\\u001b[31m\n127.0.0.1 - - [x] \"\u00ff\u0000\u007f HTTP/1.1";
        String line = logged(request(address("127.0.0.1"), evil), 400, 5);
        assertThat(line).matches("[ -~]*\n");
        assertThat(line).contains("\"GET /\\x22 200 1 \\x22\\x5C\\x1B[31m").endsWith("\" 400 5\n");
        String raw = "GET /\u00ff\u0000\u007f HTTP/1.1";
        assertThat(logged(request(address("127.0.0.1"), raw), 400, 5)).contains("\"GET /\\xFF\\x00\\x7F HTTP/1.1\"");
    }

    @Test
    void writesLinesInOrderBehindWhatTheFileHolds(@TempDir Path temp) throws IOException {
        Path file = temp.resolve("access.log");
        java.nio.file.Files.writeString(file, "before\n");
        try (CommonLog log = CommonLog.toFile(file)) {
            for (int i = 0; i < 5000; i++) {
                log.answered(request(address("127.0.0.1"), "GET /" + i + " HTTP/1.1"), 200, i, 1);
            }
        }
        List<String> lines = java.nio.file.Files.readAllLines(file);
        assertThat(lines).hasSize(5001).startsWith("before");
        for (int i = 0; i < 5000; i++) {
            assertThat(lines.get(i + 1)).contains("\"GET /" + i + " HTTP/1.1\"");
        }
    }

    /** An output that waits to be let go. */
    private static final class Stuck extends OutputStream {
        final CountDownLatch reached = new CountDownLatch(1);
        final CountDownLatch letGo = new CountDownLatch(1);
        final ByteArrayOutputStream taken = new ByteArrayOutputStream();

        @Override
        public void write(int b) {
            taken.write(b);
        }

        @Override
        public void write(byte[] bytes, int offset, int length) throws IOException {
            reached.countDown();
            try {
                letGo.await();
            } catch (InterruptedException e) {
                throw new IOException(e);
            }
            taken.write(bytes, offset, length);
        }
    }

    @Test
    void dropsAndCountsWhatTheOutputDoesNotTake() throws Exception {
        Stuck out = new Stuck();
        try (CommonLog log = new CommonLog(out, true, ZONE, LIMIT_BYTES)) {
            Request request = request(address("127.0.0.1"), "GET / HTTP/1.1");
            log.answered(request, 200, 1, 1);
            out.reached.await();
            for (int i = 0; i < 25; i++) {
                log.answered(request, 200, 1, 1);
            }
            assertThat(log.dropped()).isEqualTo(15);
            out.letGo.countDown();
        }
        assertThat(out.taken.toString(StandardCharsets.US_ASCII).lines()).hasSize(11);
    }

    @Test
    void holdsFewerLinesWhereTheyAreLong() throws Exception {
        Stuck out = new Stuck();
        try (CommonLog log = new CommonLog(out, true, ZONE, LIMIT_BYTES)) {
            log.answered(request(address("127.0.0.1"), "GET / HTTP/1.1"), 200, 1, 1);
            out.reached.await();
            Request request = request(address("127.0.0.1"), "GET /" + "a".repeat(8000) + " HTTP/1.1");
            for (int i = 0; i < 10; i++) {
                log.answered(request, 200, 1, 1);
            }
            assertThat(log.dropped()).isEqualTo(9);
            out.letGo.countDown();
        }
    }

    @Test
    void goesOnWhenTheOutputFails() throws IOException {
        OutputStream broken = new OutputStream() {
            @Override
            public void write(int b) throws IOException {
                throw new IOException("no space left");
            }

            @Override
            public void close() {}
        };
        CommonLog log = new CommonLog(broken, true, ZONE, 1 << 20);
        for (int i = 0; i < 100; i++) {
            log.answered(request(address("127.0.0.1"), "GET / HTTP/1.1"), 200, 1, 1);
        }
        org.assertj.core.api.Assertions.assertThatThrownBy(log::close).hasMessage("no space left");
    }
}
