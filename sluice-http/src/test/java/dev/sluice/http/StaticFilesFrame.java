package dev.sluice.http;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.Files;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Objects;
import org.junit.jupiter.api.AfterEach;

/** What the tests of static files share: files in memory, a handler for them, and how a client asks it. */
abstract class StaticFilesFrame {
    static final long MODIFIED = 784_111_777_000L;
    static final String MODIFIED_TEXT = "Sun, 06 Nov 1994 08:49:37 GMT";
    static final String EARLIER = "Sun, 06 Nov 1994 08:49:36 GMT";
    static final String LATER = "Sun, 06 Nov 1994 08:49:38 GMT";
    static final long NOW = MODIFIED + 1_000_000_000L;
    static final String ALPHABET = "abcdefghijklmnopqrstuvwxyz";

    final MemoryFiles files = new MemoryFiles()
            .put("index.html", "<p>root", MODIFIED + 123)
            .put("alphabet", ALPHABET, MODIFIED + 999)
            .put("empty.txt", "", MODIFIED)
            .put("large.bin", new byte[100_000], MODIFIED)
            .put("sub/page.html", "page", MODIFIED)
            .put("sub/<b>&\"'.txt", "odd", MODIFIED)
            .put("sub/.hidden", "hidden", MODIFIED)
            .put("app.js", "the script itself", MODIFIED)
            .put("app.js.gz", "gzip", MODIFIED)
            .put("app.js.br", "br", MODIFIED)
            .put("old.css", "the style itself", MODIFIED)
            .put("old.css.gz", "older", MODIFIED - 1)
            .put("picture.png", "picture", MODIFIED)
            .put("picture.png.gz", "not for me", MODIFIED);
    long nanos;
    StaticFiles handler = StaticFiles.of(Path.of("root"));

    @AfterEach
    void nothingIsLeftOpen() {
        handler.forget();
        assertThat(files.references).hasValue(0);
        handler.close();
        assertThat(files.directories).hasValue(0);
    }

    /** What a client would have got. */
    record Answer(int status, Headers headers, String body) {
        String header(String name) {
            return Objects.requireNonNullElse(headers.first(name), "");
        }
    }

    private record TestWorld(Files files) implements World {
        @Override
        public SocketAddress remoteAddress() {
            return new InetSocketAddress(InetAddress.getLoopbackAddress(), 1);
        }

        @Override
        public int requestLineBytes() {
            return 8192;
        }
    }

    Answer get(String target, String... fields) {
        return ask("GET", target, fields);
    }

    Answer ask(String method, String target, String... fields) {
        StringBuilder text = new StringBuilder(method + " " + target + " HTTP/1.1\r\nHost: a\r\n");
        for (String field : fields) {
            text.append(field).append("\r\n");
        }
        ByteBuffer bytes = ByteBuffer.wrap(text.append("\r\n").toString().getBytes(StandardCharsets.ISO_8859_1));
        RequestHead head = new RequestHead();
        assertThat(new RequestParser(HttpLimits.standard()).parse(bytes, head)).isEqualTo(RequestParser.DONE);
        Request request = new Request(new TestWorld(files), head);
        request.begin(NOW, nanos);
        try {
            Response response = handler.handle(request);
            Answer answer = new Answer(response.status(), response.headers(), body(response.content()));
            assertThat(response.length()).isEqualTo(answer.body().length());
            response.done();
            return answer;
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    private static String body(Content content) {
        return switch (content) {
            case Content.Bytes(byte[] array) -> new String(array, StandardCharsets.ISO_8859_1);
            case Content.Parts parts -> {
                StringBuilder text = new StringBuilder();
                for (Part part : parts.parts()) {
                    text.append(new String(bytes(part), StandardCharsets.ISO_8859_1));
                }
                yield text.toString();
            }
            default -> throw new AssertionError("not of a file: " + content);
        };
    }

    private static byte[] bytes(Part part) {
        return switch (part) {
            case Part.Bytes(byte[] array) -> array;
            case Part.Region region -> {
                ByteBuffer bytes = ByteBuffer.allocate((int) region.length());
                region.region().file().read(bytes, region.region().position());
                yield bytes.array();
            }
        };
    }

    /** What a GET of the alphabet is answered with, and a HEAD alike; TAG in a field is its entity tag. */
    int status(String... fields) {
        String etag = get("/alphabet").header("ETag");
        for (int i = 0; i < fields.length; i++) {
            fields[i] = fields[i].replace("TAG", etag);
        }
        Answer answer = get("/alphabet", fields);
        if (answer.status() == 304) {
            assertThat(answer.body()).isEmpty();
            assertThat(answer.header("ETag")).isEqualTo(etag);
        }
        Answer toHead = ask("HEAD", "/alphabet", fields);
        assertThat(toHead.status()).isEqualTo(answer.status() == 206 || answer.status() == 416 ? 200 : answer.status());
        return answer.status();
    }
}
