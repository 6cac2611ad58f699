package dev.sluice.http;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Deadlines of heads, bodies and idle connections, on a clock that the tests move. */
@Timeout(value = 60, unit = TimeUnit.SECONDS)
final class HttpDeadlineTest {
    private static final String GET = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";

    private static TestConnection ok() throws Exception {
        return new TestConnection(HttpService.respond("OK").build());
    }

    private static TestConnection reflecting() throws Exception {
        return new TestConnection(HttpService.reflect().build());
    }

    @Test
    void aHeadHasOneDeadlineHoweverItDribblesIn() throws Exception {
        TestConnection connection = ok();
        connection.advance(Duration.ofSeconds(5));
        String head = "GET / HTTP/1.1\r\nHost: a\r\nX: y\r\n";
        int seconds = 0;
        while (!connection.isClosed()) {
            connection.send(head.substring(seconds, seconds + 1)).advance(Duration.ofSeconds(1));
            seconds++;
        }
        assertThat(seconds).isEqualTo(10);
        assertThat(connection.output()).startsWith("HTTP/1.1 408 ").contains("Connection: close");
    }

    @Test
    void everyHeadHasItsOwn() throws Exception {
        TestConnection connection = ok();
        for (int i = 0; i < 10; i++) {
            connection.send(GET.substring(0, 5)).advance(Duration.ofSeconds(6));
            connection.send(GET.substring(5));
            assertThat(connection.take()).endsWith("OK");
        }
        assertThat(connection.send("G").advance(Duration.ofSeconds(10)).output())
                .startsWith("HTTP/1.1 408 ");
    }

    @Test
    void anIdleConnectionIsJustClosed() throws Exception {
        TestConnection connection = ok();
        connection.advance(Duration.ofSeconds(50)).send(GET).take();
        connection.advance(Duration.ofSeconds(59));
        assertThat(connection.isClosed()).isFalse();
        connection.advance(Duration.ofSeconds(2));
        assertThat(connection.isClosed()).isTrue();
        assertThat(connection.output()).isEmpty();
    }

    @Test
    void aRequestThatIsAnsweredAtOnceSetsNoTimer() throws Exception {
        TestConnection connection = ok();
        assertThat(connection.timerCount()).isEqualTo(1);
        int before = connection.timersSet();
        for (int i = 0; i < 100; i++) {
            connection.send(GET);
        }
        assertThat(connection.timersSet()).isEqualTo(before);
    }

    @Test
    void aBodyMustKeepItsRate() throws Exception {
        TestConnection connection = reflecting();
        connection.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 100000\r\n\r\n");
        int seconds = 0;
        for (; !connection.isClosed() && seconds < 200; seconds++) {
            connection.send("x".repeat(250)).advance(Duration.ofSeconds(1));
        }
        // Half of the rate that is asked for: each second costs half a second of the grace.
        assertThat(seconds).isBetween(18, 22);
        assertThat(connection.output()).startsWith("HTTP/1.1 408 ");
    }

    @Test
    void aBodyThatKeepsItsRateMayTakeLong() throws Exception {
        TestConnection connection = reflecting();
        connection.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 60000\r\n\r\n");
        for (int second = 0; second < 100; second++) {
            connection.send("x".repeat(600)).advance(Duration.ofSeconds(1));
        }
        assertThat(connection.output()).startsWith("HTTP/1.1 200 ");
    }

    @Test
    void aHandlerThatTakesItsTimeIsNotTheClientsFault() throws Exception {
        CompletableFuture<Response> answer = new CompletableFuture<>();
        TestConnection connection = new TestConnection(
                HttpService.builder().async(request -> answer).build());
        connection
                .send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhe")
                .advance(Duration.ofMinutes(10));
        assertThat(connection.isClosed()).isFalse();
        answer.complete(Response.text("late"));
        connection.runTasks();
        assertThat(connection.output()).endsWith("late");
        connection.advance(Duration.ofSeconds(11));
        assertThat(connection.isClosed())
                .as("the rest of the body is waited for, not for ever")
                .isTrue();
    }

    @Test
    void aPausedReaderIsNotTheClientsFault() throws Exception {
        Request[] seen = new Request[1];
        TestConnection connection = new TestConnection(HttpService.builder()
                .async(request -> {
                    seen[0] = request;
                    return request.body().bytes(100).thenApply(bytes -> Response.text("got " + bytes.length));
                })
                .build());
        connection.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhe");
        seen[0].body().pause();
        connection.runTasks().advance(Duration.ofMinutes(10));
        assertThat(connection.isClosed()).isFalse();
        seen[0].body().resume();
        connection.runTasks().advance(Duration.ofSeconds(9));
        assertThat(connection.isClosed()).isFalse();
        connection.send("llo");
        assertThat(connection.output()).endsWith("got 5");
    }

