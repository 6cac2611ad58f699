package dev.sluice.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.sluice.Availability;
import dev.sluice.Connection;
import dev.sluice.DelegatingSession;
import dev.sluice.Model;
import dev.sluice.Models;
import dev.sluice.Options;
import dev.sluice.Server;
import dev.sluice.Service;
import dev.sluice.disk.DiskEngine;
import dev.sluice.os.Platform;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.RandomAccessFile;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Static files, on every model and each way to read them: the same bytes, whether the page cache has them or not. */
@Timeout(value = 60, unit = TimeUnit.SECONDS)
final class FileIoTest {
    private static final int LARGE = (3 << 20) + 17;
    private static final int[] SIZES = {0, 1, 4095, 16 * 1024, 16 * 1024 + 1, 300_001, LARGE};
    private static final int PATIENCE_MILLIS = 20_000;

    /** A model, and a way to read. */
    record Case(Model model, FileIo io) {
        @Override
        public String toString() {
            return model.name() + " " + io.label();
        }
    }

    static Stream<Case> cases() {
        List<String> names = switch (System.getProperty("sluice.tier", "plain")) {
            case "full" -> Models.all().stream().map(Model::name).toList();
            case "quick" -> List.of("epoll");
            default -> List.of("threads", "virtual", "epoll", "nio", "io_uring");
        };
        return Models.all().stream()
                .filter(m -> names.contains(m.name())
                        && !m.name().equals("sim")
                        && !m.name().equals("prefork"))
                .filter(m -> m.availability().available())
                .flatMap(m -> Arrays.stream(FileIo.values()).map(io -> new Case(m, io)))
                .filter(c -> c.io.engine()
                        .map(DiskEngine::availability)
                        .map(Availability::available)
                        .orElse(true));
    }

    @TempDir
    private Path folder;

    private StaticFiles files = StaticFiles.of(Path.of("/"));
    private Server server;

    private void serve(Case c) {
        serve(c, Options.builder(), service -> service);
    }

