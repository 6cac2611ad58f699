package dev.sluice.http;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.FileRegion;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Bodies of responses: bytes, files, streams, and what becomes of them when the connection goes. */
@Timeout(value = 60, unit = TimeUnit.SECONDS)
final class HttpResponseTest {
    private static final String GET = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";
    private static final String OLD = "GET / HTTP/1.0\r\n\r\n";

    private final List<String> failures = new ArrayList<>();
    private final List<String> logged = new ArrayList<>();

    private TestConnection serving(Handler handler) throws Exception {
        return new TestConnection(HttpService.builder()
                .handler(handler)
                .onFailure((line, failure) -> failures.add(failure.toString()))
                .accessLog((request, status, bytes, nanos) -> logged.add(status + " " + bytes))
                .build());
    }

    private static RawResponse answer(TestConnection connection) {
        return RawResponse.of(connection.outputBytes(), connection.isClosed(), false);
    }

    private static byte[] pattern(int length) {
        byte[] bytes = new byte[length];
        for (int i = 0; i < length; i++) {
            bytes[i] = (byte) ('a' + i % 26);
        }
        return bytes;
    }

    @Test
    void manyBytesGoOutAsTheClientReads() throws Exception {
        byte[] body = pattern(1_000_000);
        TestConnection connection = serving(r -> Response.bytes(200, "a/b", body));
        connection.stall().send(GET + GET);
        assertThat(connection.output().length()).isLessThan(200_000);
        for (int i = 0; i < 100; i++) {
            connection.drain();
        }
        String one = new String(body, StandardCharsets.ISO_8859_1);
        assertThat(answer(connection).body()).isEqualTo(one);
        assertThat(connection.output()).endsWith(one);
        assertThat(logged).containsExactly("200 1000000", "200 1000000");
    }

    @Test
    void aFileIsSentAndLetGo() throws Exception {
        MemoryFile file = new MemoryFile(pattern(1_000));
        TestConnection connection = serving(r -> {
            file.retain();
            return Response.builder(206).body(new FileRegion(file, 26, 100)).build();
        });
        connection.send(GET + GET);
        assertThat(answer(connection).body()).isEqualTo(new String(pattern(100), StandardCharsets.ISO_8859_1));
        assertThat(connection.output()).containsPattern("(?s)206 .*206 ");
        connection.send("HEAD / HTTP/1.1\r\nHost: a\r\n\r\n");
        assertThat(connection.output()).endsWith("Content-Length: 100\r\n\r\n");
        assertThat(file.references()).isEqualTo(1);
    }

    @Test
    void piecesOfAFileGoBetweenBytes() throws Exception {
        MemoryFile file = new MemoryFile(pattern(26));
        TestConnection connection = serving(r -> {
            file.retain();
            List<Part> parts = List.of(
                    new Part.Bytes("<1>".getBytes(StandardCharsets.ISO_8859_1)),
                    new Part.Region(new FileRegion(file, 0, 3)),
                    new Part.Bytes("<2>".getBytes(StandardCharsets.ISO_8859_1)),
                    new Part.Region(new FileRegion(file, 23, 3)),
                    new Part.Region(new FileRegion(file, 0, 0)),
                    new Part.Bytes("<3>".getBytes(StandardCharsets.ISO_8859_1)));
            return Response.builder(206).parts(parts, file).build();
        });
        connection.send(GET + "HEAD / HTTP/1.1\r\nHost: a\r\n\r\n");
        assertThat(connection.output()).contains("Content-Length: 15\r\n").contains("<1>abc<2>xyz<3>HTTP/1.1 206");
        assertThat(file.references()).isEqualTo(1);
    }

    @Test
    void aFileIsLetGoWhenTheConnectionBreaks() throws Exception {
        MemoryFile file = new MemoryFile(pattern(1_000));
        TestConnection connection = serving(r -> {
            file.retain();
            return Response.builder(200).body(new FileRegion(file, 0, 1_000)).build();
        });
        connection.stall().send(GET);
        assertThat(file.references()).isEqualTo(2);
        connection.reset();
        assertThat(file.references()).isEqualTo(1);
        assertThat(logged).hasSize(1);
    }

    @Test
    void aStreamIsReadAndClosed() throws Exception {
        AtomicInteger closed = new AtomicInteger();
        byte[] body = pattern(300_000);
        TestConnection connection = serving(r -> Response.builder(200)
                .body(
                        new ByteArrayInputStream(body) {
                            @Override
                            public void close() {
                                closed.incrementAndGet();
                            }
                        },
                        -1)
                .build());
        connection.stall().send(GET);
        assertThat(connection.output().length()).isLessThan(150_000);
        for (int i = 0; i < 10; i++) {
            connection.drain();
        }
        assertThat(answer(connection).body()).isEqualTo(new String(body, StandardCharsets.ISO_8859_1));
        assertThat(answer(connection).header("Transfer-Encoding")).isEqualTo("chunked");
        assertThat(closed).hasValue(1);
        connection.send("HEAD / HTTP/1.1\r\nHost: a\r\n\r\n").drain();
        assertThat(closed).hasValue(2);
        assertThat(connection.isClosed()).isFalse();
    }

