package dev.sluice.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Bodies of requests: whole, streamed, discarded, refused. */
@Timeout(value = 60, unit = TimeUnit.SECONDS)
final class HttpBodyTest {
    private static final String GET = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";
    private static final String CONTINUE = "HTTP/1.1 100 Continue\r\n\r\n";

    private static String post(String fields, String body) {
        return "POST / HTTP/1.1\r\nHost: a\r\n" + fields + "\r\n" + body;
    }

    private static TestConnection whole(HttpLimits limits) throws Exception {
        return new TestConnection(HttpService.builder()
                .limits(limits)
                .handler(r -> Response.text("<" + new String(r.content(), StandardCharsets.ISO_8859_1) + ">"))
                .build());
    }

    private static TestConnection whole() throws Exception {
        return whole(HttpLimits.standard());
    }

    private static TestConnection async(AsyncHandler handler) throws Exception {
        return new TestConnection(HttpService.builder().async(handler).build());
    }

    @Test
    void aHandlerGetsTheBodyWhole() throws Exception {
        TestConnection connection = whole();
        connection.send(post("Content-Length: 5\r\n", "hel"));
        assertThat(connection.output()).isEmpty();
        connection.send("lo" + post("Transfer-Encoding: chunked\r\n", "2\r\nab\r\n3\r\ncde\r\n0\r\n\r\n") + GET);
        assertThat(connection.output()).containsSubsequence("<hello>", "<abcde>", "<>");
    }

    @Test
    void byteByByteTheSame() throws Exception {
        TestConnection connection = whole();
        String input = post("Transfer-Encoding: chunked\r\n", "2;x=\"y\"\r\nab\r\n3\r\ncde\r\n0\r\nT: u\r\n\r\n") + GET;
        connection.sendSlowly(input.getBytes(StandardCharsets.ISO_8859_1));
        assertThat(connection.output()).containsSubsequence("<abcde>", "<>");
    }

    @Test
    void refusesABodyThatIsTooLargeToBuffer() throws Exception {
        HttpLimits limits = HttpLimits.builder().bufferedBodyBytes(10).build();
        TestConnection stated = whole(limits);
        stated.send(post("Content-Length: 100000\r\n", "x"));
        assertThat(stated.output()).startsWith("HTTP/1.1 413 ").contains("Connection: close");
        TestConnection chunked = whole(limits);
        chunked.send(post("Transfer-Encoding: chunked\r\n", "b\r\nhello world\r\n"));
        assertThat(chunked.output()).startsWith("HTTP/1.1 413 ");
        TestConnection fits = whole(limits);
        fits.send(post("Content-Length: 10\r\n", "0123456789"));
        assertThat(fits.output()).endsWith("<0123456789>");
    }

    /** Each is below its own limit; what all of them hold together has one too. */
    @Test
    void refusesABodyWhereOthersHoldTooMuch() throws Exception {
        HttpService service = HttpService.builder()
                .handler(request -> Response.text("<" + request.content().length + ">"))
                .heldBodyBytes(39_999)
                .build();
        TestConnection first = new TestConnection(service);
        first.send(post("Content-Length: 30000\r\n", "x".repeat(20_000)));
        TestConnection second = new TestConnection(service);
        second.send(post("Content-Length: 30000\r\n", "x".repeat(20_000)));
        assertThat(second.output()).startsWith("HTTP/1.1 503 ");
        TestConnection third = new TestConnection(service);
        third.send(post("Transfer-Encoding: chunked\r\n", "5\r\nhello\r\n0\r\n\r\n"));
        assertThat(third.output()).endsWith("<5>");
        first.send("x".repeat(10_000));
        assertThat(first.output()).endsWith("<30000>");
        second.reset();
        assertThat(service.bodyMemory().heldBytes()).isZero();
        first.send(post("Content-Length: 30000\r\n", "x".repeat(30_000)));
        assertThat(first.output()).endsWith("<30000>");
        assertThat(service.bodyMemory().heldBytes()).isZero();
    }