    private void serve(Case c, Options.Builder options, UnaryOperator<Service> around) {
        c.io.engine().ifPresent(options::disk);
        files = StaticFiles.builder(folder).fileIo(c.io.on(c.model)).keep(64).build();
        server = Server.builder(
                        around.apply(HttpService.builder().headHandler(files).build()))
                .model(c.model.name())
                .options(options.build())
                .listen(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))
                .start();
    }

    @AfterEach
    void stop() {
        if (server != null) {
            server.stop(Duration.ZERO);
        }
        files.close();
        assertThat(FileReading.buffers()).isZero();
    }

    private byte[] write(String name, int size, long seed) throws IOException {
        byte[] bytes = new byte[size];
        new Random(seed).nextBytes(bytes);
        Files.write(folder.resolve(name), bytes);
        return bytes;
    }

    /** Has the page cache forget a file; GNU dd does it with posix_fadvise(2). */
    private void forget(String name) throws Exception {
        String path = folder.resolve(name).toString();
        for (List<String> words : List.of(
                List.of("dd", "if=/dev/null", "of=" + path, "conv=notrunc,fsync", "status=none"),
                List.of("dd", "if=" + path, "iflag=nocache", "count=0", "status=none"))) {
            assertThat(new ProcessBuilder(words).inheritIO().start().waitFor()).isZero();
        }
    }

    /** What a client got: a body that is cut short is as long as it came. */
    private record Answer(String head, byte[] body) {
        int status() {
            return Integer.parseInt(head.substring(9, 12));
        }

        String field(String name) {
            return head.lines()
                    .filter(line -> line.startsWith(name + ": "))
                    .map(line -> line.substring(name.length() + 2))
                    .findFirst()
                    .orElse("");
        }
    }

    private Socket ask(String request, int receiveBytes) throws IOException {
        Socket socket = new Socket();
        if (receiveBytes > 0) {
            socket.setReceiveBufferSize(receiveBytes);
        }
        socket.connect(server.address());
        socket.setSoTimeout(PATIENCE_MILLIS);
        socket.getOutputStream()
                .write((request + "\r\nHost: a\r\nConnection: close\r\n\r\n").getBytes(StandardCharsets.ISO_8859_1));
        return socket;
    }

    private static Answer answer(Socket socket) throws IOException {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        InputStream in = socket.getInputStream();
        byte[] some = new byte[65_536];
        try {
            for (int n = in.read(some); n > 0; n = in.read(some)) {
                all.write(some, 0, n);
            }
        } catch (SocketException reset) {
            assertThat(reset).hasMessageContaining("reset"); // what was promised can't be sent
        }
        byte[] bytes = all.toByteArray();
        String text = new String(bytes, StandardCharsets.ISO_8859_1);
        int end = text.indexOf("\r\n\r\n") + 4;
        return new Answer(text.substring(0, end), Arrays.copyOfRange(bytes, end, bytes.length));
    }

    private Answer get(String path, String... fields) throws IOException {
        return request("GET", path, fields);
    }

    private Answer request(String method, String path, String... fields) throws IOException {
        String more = fields.length == 0 ? "" : "\r\n" + String.join("\r\n", fields);
        try (Socket socket = ask(method + " /" + path + " HTTP/1.1" + more, 0)) {
            return answer(socket);
        }
    }

    private static void await(String what, BooleanSupplier condition) {
        long end = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(PATIENCE_MILLIS);
        while (!condition.getAsBoolean()) {
            assertThat(System.nanoTime() - end).as(what).isNegative();
            LockSupport.parkNanos(1_000_000);
        }
    }

    @ParameterizedTest
    @MethodSource("cases")
    void sendsTheBytesWhetherTheyAreCachedOrNot(Case c) throws Exception {
        List<byte[]> expected = new ArrayList<>();
        for (int size : SIZES) {
            expected.add(write(size + ".bin", size, size));
            forget(size + ".bin");
        }
        serve(c);
        for (int round = 0; round < 2; round++) {
            for (int i = 0; i < SIZES.length; i++) {
                Answer answer = get(SIZES[i] + ".bin");
                assertThat(answer.status()).isEqualTo(200);
                assertThat(answer.body()).as(SIZES[i] + " bytes").isEqualTo(expected.get(i));
            }
        }
        assertThat(request("HEAD", LARGE + ".bin").field("Content-Length")).isEqualTo("" + LARGE);
        assertThat(request("HEAD", LARGE + ".bin").body()).isEmpty();
    }

    @ParameterizedTest
    @MethodSource("cases")
    void sendsRanges(Case c) throws Exception {
        byte[] large = write("large.bin", LARGE, 7);
        serve(c);
        for (int[] range : new int[][] {{5001, 400_000}, {0, 0}, {LARGE - 5000, LARGE - 1}, {1 << 20, 2 << 20}}) {
            forget("large.bin");
            Answer answer = get("large.bin", "Range: bytes=" + range[0] + "-" + range[1]);
            assertThat(answer.status()).isEqualTo(206);
            assertThat(answer.body()).isEqualTo(Arrays.copyOfRange(large, range[0], range[1] + 1));
        }
        forget("large.bin");
        String parts = new String(
                get("large.bin", "Range: bytes=10-19, 300000-300009, -10").body(), StandardCharsets.ISO_8859_1);
        for (int from : new int[] {10, 300_000, LARGE - 10}) {
            String part = new String(large, from, 10, StandardCharsets.ISO_8859_1);
            assertThat(parts).contains("bytes " + from + "-" + (from + 9) + "/" + LARGE + "\r\n\r\n" + part + "\r\n");
        }
        forget("large.bin"); // so large that what comes next is read while a part is sent
        String backwards = new String(
                get("large.bin", "Range: bytes=2000001-2900000, 5-1000000").body(), StandardCharsets.ISO_8859_1);
        for (int[] range : new int[][] {{2_000_001, 2_900_000}, {5, 1_000_000}}) {
            String part = new String(large, range[0], range[1] - range[0] + 1, StandardCharsets.ISO_8859_1);
            assertThat(backwards.contains("\r\n\r\n" + part + "\r\n")).isTrue();
        }
    }

    /** The kernel's read ahead, once begun, goes on by its own marks, up to 8 MiB at a time where a device has that. */
    @ParameterizedTest
    @MethodSource("cases")
    void readsNothingAheadOfWhatIsAskedFor(Case c) throws Exception {
        assumeTrue(Platform.isLinux(), "/proc tells");
        FileIo io = c.io.on(c.model);
        assumeTrue(io != FileIo.SENDFILE && io != FileIo.BLOCKING, "a loop waits there, and less often so");
        int asked = 4 << 20;
        write("large.bin", 24 << 20, 7);
        serve(c);
        get("large.bin", "Range: bytes=0-9"); // loads classes
        forget("large.bin");
        long before = readFromStorage();
        assertThat(get("large.bin", "Range: bytes=0-" + (asked - 1)).body()).hasSize(asked);
        assertThat(readFromStorage() - before).isLessThan(asked + (1 << 20));
    }

    /** proc_pid_io(5): the bytes that this process had storage read. */
    private static long readFromStorage() throws IOException {
        return Files.readAllLines(Path.of("/proc/self/io")).stream()
                .filter(line -> line.startsWith("read_bytes: "))
                .mapToLong(line -> Long.parseLong(line.substring(12)))
                .findFirst()
                .orElseThrow();
    }

    @ParameterizedTest
    @MethodSource("cases")
    void endsTheConnectionWhereAFileBecomesShorter(Case c) throws Exception {
        write("large.bin", 24 << 20, 7);
        forget("large.bin");
        serve(c);
        try (Socket socket = ask("GET /large.bin HTTP/1.1", 64 * 1024)) {
            socket.getInputStream().readNBytes(1000);
            try (RandomAccessFile open =
                    new RandomAccessFile(folder.resolve("large.bin").toFile(), "rw")) {
                open.setLength(1000);
            }
            assertThat(socket.getInputStream().transferTo(new ByteArrayOutputStream()))
                    .isLessThan((24 << 20) - 2000);
        } catch (SocketException reset) {
            assertThat(reset).hasMessageContaining("reset");
        }
        assertThat(get("large.bin").body()).hasSize(1000);
    }

    @ParameterizedTest
    @MethodSource("cases")
    void seesEachChangeAtOnce(Case c) throws Exception {
        Path file = folder.resolve("a.txt");
        Files.writeString(file, "one");
        serve(c);
        Answer one = get("a.txt");
        assertThat(one.body()).asString().isEqualTo("one");
        Files.writeString(file, "three");
        Answer three = get("a.txt");
        assertThat(three.body()).asString().isEqualTo("three");
        assertThat(three.field("ETag")).isNotEqualTo(one.field("ETag"));
        assertThat(get("a.txt", "If-None-Match: " + three.field("ETag")).status())
                .isEqualTo(304);
        Files.writeString(folder.resolve("b.txt"), "other");
        Files.move(folder.resolve("b.txt"), file, StandardCopyOption.ATOMIC_MOVE);
        Answer other = get("a.txt");
        assertThat(other.body()).asString().isEqualTo("other");
        assertThat(other.field("ETag")).isNotEqualTo(three.field("ETag"));
        Files.delete(file);
        assertThat(get("a.txt").status()).isEqualTo(404);
    }

    @ParameterizedTest
    @MethodSource("cases")
    void whoReadsSlowlyHoldsUpNobodyAndLeavesNothingOpen(Case c) throws Exception {
        byte[] small = write("small.bin", 100_000, 3);
        write("large.bin", 24 << 20, 7);
        serve(c);
        get("small.bin"); // by now all that stays open is
        long before = descriptors();
        List<Socket> slow = new ArrayList<>();
        for (int i = 0; i < 12; i++) {
            forget("large.bin");
            slow.add(ask("GET /large.bin HTTP/1.1", 16 * 1024));
            slow.getLast().getInputStream().readNBytes(1000);
        }
        forget("small.bin");
        assertThat(get("small.bin").body()).isEqualTo(small);
        for (Socket socket : slow) {
            socket.setSoLinger(true, 0);
            socket.close();
        }
        await("descriptors come back to " + before, () -> {
            files.forget();
            return descriptors() <= before;
        });
        await("buffers come back", () -> FileReading.buffers() == 0);
    }

    private static long descriptors() {
        try (Stream<Path> open = Files.list(Path.of("/proc/self/fd"))) {
            return open.count();
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    /** Each way on one model: it takes two seconds each. */
    static Stream<Case> onOneModel() {
        return cases().filter(c -> c.model.name().equals("epoll"));
    }

    @ParameterizedTest
    @MethodSource("onOneModel")
    @Tag("slow")
    void keepsBytesOfWhatHasRestedAndStillSeesEachChange(Case c) throws Exception {
        Path file = folder.resolve("a.txt");
        Files.writeString(file, "one");
        serve(c);
        long rested = System.currentTimeMillis() + 2_100;
        await("the file has rested", () -> System.currentTimeMillis() > rested);
        Answer one = get("a.txt");
        for (int i = 0; i < 10; i++) {
            assertThat(get("a.txt").body()).asString().isEqualTo("one");
        }
        Files.writeString(file, "two"); // as long as before
        Answer two = get("a.txt");
        assertThat(two.body()).asString().isEqualTo("two");
        assertThat(two.field("ETag")).isNotEqualTo(one.field("ETag"));
    }

    /** So many tasks wait, again and again, that the end of a read finds no place among them. */
    @Test
    void endsTheConnectionWhereItCantGoOnAfterARead() throws Exception {
        write("large.bin", LARGE, 7);
        Case c = new Case(Models.find("epoll").orElseThrow(), FileIo.BLOCKING);
        serve(
                c,
                Options.builder().taskLimit(1),
                service -> connection -> new DelegatingSession(service.open(connection)) {
                    @Override
                    public void received(ByteBuffer input) throws Exception {
                        super.received(input);
                        keepFull(connection);
                    }
                });
        assertThat(get("large.bin").body()).hasSizeLessThan(LARGE);
    }

    private static void keepFull(Connection connection) {
        connection.execute(() -> keepFull(connection));
    }

    @Test
    void choosesWhatSuitsTheModel() {
        FileIo best = DiskEngine.best() == DiskEngine.IO_URING ? FileIo.IO_URING : FileIo.POOL;
        assertThat(FileIo.suiting(Models.find("epoll").orElseThrow())).isEqualTo(best);
        assertThat(FileIo.suiting(Models.find("virtual").orElseThrow())).isEqualTo(best);
        assertThat(FileIo.suiting(Models.find("threads").orElseThrow())).isEqualTo(FileIo.SENDFILE);
        assertThat(FileIo.IO_URING.on(Models.find("io_uring").orElseThrow())).isEqualTo(FileIo.SENDFILE);
        assertThat(FileIo.POOL.on(Models.find("io_uring").orElseThrow())).isEqualTo(FileIo.POOL);
        assertThat(FileIo.named("io_uring")).contains(FileIo.IO_URING);
        assertThat(FileIo.named("ring")).isEmpty();
    }
}
