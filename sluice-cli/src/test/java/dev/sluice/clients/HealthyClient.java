package dev.sluice.clients;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/** A well-behaved client beside a hostile one: asks again and again, and must see nothing of the other. */
final class HealthyClient implements AutoCloseable {
    /** Far above what a loaded machine of two cores needs, far below any deadline that an attack runs into. */
    private static final Duration LIMIT = Duration.ofSeconds(3);

    private static final long PAUSE_NANOS = TimeUnit.MILLISECONDS.toNanos(5);

    private final Thread thread;
    private final CountDownLatch first = new CountDownLatch(1);
    private volatile boolean over;
    private volatile @Nullable Throwable failure;
    private final AtomicInteger answers = new AtomicInteger();
    private volatile long slowestNanos;

    /**
     * A client that asks for a target and gets a text, which have to be told.
     *
     * @param request whole, for one answer on a connection that is kept
     */
    HealthyClient(LiveServer server, String request, String body) throws InterruptedException {
        this.thread = Thread.ofPlatform().daemon().name("healthy").start(() -> ask(server, request, body));
        assertThat(first.await(20, TimeUnit.SECONDS)).as("its first answer").isTrue();
    }

    static HealthyClient ofFiles(LiveServer server) throws InterruptedException {
        return new HealthyClient(server, "GET /hello.txt HTTP/1.1\r\nHost: a\r\n\r\n", Site.HELLO);
    }

    static HealthyClient ofReflection(LiveServer server) throws InterruptedException {
        return new HealthyClient(server, "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\n\r\nwell", "well");
    }

    private void ask(LiveServer server, String request, String body) {
        try (RawClient client = new RawClient(server)) {
            do {
                long start = System.nanoTime();
                client.send(request);
                RawClient.Answer answer = client.read();
                slowestNanos = Math.max(slowestNanos, System.nanoTime() - start);
                assertThat(answer.status()).isEqualTo(200);
                assertThat(answer.body()).isEqualTo(body);
                answers.incrementAndGet();
                first.countDown();
                LockSupport.parkNanos(PAUSE_NANOS); // what it asks is little: it watches
            } while (!over);
        } catch (IOException | AssertionError e) {
            failure = e;
            first.countDown();
        }
    }

    /** Ends it, and fails where it saw anything of what went on beside it. */
    @Override
    public void close() {
        over = true;
        try {
            boolean ended = thread.join(Duration.ofSeconds(20));
            assertThat(ended).as("it got its last answer").isTrue();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError(e);
        }
        assertThat(failure).as("what the healthy client saw").isNull();
        assertThat(answers.get()).as("answers to the healthy client").isPositive();
        assertThat(Duration.ofNanos(slowestNanos))
                .as("the slowest answer to the healthy client")
                .isLessThan(LIMIT);
    }
}