    @Test
    void refusesABodyAboveTheLimit() throws Exception {
        HttpLimits limits = HttpLimits.builder().bodyBytes(10).build();
        TestConnection stated = whole(limits);
        stated.send(post("Content-Length: 11\r\n", ""));
        assertThat(stated.output()).startsWith("HTTP/1.1 413 ");
        assertThat(stated.isClosed()).isTrue();
        TestConnection chunked = whole(limits);
        chunked.send(post("Transfer-Encoding: chunked\r\n", "a\r\n0123456789\r\n1\r\nx\r\n0\r\n\r\n"));
        assertThat(chunked.output()).startsWith("HTTP/1.1 413 ");
    }

    @Test
    void refusesABodyThatEndsEarly() throws Exception {
        TestConnection connection = whole();
        connection.send(post("Content-Length: 10\r\n", "hello")).sendEnd();
        assertThat(connection.output()).startsWith("HTTP/1.1 400 ");
        assertThat(connection.isClosed()).isTrue();
    }

    @Test
    void refusesAMalformedChunk() throws Exception {
        TestConnection connection = whole();
        connection.send(post("Transfer-Encoding: chunked\r\n", "5\nhello\r\n0\r\n\r\n") + GET);
        assertThat(connection.output()).startsWith("HTTP/1.1 400 ").containsOnlyOnce("HTTP/1.1");
        assertThat(connection.isClosed()).isTrue();
    }

    @Test
    void tellsAClientThatWaitsToGoOn() throws Exception {
        TestConnection connection = whole();
        connection.send(post("Content-Length: 5\r\nExpect: 100-continue\r\n", ""));
        assertThat(connection.take()).isEqualTo(CONTINUE);
        connection.send("hello");
        assertThat(connection.take()).startsWith("HTTP/1.1 200").endsWith("<hello>");
        connection.send(post("Content-Length: 0\r\nExpect: 100-continue\r\n", ""));
        assertThat(connection.take()).startsWith("HTTP/1.1 200");
    }

    @Test
    void tellsNobodyToGoOnWhoIsRefused() throws Exception {
        TestConnection connection =
                whole(HttpLimits.builder().bufferedBodyBytes(1).build());
        connection.send(post("Content-Length: 5\r\nExpect: 100-continue\r\n", ""));
        assertThat(connection.output()).startsWith("HTTP/1.1 413 ").contains("Connection: close");
        TestConnection unread = async(request -> CompletableFuture.completedFuture(Response.text("no")));
        unread.send(post("Content-Length: 5\r\nExpect: 100-continue\r\n", ""));
        assertThat(unread.output()).startsWith("HTTP/1.1 200 ").contains("Connection: close");
        assertThat(unread.isClosed()).isTrue();
    }

    @Test
    void tellsAnOldClientNothing() throws Exception {
        TestConnection connection = whole();
        connection.send("POST / HTTP/1.0\r\nContent-Length: 5\r\nExpect: 100-continue\r\n\r\n");
        assertThat(connection.take()).isEmpty();
        connection.send("hello");
        assertThat(connection.output()).startsWith("HTTP/1.1 200").endsWith("<hello>");
    }

    @Test
    void discardsAShortBodyThatNobodyReads() throws Exception {
        TestConnection connection = async(request -> CompletableFuture.completedFuture(Response.text(request.path())));
        connection.send(post("Content-Length: 5\r\n", "he"));
        assertThat(connection.take()).endsWith("/");
        connection.send("llo" + post("Transfer-Encoding: chunked\r\n", "5\r\nhello\r\n0\r\n\r\n") + GET);
        assertThat(connection.take()).containsPattern("(?s)200 .*200 ").doesNotContain("close");
    }

    @Test
    void closesOnALongBodyThatNobodyReads() throws Exception {
        TestConnection stated = async(request -> CompletableFuture.completedFuture(Response.text("x")));
        stated.send(post("Content-Length: 100000\r\n", "he"));
        assertThat(stated.output()).contains("Connection: close");
        assertThat(stated.isClosed()).isTrue();
        TestConnection chunked = async(request -> CompletableFuture.completedFuture(Response.text("x")));
        chunked.send(post("Transfer-Encoding: chunked\r\n", "FFFFF\r\n"));
        assertThat(chunked.isClosed()).isFalse();
        chunked.send("x".repeat(50_000));
        assertThat(chunked.isClosed()).isFalse();
        chunked.send("x".repeat(50_000));
        assertThat(chunked.isClosed()).isTrue();
    }

