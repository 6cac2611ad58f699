package dev.sluice.http;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.Priority;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Which requests are worked on, which wait, and which are refused, in every way of running a handler. */
@Timeout(value = 60, unit = TimeUnit.SECONDS)
final class AdmissionTest {
    private static final String GET = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";
    private static final String HEALTH = "GET /health HTTP/1.1\r\nHost: a\r\n\r\n";
    private static final long OLD_NANOS = TimeUnit.MILLISECONDS.toNanos(1);

    private final ConcurrencyLimiter one = ConcurrencyLimiter.fixed(1);
    private final List<String> handled = new ArrayList<>();

    private HttpService.Builder limited() {
        return HttpService.builder()
                .limiter(one)
                .priority(request -> request.path().equals("/health") ? Priority.HIGH : Priority.NORMAL);
    }

    private HttpService onLoop() {
        return limited()
                .handler(request -> {
                    handled.add(request.path());
                    return Response.text("served");
                })
                .build();
    }

    @Test
    void whatIsRefusedKeepsItsConnection() throws Exception {
        HttpService service = onLoop();
        long permit = one.acquire(Priority.NORMAL);
        TestConnection connection = new TestConnection(service).send(GET);
        assertThat(connection.take())
                .startsWith("HTTP/1.1 503 ")
                .contains("\r\nRetry-After: 1\r\n")
                .doesNotContain("Connection: close");
        assertThat(handled).isEmpty();
        one.cancel(permit);
        assertThat(connection.send(GET).take()).startsWith("HTTP/1.1 200 ");
        assertThat(connection.isClosed()).isFalse();
        assertThat(one.inFlight()).isZero();
    }

    @Test
    void aBodyOfWhatIsRefusedIsNotTakenForARequest() throws Exception {
        HttpService service = onLoop();
        long permit = one.acquire(Priority.NORMAL);
        TestConnection connection =
                new TestConnection(service).send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhello");
        assertThat(connection.take()).startsWith("HTTP/1.1 503 ");
        one.cancel(permit);
        assertThat(connection.send(GET).take()).startsWith("HTTP/1.1 200 ");
        assertThat(connection.send("HEAD / HTTP/1.1\r\nHost: a\r\n\r\n").take()).endsWith("\r\n\r\n");
    }

    @Test
    void inAnOldTurnOnlyWhatIsHighRunsAtOnce() throws Exception {
        HttpService service = onLoop();
        TestConnection first = new TestConnection(service).turnNanos(OLD_NANOS).send(GET);
        TestConnection second = new TestConnection(service).turnNanos(OLD_NANOS).send(GET);
        TestConnection high = new TestConnection(service).turnNanos(OLD_NANOS).send(HEALTH);
        assertThat(first.output()).as("waits").isEmpty();
        assertThat(second.output()).as("over the limit").startsWith("HTTP/1.1 503 ");
        assertThat(high.output()).startsWith("HTTP/1.1 200 ");
        assertThat(first.runTasks().output()).startsWith("HTTP/1.1 200 ");
        assertThat(handled).containsExactly("/health", "/");
        assertThat(one.inFlight()).isZero();
    }

    @Test
    void inAYoungTurnThereIsNoDetour() throws Exception {
        TestConnection connection =
                new TestConnection(onLoop()).turnNanos(1_000).send(GET);
        assertThat(connection.output()).startsWith("HTTP/1.1 200 ");
    }

    @Test
    void whoIsGoneGivesItsPlaceBackUnhandled() throws Exception {
        HttpService service = onLoop();
        TestConnection gone = new TestConnection(service).turnNanos(OLD_NANOS).send(GET);
        assertThat(one.inFlight()).isEqualTo(1);
        gone.reset();
        assertThat(one.inFlight()).isZero();
        assertThat(handled).isEmpty();
    }

    @Test
    void aPromiseHoldsItsPlaceUntilItIsKept() throws Exception {
        CompletableFuture<Response> answer = new CompletableFuture<>();
        HttpService service = limited().async(request -> answer).build();
        TestConnection first = new TestConnection(service).send(GET);
        TestConnection second = new TestConnection(service).send(GET);
        assertThat(second.output()).startsWith("HTTP/1.1 503 ");
        answer.complete(Response.text("served"));
        assertThat(first.runTasks().output()).endsWith("served");
        assertThat(one.inFlight()).isZero();
    }

    @Test
    void whoPromisesNothingHoldsNoPlace() throws Exception {
        HttpService service = limited().async(request -> null).build();
        TestConnection connection = new TestConnection(service).send(GET);
        assertThat(connection.output()).startsWith("HTTP/1.1 500 ");
        assertThat(one.inFlight()).isZero();
    }

    @Test
    void onWorkersWhatIsHighGoesFirstAndIsRefusedLast() throws Exception {
        CountDownLatch open = new CountDownLatch(1);
        List<String> order = new ArrayList<>();
        try (Workers workers = Workers.pool(1, 10)) {
            HttpService service = HttpService.builder()
                    .workers(workers)
                    .limiter(ConcurrencyLimiter.fixed(3))
                    .priority(request -> request.path().equals("/health") ? Priority.HIGH : Priority.NORMAL)
                    .handler(request -> {
                        open.await();
                        order.add(request.path());
                        return Response.text("served");
                    })
                    .build();
            List<TestConnection> waiting = new ArrayList<>();
            for (int i = 0; i < 3; i++) {
                waiting.add(new TestConnection(service).send(GET));
            }
            TestConnection refused = new TestConnection(service).send(GET);
            waiting.add(new TestConnection(service).send(HEALTH));
            assertThat(refused.output()).startsWith("HTTP/1.1 503 ");
            open.countDown();
            for (TestConnection each : waiting) {
                each.runUntil("served");
            }
        }
        assertThat(order.indexOf("/health")).as("behind what runs already").isBetween(0, 1);
    }

    @Test
    void aWorkerDoesNotBeginWhatIsTooLate() throws Exception {
        CountDownLatch open = new CountDownLatch(1);
        List<String> begun = new ArrayList<>();
        ConcurrencyLimiter limiter = ConcurrencyLimiter.fixed(10);
        Workers workers = Workers.pool(1, 10);
        HttpService service = HttpService.builder()
                .workers(workers)
                .limiter(limiter)
                .deadlineField("Patience")
                .handler(request -> {
                    begun.add(request.path());
                    open.await();
                    return Response.text("served");
                })
                .build();
        TestConnection first = new TestConnection(service).send(GET);
        TestConnection second =
                new TestConnection(service).send("GET /late HTTP/1.1\r\nHost: a\r\nPatience: 100\r\n\r\n");
        second.advance(java.time.Duration.ofMillis(100));
        assertThat(second.take()).startsWith("HTTP/1.1 503 ");
        open.countDown();
        first.runUntil("served");
        second.send(GET).runUntil("served");
        workers.close();
        assertThat(begun).containsExactly("/", "/");
        assertThat(limiter.inFlight()).isZero();
    }
}
