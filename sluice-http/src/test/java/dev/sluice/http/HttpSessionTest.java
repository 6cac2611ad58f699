package dev.sluice.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sluice.DelegatingSession;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A session's life: answers, their order, and how connections go on and end. */
@Timeout(value = 60, unit = TimeUnit.SECONDS)
final class HttpSessionTest {
    private static final String GET = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";
    private static final String OK = "HTTP/1.1 200 OK\r\nDate: Sun, 06 Nov 1994 08:49:37 GMT\r\n"
            + "Content-Type: text/plain; charset=utf-8\r\nContent-Length: 2\r\n\r\nOK";

    private static TestConnection ok() throws Exception {
        return new TestConnection(HttpService.respond("OK").build());
    }

    private static TestConnection serving(Handler handler) throws Exception {
        return new TestConnection(HttpService.of(handler));
    }

    private static String get(String target, String fields) {
        return "GET " + target + " HTTP/1.1\r\nHost: a\r\n" + fields + "\r\n";
    }

    @Test
    void answersAndKeepsTheConnection() throws Exception {
        TestConnection connection = ok();
        assertThat(connection.send(GET).take()).isEqualTo(OK);
        assertThat(connection.send(GET).take()).isEqualTo(OK);
        assertThat(connection.isClosed()).isFalse();
        assertThat(connection.keptBytes()).isZero();
    }

    /** A parser remembered the empty line of a connection before, and refused this one's: seed 27514 of the simulated world. */
    @Test
    void anEmptyLineInFrontIsEachConnectionsOwn() throws Exception {
        HttpService service = HttpService.respond("OK").build();
        TestConnection gone = new TestConnection(service);
        gone.send("\r\n").sendEnd();
        assertThat(gone.isClosed()).isTrue();
        assertThat(new TestConnection(service).send("\r\n" + GET).take()).isEqualTo(OK);
        TestConnection waiting = new TestConnection(service);
        waiting.send("\r\n");
        assertThat(new TestConnection(service).send("\r\n" + GET).take()).isEqualTo(OK);
        waiting.send("\r\n");
        assertThat(waiting.take()).startsWith("HTTP/1.1 400 ");
    }

    @Test
    void theDateMovesOn() throws Exception {
        TestConnection connection = ok();
        connection.send(GET).take();
        connection.advance(Duration.ofSeconds(2));
        assertThat(connection.send(GET).take()).contains("Date: Sun, 06 Nov 1994 08:49:39 GMT\r\n");
    }

    @Test
    void answersPipelinedRequestsInOrder() throws Exception {
        TestConnection connection = serving(request -> Response.text(request.path()));
        connection.send(get("/1", "") + get("/2", "") + get("/3", "").substring(0, 9));
        assertThat(connection.output()).containsSubsequence("/1", "/2").doesNotContain("/3");
        connection.send(get("/3", "").substring(9));
        assertThat(connection.output()).endsWith("/3");
    }

    /** So one client can't hold its loop by what it has sent ahead. */
    @Test
    void aLongPipelineIsAnsweredPartByPart() throws Exception {
        TestConnection[] connection = new TestConnection[1];
        int[] answered = new int[100];
        connection[0] = serving(request -> {
            answered[connection[0].offers()]++;
            return Response.text(request.path());
        });
        connection[0].send(
                IntStream.range(0, 200).mapToObj(i -> get("/" + i, "")).collect(Collectors.joining()));
        assertThat(connection[0].output())
                .containsSubsequence(
                        IntStream.range(0, 200).mapToObj(i -> "\r\n\r\n/" + i).toList());
        assertThat(IntStream.of(answered).max()).hasValue(32);
    }

    @Test
    void theEndBehindALongPipelineIsHeardAfterIt() throws Exception {
        TestConnection connection = serving(request -> Response.text(request.path()));
        connection.send(get("/x", "").repeat(99) + get("/last", "")).sendEnd();
        assertThat(connection.output()).endsWith("/last");
        assertThat(connection.isOutputEnded()).isTrue();
    }