    /** A reader under a test's control. */
    private static final class Reader implements BodyReader {
        final StringBuilder text = new StringBuilder();
        int take = Integer.MAX_VALUE;
        boolean ended;
        HttpException failure;

        @Override
        public void received(ByteBuffer bytes) {
            for (int i = 0; i < take && bytes.hasRemaining(); i++) {
                text.append((char) (bytes.get() & 0xFF));
            }
        }

        @Override
        public void ended() {
            ended = true;
        }

        @Override
        public void failed(HttpException cause) {
            failure = cause;
        }
    }

    @Test
    void whatAReaderLeavesIsOfferedAgain() throws Exception {
        Reader reader = new Reader();
        reader.take = 1;
        List<Request> requests = new ArrayList<>();
        CompletableFuture<Response> answer = new CompletableFuture<>();
        TestConnection connection = async(request -> {
            requests.add(request);
            request.body().read(reader);
            return answer;
        });
        connection.send(post("Transfer-Encoding: chunked\r\n", "5\r\nhello\r\n0\r\n\r\n"));
        assertThat(reader.text).hasToString("h");
        for (int i = 0; i < 3; i++) {
            requests.getFirst().body().resume();
            connection.runTasks();
        }
        assertThat(reader.text).hasToString("hell");
        requests.getFirst().body().pause();
        connection.runTasks().send("");
        assertThat(reader.text).hasToString("hell");
        assertThat(reader.ended).isFalse();
        requests.getFirst().body().resume();
        connection.runTasks();
        assertThat(reader.text).hasToString("hello");
        assertThat(reader.ended).isTrue();
        answer.complete(Response.text("done"));
        connection.runTasks().send(GET.substring(0, 3));
        assertThat(connection.output()).endsWith("done");
        assertThat(connection.isClosed()).isFalse();
    }

    @Test
    void aReaderThatComesLaterGetsAll() throws Exception {
        Reader reader = new Reader();
        List<Request> requests = new ArrayList<>();
        TestConnection connection = async(request -> {
            requests.add(request);
            return new CompletableFuture<>();
        });
        connection.send(post("Content-Length: 5\r\nExpect: 100-continue\r\n", ""));
        assertThat(connection.output()).isEmpty();
        requests.getFirst().body().read(reader);
        connection.runTasks();
        assertThat(connection.output()).isEqualTo(CONTINUE);
        connection.send("hello");
        assertThat(reader.text).hasToString("hello");
        assertThat(reader.ended).isTrue();
        requests.getFirst().body().read(reader);
        assertThatThrownBy(connection::runTasks).isInstanceOf(IllegalStateException.class);
    }

    @Test
    void aReaderIsToldThatTheConnectionIsGone() throws Exception {
        Reader reader = new Reader();
        TestConnection connection = async(request -> {
            request.body().read(reader);
            return new CompletableFuture<>();
        });
        connection.send(post("Content-Length: 50\r\n", "hello"));
        connection.reset();
        assertThat(reader.failure).isNotNull();
        assertThat(reader.ended).isFalse();
    }

    @Test
    void aReaderThatComesTooLateIsTold() throws Exception {
        List<Request> requests = new ArrayList<>();
        TestConnection connection = async(request -> {
            requests.add(request);
            return CompletableFuture.completedFuture(Response.text("no"));
        });
        connection.send(post("Content-Length: 100000\r\n", "hello"));
        assertThat(connection.isClosed()).isTrue();
        Reader reader = new Reader();
        requests.getFirst().body().read(reader);
        assertThat(reader.failure).isNotNull();
    }

    @Test
    void aReaderIsToldOfAMalformedBody() throws Exception {
        Reader reader = new Reader();
        TestConnection connection = async(request -> {
            request.body().read(reader);
            return new CompletableFuture<>();
        });
        connection.send(post("Transfer-Encoding: chunked\r\n", "5\r\nhelloX"));
        assertThat(reader.failure.status()).isEqualTo(400);
        assertThat(connection.output()).startsWith("HTTP/1.1 400 ");
        assertThat(connection.isClosed()).isTrue();
    }

