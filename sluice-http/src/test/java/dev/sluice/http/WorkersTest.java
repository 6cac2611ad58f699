package dev.sluice.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sluice.FileRegion;
import dev.sluice.Priority;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Handlers on workers: they may block, their answers come back in order, and there are no more of them than may be. */
@Timeout(value = 60, unit = TimeUnit.SECONDS)
final class WorkersTest {
    private static final String GET = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";

    static Stream<Workers> workers() {
        return Stream.of(Workers.pool(2, 10), Workers.virtual(10));
    }

    private static String post(int length, String body) {
        return "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: " + length + "\r\n\r\n" + body;
    }

    @ParameterizedTest
    @MethodSource("workers")
    void aHandlerRunsOnAWorker(Workers workers) throws Exception {
        AtomicReference<Thread> ran = new AtomicReference<>();
        try (workers) {
            TestConnection connection = new TestConnection(HttpService.builder()
                    .workers(workers)
                    .handler(request -> {
                        ran.set(Thread.currentThread());
                        return Response.text(
                                request.path() + new String(request.content(), StandardCharsets.ISO_8859_1) + ".");
                    })
                    .build());
            connection.send(GET + post(3, "abc") + "GET /3 HTTP/1.1\r\nHost: a\r\n\r\n");
            connection.runUntil("/3.");
            assertThat(connection.output()).containsSubsequence("\r\n\r\n/.", "\r\n\r\n/abc.", "\r\n\r\n/3.");
            assertThat(ran.get()).isNotSameAs(Thread.currentThread());
        }
    }

    @ParameterizedTest
    @MethodSource("workers")
    void aBlockingHandlerReadsWhileTheBodyArrives(Workers workers) throws Exception {
        try (workers) {
            TestConnection connection = new TestConnection(HttpService.builder()
                    .workers(workers)
                    .blocking(request -> {
                        long sum = 0;
                        try (var body = request.body().stream()) {
                            for (int b = body.read(); b >= 0; b = body.read()) {
                                sum += b;
                            }
                        }
                        return Response.text("sum " + sum + ".");
                    })
                    .build());
            connection.send(post(300_000, ""));
            for (int i = 0; i < 30; i++) {
                connection.send("x".repeat(10_000)).runTasks();
            }
            connection.runUntil("sum " + 300_000L * 'x' + ".");
            connection.send(post(0, "")).runUntil("sum 0.");
        }
    }

    @ParameterizedTest
    @MethodSource("workers")
    void aBodyThatEndsEarlyIsAnExceptionForItsReader(Workers workers) throws Exception {
        CountDownLatch seen = new CountDownLatch(1);
        try (workers) {
            TestConnection connection = new TestConnection(HttpService.builder()
                    .workers(workers)
                    .blocking(request -> {
                        try {
                            request.body().stream().readAllBytes();
                        } catch (IOException e) {
                            seen.countDown();
                            throw e;
                        }
                        return Response.text("whole");
                    })
                    .onFailure((line, failure) -> {})
                    .build());
            connection.send(post(10, "hello"));
            connection.reset();
            assertThat(seen.await(10, TimeUnit.SECONDS)).isTrue();
        }
    }

    @ParameterizedTest
    @MethodSource("workers")
    void aSequentialBodyWaitsForTheClient(Workers workers) throws Exception {
        CountDownLatch written = new CountDownLatch(1);
        try (workers) {
            TestConnection connection = new TestConnection(HttpService.builder()
                    .workers(workers)
                    .handler(request -> Response.builder(200)
                            .output(-1, out -> {
                                for (int i = 0; i < 1_000; i++) {
                                    out.write(("line " + i + " " + "x".repeat(1_000) + "\n")
                                            .getBytes(StandardCharsets.ISO_8859_1));
                                }
                                out.write('.');
                                written.countDown();
                            })
                            .build())
                    .build());
            connection.stall().send(GET);
            connection.runUntil("\r\n");
            while (connection.output().length() < 60_000) {
                connection.runUntil("\r\n").runTasks();
                Thread.onSpinWait();
            }
            assertThat(connection.output().length()).isLessThan(100_000);
            assertThat(written.getCount()).isEqualTo(1);
            long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
            while (!connection.output().endsWith("\r\n0\r\n\r\n") && System.nanoTime() < deadline) {
                connection.drain().runTasks();
            }
            RawResponse answer = RawResponse.of(connection.outputBytes(), false, false);
            assertThat(answer.body())
                    .startsWith("line 0 ")
                    .contains("line 999 ")
                    .endsWith("x\n.");
        }
    }