    @Test
    void aLaterAnswerHoldsBackTheNextRequest() throws Exception {
        List<CompletableFuture<Response>> answers = new ArrayList<>();
        TestConnection connection = new TestConnection(HttpService.builder()
                .async(request -> {
                    answers.add(new CompletableFuture<>());
                    return answers.getLast();
                })
                .build());
        connection.send(get("/1", "") + get("/2", ""));
        assertThat(answers).hasSize(1);
        Thread other = Thread.ofPlatform().start(() -> answers.get(0).complete(Response.text("first")));
        other.join();
        assertThat(connection.output()).isEmpty();
        connection.runTasks();
        assertThat(connection.output()).endsWith("first");
        assertThat(answers).hasSize(2);
        answers.get(1).complete(Response.text("second"));
        connection.runTasks();
        assertThat(connection.output()).containsSubsequence("first", "second").endsWith("second");
    }

    @Test
    void closesWhereItIsAskedTo() throws Exception {
        TestConnection connection = ok();
        connection.send(get("/", "Connection: close\r\n") + GET);
        assertThat(connection.output()).containsOnlyOnce("200 OK").contains("\r\nConnection: close\r\n");
        assertThat(connection.isClosed()).isTrue();
    }

    @Test
    void aResponseCanClose() throws Exception {
        TestConnection connection =
                serving(r -> Response.builder(200).body("x").close().build());
        connection.send(GET + GET);
        assertThat(connection.output()).containsOnlyOnce("200 OK").contains("Connection: close");
        assertThat(connection.isClosed()).isTrue();
    }