    private static HttpService.Builder never(List<CompletableFuture<Response>> asked) {
        return HttpService.builder()
                .limits(HttpLimits.builder()
                        .requestTimeout(Duration.ofSeconds(2))
                        .build())
                .deadlineField("X-Request-Timeout")
                .async(request -> {
                    CompletableFuture<Response> answer = new CompletableFuture<>();
                    asked.add(answer);
                    return answer;
                });
    }

    @Test
    void anAnswerThatIsLateIsDroppedAndTheConnectionGoesOn() throws Exception {
        List<CompletableFuture<Response>> asked = new ArrayList<>();
        TestConnection connection = new TestConnection(never(asked).build());
        connection.send(GET).send(GET).advance(Duration.ofMillis(1_999));
        assertThat(connection.take()).isEmpty();
        connection.advance(Duration.ofMillis(1));
        assertThat(connection.take()).startsWith("HTTP/1.1 503 ").contains("not ready in time");
        boolean[] letGo = new boolean[1];
        asked.get(0)
                .complete(Response.builder(200)
                        .body("late")
                        .onDone(() -> letGo[0] = true)
                        .build());
        asked.get(1).complete(Response.text("in time"));
        connection.runTasks();
        assertThat(connection.output()).startsWith("HTTP/1.1 200 ").endsWith("in time");
        assertThat(letGo[0]).isTrue();
        assertThat(connection.isClosed()).isFalse();
    }

    @Test
    void aLateAnswerDoesNotLeaveABodyThatItsReaderHoldsBack() throws Exception {
        TestConnection connection = new TestConnection(HttpService.builder()
                .limits(HttpLimits.builder()
                        .requestTimeout(Duration.ofSeconds(2))
                        .build())
                .async(request -> {
                    var whole = request.body().bytes(100).thenApply(bytes -> Response.text("whole"));
                    request.body().pause();
                    return whole;
                })
                .build());
        connection
                .send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhe")
                .advance(Duration.ofSeconds(2));
        assertThat(connection.output()).startsWith("HTTP/1.1 503 ").contains("Connection: close");
        assertThat(connection.isClosed()).isTrue();
    }

    @Test
    void aClientMayBeLessPatientThanTheServerButNotMore() throws Exception {
        List<CompletableFuture<Response>> asked = new ArrayList<>();
        TestConnection connection = new TestConnection(never(asked).build());
        String patience = "GET / HTTP/1.1\r\nHost: a\r\nx-request-timeout: ";
        connection.send(patience + "500\r\n\r\n").advance(Duration.ofMillis(499));
        assertThat(connection.take()).isEmpty();
        connection.advance(Duration.ofMillis(1));
        assertThat(connection.take()).startsWith("HTTP/1.1 503 ");
        connection.send(patience + "999999999\r\n\r\n").advance(Duration.ofSeconds(2));
        assertThat(connection.take()).startsWith("HTTP/1.1 503 ");
        for (String wrong : List.of("", "-1", "1.5", "9999999999", "\u00b2")) {
            assertThat(new TestConnection(never(asked).build())
                            .send(patience + wrong + "\r\n\r\n")
                            .output())
                    .as(wrong)
                    .startsWith("HTTP/1.1 400 ")
                    .contains("X-Request-Timeout must be");
        }
        assertThat(asked).hasSize(2);
    }

    @Test
    void aHandlerSeesWhenItsAnswerIsDue() throws Exception {
        List<Long> due = new ArrayList<>();
        TestConnection connection = new TestConnection(HttpService.builder()
                .limits(HttpLimits.builder()
                        .requestTimeout(Duration.ofSeconds(2))
                        .build())
                .handler(request -> {
                    due.add(request.deadlineNanos());
                    return Response.of(204);
                })
                .build());
        long now = connection.nanoTime();
        connection.send(GET).advance(Duration.ofSeconds(1)).send(GET);
        assertThat(due).containsExactly(now + 2_000_000_000L, now + 3_000_000_000L);
        assertThat(new TestConnection(HttpService.of(request -> {
                            due.add(request.deadlineNanos());
                            return Response.of(204);
                        }))
                        .send(GET)
                        .output())
                .startsWith("HTTP/1.1 204 ");
        assertThat(due).last().isEqualTo(Request.NO_DEADLINE);
    }
}