    @ParameterizedTest
    @MethodSource("workers")
    void aSequentialBodyLearnsThatNobodyListens(Workers workers) throws Exception {
        CountDownLatch stopped = new CountDownLatch(1);
        try (workers) {
            TestConnection connection = new TestConnection(HttpService.builder()
                    .workers(workers)
                    .handler(request -> Response.builder(200)
                            .output(-1, out -> {
                                try {
                                    while (true) {
                                        out.write(new byte[1_000]);
                                    }
                                } catch (IOException e) {
                                    stopped.countDown();
                                    throw e;
                                }
                            })
                            .build())
                    .onFailure((line, failure) -> {})
                    .build());
            connection.stall().send(GET);
            connection.runUntil("\r\n\r\n");
            connection.reset();
            assertThat(stopped.await(10, TimeUnit.SECONDS)).isTrue();
        }
    }

    @ParameterizedTest
    @MethodSource("workers")
    void aSequentialBodyThatFailsAtOnceClosesTheConnection(Workers workers) throws Exception {
        try (workers) {
            TestConnection connection = new TestConnection(HttpService.builder()
                    .workers(workers)
                    .handler(request -> Response.builder(200)
                            .output(-1, out -> {
                                throw new IOException("at once");
                            })
                            .build())
                    .onFailure((line, failure) -> {})
                    .build());
            connection.send(GET).runUntil("\r\n\r\n");
            long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(10);
            while (!connection.isClosed() && System.nanoTime() < deadline) {
                connection.runTasks();
            }
            assertThat(connection.isClosed()).isTrue();
            assertThat(connection.output()).doesNotContain("\r\n0\r\n");
        }
    }

    @ParameterizedTest
    @MethodSource("workers")
    void aStreamIsReadOnAWorker(Workers workers) throws Exception {
        AtomicReference<Thread> read = new AtomicReference<>();
        try (workers) {
            TestConnection connection = new TestConnection(HttpService.builder()
                    .workers(workers)
                    .handler(request -> Response.builder(200)
                            .body(
                                    new InputStream() {
                                        private int next = 'a';

                                        @Override
                                        public int read() {
                                            read.set(Thread.currentThread());
                                            return next > 'b' ? -1 : next++;
                                        }
                                    },
                                    2)
                            .build())
                    .build());
            connection.send(GET).runUntil("\r\n\r\nab");
            assertThat(read.get()).isNotNull().isNotSameAs(Thread.currentThread());
        }
    }

    @ParameterizedTest
    @MethodSource("workers")
    void whatAnAnswerHoldsIsLetGoThoughNobodyWaits(Workers workers) throws Exception {
        MemoryFile file = new MemoryFile(new byte[10]);
        CountDownLatch gone = new CountDownLatch(1);
        CountDownLatch answered = new CountDownLatch(1);
        try (workers) {
            TestConnection connection = new TestConnection(HttpService.builder()
                    .workers(workers)
                    .handler(request -> {
                        gone.await();
                        return Response.builder(200)
                                .body(new FileRegion(file, 0, 10))
                                .onDone(answered::countDown)
                                .build();
                    })
                    .build());
            connection.send(GET);
            connection.reset();
            gone.countDown();
            assertThat(answered.await(10, TimeUnit.SECONDS)).isTrue();
            assertThat(file.references()).isZero();
        }
    }