    @Test
    void speaksWithOldClients() throws Exception {
        TestConnection connection = ok();
        connection.send("GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
        assertThat(connection.take()).startsWith("HTTP/1.1 200").contains("\r\nConnection: keep-alive\r\n");
        connection.send("GET / HTTP/1.0\r\n\r\n");
        assertThat(connection.take()).contains("\r\nConnection: close\r\n");
        assertThat(connection.isClosed()).isTrue();
    }

    @Test
    void aHeadHasNoBody() throws Exception {
        TestConnection connection = ok();
        connection.send("HEAD / HTTP/1.1\r\nHost: a\r\n\r\n");
        assertThat(connection.output()).isEqualTo(OK.substring(0, OK.length() - 2));
        assertThat(connection.isClosed()).isFalse();
    }

    @Test
    void somethingWithoutABodyHasNone() throws Exception {
        TestConnection connection =
                serving(r -> Response.builder(204).body("never sent").build());
        connection.send(GET);
        assertThat(connection.output())
                .startsWith("HTTP/1.1 204 No Content\r\n")
                .endsWith("\r\n\r\n");
        assertThat(connection.output()).doesNotContain("Content-Length").doesNotContain("never");
    }

    @Test
    void refusesAndCloses() throws Exception {
        TestConnection connection = ok();
        connection.send("GET / HTTP/1.1\r\nBad Name: x\r\n\r\n" + GET);
        assertThat(connection.output())
                .startsWith("HTTP/1.1 400 Bad Request\r\n")
                .contains("\r\nConnection: close\r\n")
                .doesNotContain("200 OK");
        assertThat(connection.isClosed()).isTrue();
    }

    @Test
    void whatIsBehindAnErrorIsNeverARequest() throws Exception {
        List<String> seen = new ArrayList<>();
        TestConnection connection = serving(request -> {
            seen.add(request.path());
            return Response.text("");
        });
        connection.send(
                "POST /1 HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"
                        + get("/smuggled", ""));
        connection.send(get("/smuggled", ""));
        assertThat(seen).isEmpty();
    }

    @Test
    void knowsWhatItDoesNotImplement() throws Exception {
        for (String line : List.of("BREW / HTTP/1.1", "TRACE / HTTP/1.1", "CONNECT a:1 HTTP/1.1", "get / HTTP/1.1")) {
            TestConnection connection = ok();
            connection.send(line + "\r\nHost: a\r\n\r\n");
            assertThat(connection.output()).startsWith("HTTP/1.1 501 ").contains("Connection: close");
        }
        TestConnection connection = ok();
        connection.send(get("/", "Expect: the-unexpected\r\n"));
        assertThat(connection.output()).startsWith("HTTP/1.1 417 ");
    }

    @Test
    void answersOptionsOfTheServer() throws Exception {
        TestConnection connection = ok();
        connection.send("OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n" + GET);
        assertThat(connection.output())
                .startsWith("HTTP/1.1 204 No Content\r\n")
                .contains("Allow: GET, HEAD")
                .endsWith(OK);
    }

    @Test
    void aHandlerThatThrowsIsAnsweredWith500() throws Exception {
        AtomicReference<String> told = new AtomicReference<>();
        TestConnection connection = new TestConnection(HttpService.builder()
                .handler(request -> {
                    throw new IllegalArgumentException("secret");
                })
                .onFailure((line, failure) -> told.set(line + " " + failure.getMessage()))
                .build());
        connection.send(GET);
        assertThat(connection.output()).startsWith("HTTP/1.1 500 ").doesNotContain("secret");
        assertThat(told).hasValue("GET / HTTP/1.1 secret");
        assertThat(connection.isClosed()).isFalse();
        assertThat(connection.send(GET).output()).containsPattern("(?s)500 .*500 ");
    }

    @Test
    void aHandlerCanThrowAStatus() throws Exception {
        TestConnection connection = serving(request -> {
            throw new HttpException(404, "no such thing");
        });
        connection.send(GET);
        assertThat(connection.output()).startsWith("HTTP/1.1 404 Not Found\r\n").endsWith("no such thing\n");
    }

    @Test
    void aLentRequestEndsWithItsCall() throws Exception {
        AtomicReference<Request> leaked = new AtomicReference<>();
        TestConnection connection = serving(request -> {
            leaked.set(request);
            return Response.text(request.method());
        });
        connection.send(GET);
        assertThatThrownBy(() -> leaked.get().header("Host")).isInstanceOf(IllegalStateException.class);
    }

    @Test
    void aRequestOfItsOwnOutlivesTheBuffer() throws Exception {
        AtomicReference<Request> kept = new AtomicReference<>();
        TestConnection connection = new TestConnection(HttpService.builder()
                .async(request -> {
                    kept.set(request);
                    return new CompletableFuture<>();
                })
                .build());
        connection.send(get("/a?b", "X-Y: z\r\nx-y: zz\r\n"));
        assertThat(kept.get().header("x-y")).isEqualTo("z");
        assertThat(kept.get().headers("X-Y")).containsExactly("z", "zz");
        assertThat(kept.get().headers("none")).isEmpty();
        assertThat(kept.get().headers().fields()).hasSize(3);
        assertThat(kept.get().query()).isEqualTo("b");
        assertThat(kept.get().version()).isEqualTo("HTTP/1.1");
        assertThat(kept.get().requestLine()).isEqualTo("GET /a?b HTTP/1.1");
        assertThat(kept.get().receivedMillis()).isEqualTo(784_111_777_000L);
        assertThat(kept.get().remoteAddress().toString()).contains("54321");
    }

    @Test
    void answersWhatWasAskedBeforeTheEnd() throws Exception {
        TestConnection connection = ok();
        connection.send(GET + GET + "GET /partial").sendEnd();
        assertThat(connection.output()).isEqualTo(OK + OK);
        assertThat(connection.isClosed()).isTrue();
    }

    @Test
    void answersLaterThanTheEnd() throws Exception {
        List<CompletableFuture<Response>> answers = new ArrayList<>();
        TestConnection connection = new TestConnection(HttpService.builder()
                .async(request -> {
                    answers.add(new CompletableFuture<>());
                    return answers.getLast();
                })
                .build());
        connection.send(GET + GET).sendEnd();
        assertThat(connection.isOutputEnded()).isFalse();
        answers.get(0).complete(Response.text("1"));
        connection.runTasks();
        assertThat(connection.isOutputEnded()).isFalse();
        answers.get(1).complete(Response.text("2"));
        connection.runTasks();
        assertThat(connection.output()).endsWith("2");
        assertThat(connection.isClosed()).isTrue();
    }

    @Test
    void endsWithAPeerThatAskedNothing() throws Exception {
        assertThat(ok().sendEnd().isClosed()).isTrue();
        assertThat(ok().send("\r").sendEnd().isClosed()).isTrue();
        assertThat(ok().send("\r\n").sendEnd().isClosed()).isTrue();
        assertThat(ok().send("GET").sendEnd().isClosed()).isTrue();
        assertThat(ok().send(GET).sendEnd().isClosed()).isTrue();
    }

    @Test
    void stoppingClosesTheIdleAfterAWhile() throws Exception {
        TestConnection connection = ok();
        connection.send(GET);
        connection.stopping();
        connection.advance(Duration.ofMillis(200));
        assertThat(connection.isClosed()).isFalse();
        connection.advance(Duration.ofMillis(100));
        assertThat(connection.isClosed()).isTrue();
    }

    /** It was on its way when the server began to stop. */
    @Test
    void stoppingAnswersOneMoreRequest() throws Exception {
        TestConnection connection = ok();
        connection.send(GET);
        connection.stopping();
        connection.send(GET);
        assertThat(connection.output()).contains("Connection: close").endsWith("OK");
        assertThat(connection.isClosed()).isTrue();
    }

    @Test
    void stoppingFinishesWhatIsInFlight() throws Exception {
        CompletableFuture<Response> answer = new CompletableFuture<>();
        TestConnection connection = new TestConnection(
                HttpService.builder().async(request -> answer).build());
        connection.send(GET);
        connection.stopping();
        assertThat(connection.isClosed()).isFalse();
        answer.complete(Response.text("done"));
        connection.runTasks();
        assertThat(connection.output()).contains("Connection: close").endsWith("done");
        assertThat(connection.isClosed()).isTrue();
    }

    @Test
    void stoppingWaitsForAHeadThatHasBegun() throws Exception {
        TestConnection connection = ok();
        connection.send(GET.substring(0, 10));
        connection.stopping();
        assertThat(connection.isClosed()).isFalse();
        connection.send(GET.substring(10));
        assertThat(connection.output()).contains("Connection: close").endsWith("OK");
        assertThat(connection.isClosed()).isTrue();
    }

    @Test
    void doesNotAnswerFasterThanTheClientReads() throws Exception {
        byte[] body = new byte[30_000];
        Response large = Response.bytes(200, "a/b", body);
        int[] calls = {0};
        TestConnection connection = serving(request -> {
            calls[0]++;
            return large;
        });
        connection.stall().send(GET.repeat(20));
        assertThat(calls[0]).isEqualTo(3);
        assertThat(connection.keptBytes()).isEqualTo(17 * GET.length());
        connection.drain();
        assertThat(calls[0]).isEqualTo(6);
        while (calls[0] < 20) {
            connection.drain();
        }
        connection.drain().sendEnd();
        assertThat(connection.isClosed()).isTrue();
    }

    /** Pipelined requests: a loop's other connections must not wait until thousands of them are answered. */
    @Test
    void answersFewInARow() throws Exception {
        int[] calls = {0};
        List<Integer> inARow = new ArrayList<>();
        HttpService http = HttpService.of(request -> {
            calls[0]++;
            return Response.text("");
        });
        TestConnection connection = new TestConnection(opened -> new DelegatingSession(http.open(opened)) {
            @Override
            public void received(ByteBuffer input) throws Exception {
                int before = calls[0];
                super.received(input);
                inARow.add(calls[0] - before);
            }
        });
        connection.send(GET.repeat(1000)).sendEnd();
        assertThat(calls[0]).isEqualTo(1000);
        assertThat(inARow).allMatch(count -> count <= 32);
        assertThat(connection.isClosed()).isTrue();
    }

    @Test
    void tellsTheAccessLog() throws Exception {
        List<String> lines = new ArrayList<>();
        TestConnection connection = new TestConnection(HttpService.respond("OK")
                .accessLog((request, status, bytes, nanos) ->
                        lines.add(request.requestLine() + " " + status + " " + bytes))
                .build());
        connection.send(GET + "HEAD /x HTTP/1.1\r\nHost: a\r\n\r\nBAD\u0001 LINE\r\n\r\n");
        assertThat(lines)
                .containsExactly(
                        "GET / HTTP/1.1 200 2",
                        "HEAD /x HTTP/1.1 200 0",
                        "BAD\u0001 LINE 400 "
                                + connection
                                        .output()
                                        .substring(connection.output().lastIndexOf("400 Bad Request: "))
                                        .length());
    }

    @Test
    void noHeaderCanEndTheLine() {
        Response.Builder builder = Response.builder(200);
        assertThatThrownBy(() -> builder.header("Location", "/a\r\nSet-Cookie: x=y"))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> builder.header("X\r\nY", "z")).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> builder.header("X", "\u20ac")).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> builder.header("", "x")).isInstanceOf(IllegalArgumentException.class);
        for (String framing : List.of("content-length", "Transfer-Encoding", "connection", "Date", "Keep-Alive")) {
            assertThatThrownBy(() -> builder.header(framing, "1")).isInstanceOf(IllegalArgumentException.class);
        }
        assertThatThrownBy(() -> Response.of(100)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> Response.of(600)).isInstanceOf(IllegalArgumentException.class);
    }
}