    @Test
    void aReaderThatThrowsFailsItsRequestAlone() throws Exception {
        List<Throwable> told = new ArrayList<>();
        TestConnection connection = new TestConnection(HttpService.builder()
                .async(request -> {
                    request.body().read(new BodyReader() {
                        @Override
                        public void received(ByteBuffer bytes) {
                            throw new IllegalStateException("of the reader");
                        }

                        @Override
                        public void ended() {}

                        @Override
                        public void failed(HttpException cause) {
                            told.add(cause);
                        }
                    });
                    return new CompletableFuture<>();
                })
                .onFailure((line, failure) -> told.add(failure))
                .build());
        connection.send(post("Content-Length: 5\r\n", "hello"));
        assertThat(connection.output()).startsWith("HTTP/1.1 500 ").contains("Connection: close");
        assertThat(told).hasSize(2);
        assertThat(connection.isClosed()).isTrue();
    }

    @Test
    void readingBlocksNoLoop() throws Exception {
        List<Throwable> failures = new ArrayList<>();
        TestConnection connection = new TestConnection(HttpService.builder()
                .async(request -> {
                    request.body().stream();
                    return new CompletableFuture<>();
                })
                .onFailure((line, failure) -> failures.add(failure))
                .build());
        connection.send(post("Content-Length: 5\r\n", "hello"));
        assertThat(failures).hasSize(1).first().isInstanceOf(IllegalStateException.class);
        assertThat(connection.output()).startsWith("HTTP/1.1 500 ");
    }

    @Test
    void reflectsALongBodyNoFasterThanItIsRead() throws Exception {
        TestConnection connection = new TestConnection(HttpService.reflect().build()).stall();
        String part = "0123456789abcdef".repeat(1_000);
        connection.send(post("Content-Length: 1600000\r\n", ""));
        int sent = 0;
        for (; sent < 100 && connection.keptBytes() == 0; sent++) {
            connection.send(part);
        }
        assertThat(sent).isBetween(4, 20);
        for (; sent < 100; sent++) {
            connection.drain().drain().send(part);
        }
        while (connection.keptBytes() > 0) {
            connection.drain();
        }
        RawResponse answer = RawResponse.of(connection.outputBytes(), false, false);
        assertThat(answer.header("Content-Length")).isEqualTo("1600000");
        assertThat(answer.body()).isEqualTo(part.repeat(100));
        connection.drain().send(GET);
        assertThat(connection.output()).endsWith("OK");
    }

    @Test
    void reflectsALongChunkedBodyInChunks() throws Exception {
        TestConnection connection = new TestConnection(HttpService.reflect().build());
        String part = "0123456789abcdef".repeat(1_024);
        connection.send(post("Transfer-Encoding: chunked\r\n", ""));
        for (int i = 0; i < 20; i++) {
            connection.send("4000\r\n" + part + "\r\n");
        }
        connection.send("0\r\n\r\n");
        RawResponse answer = RawResponse.of(connection.outputBytes(), false, false);
        assertThat(answer.header("Transfer-Encoding")).isEqualTo("chunked");
        assertThat(answer.body()).isEqualTo(part.repeat(20));
        assertThat(connection.isClosed()).isFalse();
    }

    /** It was never told, and the client got 408, or 400 once it had ended its side: found by seed 2485 of the simulated world. */
    @Test
    void aReaderThatPausesBehindTheLastByteIsToldOfTheEnd() throws Exception {
        List<RequestBody> bodies = new ArrayList<>();
        TestConnection connection = async(request -> {
            CompletableFuture<Response> answer = new CompletableFuture<>();
            bodies.add(request.body());
            request.body().read(new BodyReader() {
                @Override
                public void received(ByteBuffer bytes) {
                    bytes.position(bytes.limit());
                    request.body().pause();
                }

                @Override
                public void ended() {
                    answer.complete(Response.text("whole"));
                }

                @Override
                public void failed(HttpException cause) {
                    answer.completeExceptionally(cause);
                }
            });
            return answer;
        });
        connection.send(post("Content-Length: 5\r\n", "hello")).sendEnd();
        assertThat(connection.output()).isEmpty();
        bodies.getFirst().resume();
        connection.runTasks();
        assertThat(connection.output()).startsWith("HTTP/1.1 200 ").endsWith("whole");
    }
}
