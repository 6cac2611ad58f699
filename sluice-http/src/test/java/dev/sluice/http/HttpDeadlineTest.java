package dev.sluice.http;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
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
}