    @Test
    void noMoreRequestsWaitThanMay() throws Exception {
        CountDownLatch open = new CountDownLatch(1);
        try (Workers workers = Workers.pool(1, 1)) {
            HttpService service = HttpService.builder()
                    .workers(workers)
                    .handler(request -> {
                        open.await();
                        return Response.text("served");
                    })
                    .build();
            TestConnection first = new TestConnection(service).send(GET);
            TestConnection second = new TestConnection(service).send(GET);
            TestConnection third = new TestConnection(service).send(GET);
            assertThat(third.output()).startsWith("HTTP/1.1 503 ").contains("Retry-After: 1");
            assertThat(third.isClosed()).isFalse();
            open.countDown();
            first.runUntil("served");
            second.runUntil("served");
            third.send(GET).runUntil("served");
        }
    }

    @Test
    void noMoreVirtualThreadsRunThanMay() throws Exception {
        CountDownLatch open = new CountDownLatch(1);
        HttpService service = HttpService.builder()
                .workers(Workers.virtual(1))
                .handler(request -> {
                    open.await();
                    return Response.text("served");
                })
                .build();
        TestConnection first = new TestConnection(service).send(GET);
        TestConnection second = new TestConnection(service).send(GET);
        assertThat(second.output()).startsWith("HTTP/1.1 503 ");
        open.countDown();
        first.runUntil("served");
    }

    @Test
    void saysWhatItTakes() {
        assertThat(Workers.parse("none").inline()).isTrue();
        assertThat(Workers.parse("virtual").inline()).isFalse();
        assertThat(Workers.parse("8")).hasToString("8");
        for (String wrong : new String[] {"", "0", "-1", "many", "1.5", "99999"}) {
            assertThatThrownBy(() -> Workers.parse(wrong))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("'" + wrong + "'");
        }
        assertThatThrownBy(() ->
                        HttpService.builder().blocking(r -> Response.of(204)).build())
                .isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(() -> HttpService.builder().build()).isInstanceOf(IllegalStateException.class);
    }

    /** The order in which a pool of one thread runs tasks that all wait for it. */
    private static List<Priority> order(Map<Priority, Integer> waiting) throws Exception {
        List<Priority> ran = Collections.synchronizedList(new ArrayList<>());
        CountDownLatch held = new CountDownLatch(1);
        int all = waiting.values().stream().mapToInt(Integer::intValue).sum();
        CountDownLatch done = new CountDownLatch(all);
        try (Workers workers = Workers.pool(1, all)) {
            assertThat(workers.submit(() -> awaitQuietly(held))).isTrue();
            waiting.forEach((priority, count) -> {
                for (int i = 0; i < count; i++) {
                    assertThat(workers.submit(priority, () -> {
                                ran.add(priority);
                                done.countDown();
                            }))
                            .isTrue();
                }
            });
            held.countDown();
            assertThat(done.await(20, TimeUnit.SECONDS)).isTrue();
        }
        return ran;
    }

    private static void awaitQuietly(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    @Test
    void classesShareAPoolByTheirWeightAndNoneStarves() throws Exception {
        Map<Priority, Integer> count = new EnumMap<>(Priority.class);
        order(Map.of(Priority.HIGH, 100, Priority.NORMAL, 100, Priority.LOW, 100))
                .subList(20, 62) // behind the round that began with the task that held the pool
                .forEach(each -> count.merge(each, 1, Integer::sum));
        assertThat(count).isEqualTo(Map.of(Priority.HIGH, 32, Priority.NORMAL, 8, Priority.LOW, 2));
    }

    @Test
    void aClassThatWaitsAloneGetsAllOfAPool() throws Exception {
        List<Priority> ran = order(Map.of(Priority.LOW, 50, Priority.HIGH, 1));
        assertThat(ran).hasSize(51);
        assertThat(ran.indexOf(Priority.HIGH)).isLessThan(2);
    }
}