    @Test
    void anOldClientLearnsTheEndFromTheClose() throws Exception {
        TestConnection connection = serving(r -> Response.builder(200)
                .body(new ByteArrayInputStream(pattern(10)), -1)
                .build());
        connection.send("GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
        assertThat(connection.output())
                .contains("Connection: close")
                .doesNotContain("chunked")
                .endsWith("\r\n\r\nabcdefghij");
        assertThat(connection.isClosed()).isTrue();
        assertThat(connection.isAborted()).isFalse();
    }

    @Test
    void aStreamThatFailsIsNotEndedAsIfItWereWhole() throws Exception {
        Handler failing = r -> Response.builder(200)
                .body(
                        new InputStream() {
                            private int left = 5;

                            @Override
                            public int read() throws IOException {
                                if (left-- == 0) {
                                    throw new IOException("of the stream");
                                }
                                return 'x';
                            }

                            @Override
                            public int read(byte[] into, int offset, int length) throws IOException {
                                into[offset] = (byte) read();
                                return 1;
                            }
                        },
                        -1)
                .build();
        TestConnection connection = serving(failing);
        connection.send(GET + GET);
        assertThat(connection.output()).endsWith("1\r\nx\r\n").doesNotContain("\r\n0\r\n");
        assertThat(connection.isClosed()).isTrue();
        assertThat(connection.isAborted()).isFalse();
        TestConnection old = serving(failing);
        old.send(OLD);
        assertThat(old.isAborted()).isTrue();
        assertThat(failures).hasSize(2).allMatch(failure -> failure.contains("of the stream"));
    }

    @Test
    void callbacksWriteABody() throws Exception {
        BodyWriter[] writer = new BodyWriter[1];
        TestConnection connection = serving(
                r -> Response.builder(200).stream(-1, w -> writer[0] = w).build());
        connection.send(GET + GET);
        assertThat(writer[0].execute(() -> {
                    writer[0].write(ByteBuffer.wrap(new byte[] {'a', 'b'}));
                    writer[0].write(new byte[] {'c'}, 0, 1);
                    writer[0].write(new byte[0], 0, 0);
                }))
                .isTrue();
        connection.runTasks();
        assertThat(connection.output())
                .endsWith("\r\n\r\n2\r\nab\r\n1\r\nc\r\n")
                .containsOnlyOnce("200 OK");
        writer[0].execute(writer[0]::end);
        connection.runTasks();
        assertThat(connection.output()).contains("\r\n0\r\n\r\nHTTP/1.1 200 OK");
    }

    @Test
    void aStatedLengthIsKept() throws Exception {
        TestConnection longer = serving(r ->
                Response.builder(200).stream(2, w -> w.write(new byte[3], 0, 3)).build());
        longer.send(GET);
        assertThat(longer.output()).contains("Content-Length: 2\r\n").endsWith("\r\n\r\n");
        assertThat(longer.isClosed()).isTrue();
        TestConnection shorter =
                serving(r -> Response.builder(200).stream(2, BodyWriter::end).build());
        shorter.send(GET);
        assertThat(shorter.isClosed()).isTrue();
        TestConnection exact = serving(r -> Response.builder(200).stream(2, w -> {
                    w.write(new byte[] {'o', 'k'}, 0, 2);
                    w.end();
                    w.end();
                })
                .build());
        exact.send(GET);
        assertThat(exact.output()).endsWith("\r\n\r\nok");
        assertThat(exact.isClosed()).isFalse();
        assertThat(failures).hasSize(2);
    }

    @Test
    void aWriterIsToldOfDrainsAndOfTheEnd() throws Exception {
        List<String> told = new ArrayList<>();
        TestConnection connection = serving(r -> Response.builder(200).stream(-1, w -> {
                    w.onDrained(() -> told.add("drained"));
                    w.onClosed(() -> told.add("closed"));
                    told.add("more: " + w.write(new byte[100_000], 0, 100_000));
                })
                .onDone(() -> told.add("done"))
                .build());
        connection.stall().send(GET);
        connection.drain();
        connection.reset();
        assertThat(told).containsExactly("more: false", "drained", "closed", "done");
    }

    @Test
    void aSequentialBodyNeedsWorkers() throws Exception {
        TestConnection connection = serving(
                r -> Response.builder(200).output(-1, out -> out.write(1)).build());
        connection.send(GET);
        assertThat(connection.output()).startsWith("HTTP/1.1 500 ");
        assertThat(failures).hasSize(1);
    }
}
