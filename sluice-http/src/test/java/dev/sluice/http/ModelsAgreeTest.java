package dev.sluice.http;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.Model;
import dev.sluice.Models;
import dev.sluice.Server;
import dev.sluice.ServerStats;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.logging.Handler;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Mutated requests, cut at random places, over sockets to several models at once: each must send the very bytes that a session
 * in memory answers when it gets them in one piece, or byte by byte: a head that the peer's end cuts short is refused where what is
 * wrong with it was seen already, and otherwise just dropped. {@code -Dsluice.fuzz.seed=N} begins where a failure says.
 */
@Timeout(value = 120, unit = TimeUnit.SECONDS)
final class ModelsAgreeTest {
    /** Of each family what differs most in how bytes arrive. */
    private static final List<String> MODELS =
            List.of("threads", "virtual", "busy-poll", "epoll", "epoll-et", "nio", "aio", "io_uring");

    private static final int FEW = 150;
    private static final Duration BUDGET = Duration.ofSeconds(Long.getLong("sluice.fuzz.seconds", 10));
    private static final int PATIENCE_MILLIS = 20_000;
    private static final long LOOK_NANOS = TimeUnit.MILLISECONDS.toNanos(1);

    /** What the runtime and the handlers had to say, of which there must be nothing. */
    private final List<LogRecord> logged = new CopyOnWriteArrayList<>();

    private final Logger logger = Logger.getLogger("dev.sluice");
    private final Handler listener = new Handler() {
        @Override
        public void publish(LogRecord line) {
            logged.add(line);
        }

        @Override
        public void flush() {}

        @Override
        public void close() {}
    };

    private final Map<String, Server> servers = new TreeMap<>();
    private final HttpService service = HttpService.of(ModelsAgreeTest::tell);

    @BeforeEach
    void start() {
        logger.addHandler(listener);
        for (Model model : Models.all()) {
            if (MODELS.contains(model.name()) && model.availability().available()) {
                servers.put(
                        model.name(),
                        Server.builder(service)
                                .model(model.name())
                                .listen(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))
                                .start());
            }
        }
        assertThat(servers).hasSizeGreaterThan(3);
    }

    @AfterEach
    void stop() {
        servers.values().forEach(server -> server.stop(Duration.ZERO));
        logger.removeHandler(listener);
    }

    /** All that a handler can see of a request. */
    private static Response tell(Request request) {
        StringBuilder text = new StringBuilder(request.method() + "|" + request.path() + "|" + request.query() + "|"
                + request.version() + "|" + request.host() + "\n");
        for (Headers.Field field : request.headers()) {
            text.append(field).append('\n');
        }
        text.append(new String(request.content(), StandardCharsets.ISO_8859_1));
        return Response.bytes(200, "text/plain", text.toString().getBytes(StandardCharsets.ISO_8859_1));
    }

    @Test
    void onRequestsThatAreTheSameEachTime() throws Exception {
        Mutations mutations = new Mutations(Long.getLong("sluice.fuzz.seed", 7));
        for (int i = 0; i < FEW; i++) {
            agreeOn(mutations.next());
        }
        nothingIsLeft();
    }

    @Test
    @Tag("slow")
    void onOtherRequestsEachTime() throws Exception {
        long seed = Long.getLong("sluice.fuzz.seed", System.nanoTime());
        long end = System.nanoTime() + BUDGET.toNanos();
        while (System.nanoTime() - end < 0) {
            Mutations mutations = new Mutations(seed);
            try {
                for (int i = 0; i < FEW; i++) {
                    agreeOn(mutations.next());
                }
            } catch (AssertionError e) {
                throw new AssertionError("with -Dsluice.fuzz.seed=" + seed, e);
            }
            seed++;
        }
        nothingIsLeft();
    }

    private void agreeOn(List<byte[]> pieces) throws Exception {
        String sent = text(pieces);
        String expected = dateless(inMemory(sent, sent.length()));
        Map<String, Socket> clients = new TreeMap<>();
        try {
            for (Map.Entry<String, Server> each : servers.entrySet()) {
                Socket client = new Socket();
                clients.put(each.getKey(), client);
                client.connect(each.getValue().address());
                client.setTcpNoDelay(true);
                client.setSoTimeout(PATIENCE_MILLIS);
            }
            for (byte[] piece : pieces) {
                for (Socket client : clients.values()) {
                    client.getOutputStream().write(piece);
                }
            }
            for (Socket client : clients.values()) {
                client.shutdownOutput();
            }
            for (Map.Entry<String, Socket> each : clients.entrySet()) {
                String answer = dateless(readAll(each.getValue()));
                if (!answer.equals(expected)) { // or a failed test's reason would be worked out each time
                    assertThat(answer)
                            .as(each.getKey() + " on " + quoted(pieces))
                            .isIn(expected, dateless(inMemory(sent, 1)));
                }
            }
        } finally {
            for (Socket client : clients.values()) {
                client.close();
            }
        }
    }

    /** What a session answers that gets its input in pieces of that size. */
    private String inMemory(String sent, int pieceBytes) throws Exception {
        TestConnection connection = new TestConnection(service);
        for (int at = 0; at < sent.length() && !connection.isClosed(); at += pieceBytes) {
            connection.send(sent.substring(at, Math.min(sent.length(), at + pieceBytes)));
        }
        if (!connection.isClosed()) {
            connection.sendEnd();
        }
        return connection.output();
    }

    private static String readAll(Socket client) throws IOException {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        try {
            client.getInputStream().transferTo(all);
        } catch (SocketException reset) {
            all.writeBytes(" and a reset".getBytes(StandardCharsets.ISO_8859_1)); // an end was due
        }
        return all.toString(StandardCharsets.ISO_8859_1);
    }

    private static String dateless(String answers) {
        return answers.replaceAll("\r\nDate: [^\r\n]*", "");
    }

    private static String text(List<byte[]> pieces) {
        StringBuilder text = new StringBuilder();
        pieces.forEach(piece -> text.append(new String(piece, StandardCharsets.ISO_8859_1)));
        return text.toString();
    }

    /** The pieces as Java would have them. */
    private static List<String> quoted(List<byte[]> pieces) {
        List<String> all = new ArrayList<>();
        for (byte[] piece : pieces) {
            StringBuilder quoted = new StringBuilder();
            for (byte b : piece) {
                boolean plain = b >= ' ' && b <= '~' && b != '"' && b != '\\';
                quoted.append(plain ? String.valueOf((char) b) : String.format("\\u%04x", b & 0xFF));
            }
            all.add(quoted.toString());
        }
        return all;
    }

    private void nothingIsLeft() throws InterruptedException {
        for (Map.Entry<String, Server> each : servers.entrySet()) {
            long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(10);
            ServerStats stats = each.getValue().stats();
            while (stats.open() + stats.lentBuffers() > 0 && System.nanoTime() - deadline < 0) {
                LockSupport.parkNanos(LOOK_NANOS);
                stats = each.getValue().stats();
            }
            assertThat(stats.open() + stats.lentBuffers())
                    .as(each.getKey() + " has left " + stats)
                    .isZero();
            assertThat(stats.failures()).as(each.getKey()).isZero();
        }
        assertThat(logged.stream().map(line -> line.getMessage() + " " + line.getThrown()))
                .isEmpty();
    }
}
