package dev.sluice.clients;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.ServerStats;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Connections by the thousand that come only to be gone. */
@Timeout(value = 180, unit = TimeUnit.SECONDS)
@Tag("slow")
class StormsTest {
    private static final String MODELS = "dev.sluice.clients.LiveModels#models";
    private static final String REQUEST = "GET /hello.txt HTTP/1.1\r\nHost: a\r\n\r\n";
    private static final int STORM = 100_000;
    private static final int THREADS = 4;
    /** Clients and server share this process's 20,000 descriptors: of what one closes, the other may have so many open. */
    private static final int MOST_BEHIND = 5_000;

    private static final long LOOK_NANOS = TimeUnit.MILLISECONDS.toNanos(1);
    private static final Duration DRAIN = Duration.ofSeconds(2);

    private static final Site SITE = Site.shared();

    private static void await(String what, BooleanSupplier condition) {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(15);
        while (!condition.getAsBoolean()) {
            assertThat(System.nanoTime()).as("the time for " + what).isLessThan(deadline);
            LockSupport.parkNanos(LOOK_NANOS);
        }
    }

    private static long descriptors() {
        try (Stream<Path> all = Files.list(Path.of("/proc/self/fd"))) {
            return all.count();
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    /** Connections that are reset: at once, in the middle of a head, before the answer is read, and in the middle of a file. */
    private static void resets(LiveServer server, int count) throws IOException {
        for (int i = 0; i < count; i++) {
            if (i % 64 == 0) {
                await("the server to keep up", () -> server.stats().open() < MOST_BEHIND);
            }
            try (Socket socket = server.connect()) {
                socket.setSoLinger(true, 0);
                String sent = switch (i % 64) {
                    case 0 -> "GET /large.bin HTTP/1.1\r\nHost: a\r\n\r\n";
                    case 1, 2, 3, 4, 5, 6, 7 -> REQUEST;
                    case 8, 9, 10, 11, 12, 13, 14 -> "GET /he";
                    default -> "";
                };
                if (!sent.isEmpty()) {
                    socket.getOutputStream().write(sent.getBytes(StandardCharsets.ISO_8859_1));
                }
            }
        }
    }

    /** Runs something on several threads; what it throws fails the test. */
    private static void onThreads(int count, Attempt attempt) throws InterruptedException {
        List<Throwable> failures = new ArrayList<>();
        List<Thread> threads = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            threads.add(Thread.ofPlatform().daemon().start(() -> {
                try {
                    attempt.run();
                } catch (Throwable e) {
                    synchronized (failures) {
                        failures.add(e);
                    }
                }
            }));
        }
        for (Thread thread : threads) {
            thread.join();
        }
        assertThat(failures).isEmpty();
    }

    private interface Attempt {
        void run() throws Exception;
    }

    @ParameterizedTest
    @MethodSource(MODELS)
    void resetsLeaveNothingAndSayNextToNothing(String model) throws Exception {
        PrintStream console = System.err;
        ByteArrayOutputStream said = new ByteArrayOutputStream();
        System.setErr(new PrintStream(said, true, StandardCharsets.UTF_8));
        try (LiveServer server = LiveServer.files(model, SITE.root);
                HealthyClient _ = HealthyClient.ofFiles(server)) {
            resets(server, 100);
            await(
                    "the first ones' end",
                    () -> !server.isOneProcess() || server.stats().open() <= 1);
            long before = descriptors();
            int each = (server.isOneProcess() ? STORM : 2_000) / THREADS;
            onThreads(THREADS, () -> resets(server, each));
            await("only the healthy client in " + server.stats(), () -> {
                ServerStats now = server.stats();
                return !server.isOneProcess() || now.open() <= 1 && now.lentBuffers() <= 1;
            });
            await("the " + before + " descriptors from before", () -> descriptors() <= before);
            assertThat(server.stats().failures()).isZero();
        } finally {
            System.setErr(console);
        }
        assertThat(said.toString(StandardCharsets.UTF_8).lines().filter(line -> line.contains("dev.sluice")))
                .as("lines in the log")
                .hasSizeLessThanOrEqualTo(1);
    }

    @ParameterizedTest
    @MethodSource(MODELS)
    void newcomersWhileTheServerStopsAreAnsweredWholeOrNotAtAll(String model) throws Exception {
        LiveServer server = LiveServer.files(model, SITE.root);
        AtomicInteger answered = new AtomicInteger();
        AtomicBoolean over = new AtomicBoolean();
        Thread stopper = Thread.ofPlatform().daemon().unstarted(() -> {
            long begun = System.nanoTime();
            server.stop(DRAIN);
            over.set(true);
            assertThat(Duration.ofNanos(System.nanoTime() - begun)).isLessThan(DRAIN.plusSeconds(5));
        });
        onThreads(THREADS, () -> {
            while (!over.get()) {
                String got = ask(server);
                if (!got.isEmpty()) {
                    assertThat(got).startsWith("HTTP/1.1 200").endsWith(Site.HELLO);
                    if (answered.incrementAndGet() == 200) {
                        stopper.start();
                    }
                }
            }
        });
        stopper.join();
        assertThat(ask(server)).isEmpty();
        assertThat(server.stats().open()).isZero();
    }

    /** What a newcomer gets, to the end; nothing where it is refused. */
    private static String ask(LiveServer server) {
        try (RawClient client = new RawClient(server)) {
            client.send(REQUEST.replace("\r\n\r\n", "\r\nConnection: close\r\n\r\n"));
            return client.readAll();
        } catch (IOException refused) {
            return "";
        }
    }
}
