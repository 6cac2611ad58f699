package dev.sluice.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sluice.Directory.Outcome;
import dev.sluice.Files;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class StaticFilesTest {
    private static final long MODIFIED = 784_111_777_000L;
    private static final String MODIFIED_TEXT = "Sun, 06 Nov 1994 08:49:37 GMT";
    private static final String EARLIER = "Sun, 06 Nov 1994 08:49:36 GMT";
    private static final String LATER = "Sun, 06 Nov 1994 08:49:38 GMT";
    private static final long NOW = MODIFIED + 1_000_000_000L;
    private static final String ALPHABET = "abcdefghijklmnopqrstuvwxyz";

    private final MemoryFiles files = new MemoryFiles()
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
    private long nanos;
    private StaticFiles handler = StaticFiles.of(Path.of("root"));

    @AfterEach
    void nothingIsLeftOpen() {
        handler.forget();
        assertThat(files.references).hasValue(0);
        handler.close();
        assertThat(files.directories).hasValue(0);
    }

    /** What a client would have got. */
    private record Answer(int status, Headers headers, String body) {
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

    private Answer get(String target, String... fields) {
        return ask("GET", target, fields);
    }

    private Answer ask(String method, String target, String... fields) {
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
            assertThat(response.length()).isEqualTo(answer.body.length());
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

    @Test
    void sendsAFile() {
        Answer answer = get("/sub/page.html");
        assertThat(answer.status).isEqualTo(200);
        assertThat(answer.body).isEqualTo("page");
        assertThat(answer.header("Content-Type")).isEqualTo("text/html; charset=utf-8");
        assertThat(answer.header("Last-Modified")).isEqualTo(MODIFIED_TEXT);
        assertThat(answer.header("ETag")).matches("\"[0-9a-f]+\"");
        assertThat(answer.header("Accept-Ranges")).isEqualTo("bytes");
        assertThat(get("/large.bin").body).hasSize(100_000);
        assertThat(get("/empty.txt").status).isEqualTo(200);
        assertThat(ask("HEAD", "/alphabet").header("ETag"))
                .isEqualTo(get("/alphabet").header("ETag"));
        assertThat(ask("HEAD", "/alphabet").body).hasSize(26); // which the session leaves out
    }

    @Test
    void findsIndexPagesAndRedirectsToThem() {
        assertThat(get("/").body).isEqualTo("<p>root");
        files.put("d e/index.html", "below", MODIFIED);
        assertThat(get("/d%20e/").body).isEqualTo("below");
        Answer redirect = get("/d%20e?a=b%20c&d");
        assertThat(redirect.status).isEqualTo(301);
        assertThat(redirect.header("Location")).isEqualTo("/d%20e/?a=b%20c&d");
        assertThat(get("/sub/").status).isEqualTo(404);
        assertThat(get("/none/").status).isEqualTo(404);
        assertThat(get("/alphabet/").status).isEqualTo(404);
    }

    @Test
    void listsByOption() {
        handler = StaticFiles.builder(Path.of("root")).listing(true).build();
        Answer answer = get("/sub/");
        assertThat(answer.status).isEqualTo(200);
        assertThat(answer.header("Content-Type")).isEqualTo("text/html; charset=utf-8");
        assertThat(answer.header("Content-Security-Policy")).startsWith("default-src 'none'");
        assertThat(answer.body)
                .contains("<a href=\"page.html\">page.html</a>")
                .contains("<a href=\"%3Cb%3E%26%22%27.txt\">&lt;b&gt;&amp;&quot;&#39;.txt</a>")
                .contains("<a href=\"../\">")
                .contains(MODIFIED_TEXT)
                .doesNotContain("hidden", "<b>");
        assertThat(get("/").body).isEqualTo("<p>root");
        assertThat(get("/none/").status).isEqualTo(404);
    }

    @Test
    void answersOtherMethodsAsTheyDeserve() {
        assertThat(ask("POST", "/").status).isEqualTo(405);
        assertThat(ask("DELETE", "/").header("Allow")).isEqualTo("GET, HEAD, OPTIONS");
        assertThat(ask("OPTIONS", "/").status).isEqualTo(204);
        assertThat(ask("OPTIONS", "/").header("Allow")).isEqualTo("GET, HEAD, OPTIONS");
    }

    @ParameterizedTest
    @CsvSource({
        "FORBIDDEN, 403",
        "SPECIAL, 403",
        "NOT_FOUND, 404",
        "EXHAUSTED, 503",
    })
    void refusesWhatIsNotToBeRead(Outcome outcome, int status) {
        files.forced = outcome;
        assertThat(get("/alphabet").status).isEqualTo(status);
    }

    @Test
    void saysThatADirectorysPageCantBeOpenedNow() {
        files.forced = Outcome.EXHAUSTED;
        Answer answer = get("/sub/");
        assertThat(answer.status).isEqualTo(503);
        assertThat(answer.header("Retry-After")).isEqualTo("1");
    }

    @Test
    void tellsTheLogOfAnErrorOfTheKernel() {
        files.forced = Outcome.ERROR;
        assertThatThrownBy(() -> get("/alphabet"))
                .hasRootCauseInstanceOf(IOException.class)
                .hasStackTraceContaining("EIO");
    }

    @Test
    void tellsTheLogWhyADirectoryCantBeListed() {
        handler = StaticFiles.builder(Path.of("root")).listing(true).build();
        files.forcedListing = Outcome.ERROR;
        assertThatThrownBy(() -> get("/sub/"))
                .hasRootCauseInstanceOf(IOException.class)
                .hasStackTraceContaining("listing \"sub\" failed: EIO");
        files.forcedListing = Outcome.EXHAUSTED;
        assertThat(get("/sub/").status).isEqualTo(503);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "/%2e%2e/etc/passwd",
                "/..",
                "/sub/.hidden",
                "//alphabet",
                "/sub%2fpage.html",
                "/%00",
                "/a%5cb",
                "/%zz",
                "/%ff"
            })
    void refusesNames(String target) {
        assertThat(get(target).status).isIn(400, 404);
    }

    @Test
    void aRequestInAbsoluteFormIsOneForItsPath() {
        assertThat(get("http://example.org/alphabet?x").body).isEqualTo(ALPHABET);
        assertThat(get("http://example.org").body).isEqualTo("<p>root");
    }

    // ---- files that are kept

    private void keep(int most) {
        handler = StaticFiles.builder(Path.of("root")).keep(most).build();
    }

    @Test
    void keepsFilesOpenAndTheBytesOfSmallOnes() {
        keep(64);
        for (int i = 0; i < 3; i++) {
            assertThat(get("/alphabet").body).isEqualTo(ALPHABET);
            assertThat(get("/large.bin").body).hasSize(100_000);
            assertThat(get("/alphabet", "Range: bytes=1-2").body).isEqualTo("bc");
            assertThat(get("/alphabet", "If-Modified-Since: " + MODIFIED_TEXT).status)
                    .isEqualTo(304);
            assertThat(ask("HEAD", "/alphabet").header("Last-Modified")).isEqualTo(MODIFIED_TEXT);
        }
        assertThat(files.opens).hasValue(2);
        assertThat(files.references).hasValue(2);
    }

    @Test
    void answersUnconditionalRequestsForASmallFileByTheSameResponse() {
        keep(64);
        get("/alphabet");
        int reads = files.reads.get();
        assertThat(get("/alphabet").body).isEqualTo(ALPHABET);
        assertThat(get("/alphabet", "If-None-Match: \"other\"").body).isEqualTo(ALPHABET);
        assertThat(files.reads).hasValue(reads);
        assertThat(get("/app.js").body).isEqualTo("the script itself");
        assertThat(get("/app.js", "Accept-Encoding: gzip").body).isEqualTo("gzip");
        assertThat(get("/app.js.gz").header("Content-Encoding")).isEmpty();
        assertThat(get("/app.js", "Accept-Encoding: gzip").header("Content-Encoding"))
                .isEqualTo("gzip");
    }

    @Test
    void seesThatAKeptFileHasChangedOrIsGone() {
        keep(64);
        Answer before = get("/alphabet");
        files.put("alphabet", "zyx", MODIFIED + 999);
        Answer after = get("/alphabet");
        assertThat(after.body).isEqualTo("zyx");
        assertThat(after.header("ETag")).isNotEqualTo(before.header("ETag"));
        files.remove("alphabet");
        assertThat(get("/alphabet").status).isEqualTo(404);
    }

    @Test
    void opensAnewAfterASecondWhateverItSees() {
        keep(64);
        get("/alphabet");
        nanos = FileCache.GOOD_NANOS;
        get("/alphabet");
        assertThat(files.opens).hasValue(1);
        nanos++;
        get("/alphabet");
        assertThat(files.opens).hasValue(2);
    }

    @Test
    void keepsNothingThatHasJustChanged() {
        keep(64);
        files.put("young", "young", NOW - 1999);
        get("/young");
        assertThat(files.references).hasValue(0);
        files.put("older", "older", NOW - 2000);
        get("/older");
        assertThat(files.references).hasValue(1);
    }

    @Test
    void keepsSoManyAndClosesWhatNobodyAsksForAgain() {
        keep(8);
        for (int i = 0; i < 100; i++) {
            files.put("n" + i, "n" + i, MODIFIED);
            assertThat(get("/n" + i).body).isEqualTo("n" + i);
            assertThat(files.references.get()).isLessThanOrEqualTo(8);
        }
        nanos = 2 * FileCache.GOOD_NANOS;
        get("/alphabet");
        get("/empty.txt");
        assertThat(files.references.get()).isLessThanOrEqualTo(2);
    }

    @Test
    void givesUpWhatItKeepsWhereNoDescriptorIsLeft() {
        keep(64);
        get("/alphabet");
        files.forced = Outcome.EXHAUSTED;
        assertThat(get("/empty.txt").status).isEqualTo(503);
        assertThat(files.references).hasValue(0);
    }

    // ---- codings

    @ParameterizedTest
    @CsvSource(
            nullValues = "-",
            delimiter = '|',
            value = {
                "-|the script itself|''",
                "''|the script itself|''",
                "gzip|gzip|gzip",
                "GZIP|gzip|gzip",
                "x-gzip|gzip|gzip",
                "br|br|br",
                "gzip, deflate, br, zstd|br|br",
                "gzip;q=1, br;q=0.9|gzip|gzip",
                "gzip;q=0.5,br;q=0.501|br|br",
                "*|br|br",
                "*;q=0.5, br;q=0|gzip|gzip",
                "*;q=0|the script itself|''",
                "gzip;q=0|the script itself|''",
                "gzip;q=0.0, br;q=0.000|the script itself|''",
                "identity, gzip;q=0.5|the script itself|''",
                "identity;q=0.5, gzip;q=0.5|gzip|gzip",
                "identity;q=0|the script itself|''",
                "gzip;q=2, br;q=x|the script itself|''",
                "gzip ; q=0.3|gzip|gzip",
                "deflate|the script itself|''",
                "gzip;q=0, gzip|the script itself|''",
                "br;level=1;Q=0.2 , x-gzip; q=0.3|gzip|gzip",
                "gzipped, bro, identityless, gzip x|the script itself|''",
                ", ;q=1,gzip;|gzip|gzip",
            })
    void choosesTheCodingThatAClientPrefers(String accept, String body, String coding) {
        Answer answer = accept == null ? get("/app.js") : get("/app.js", "Accept-Encoding: " + accept);
        assertThat(answer.body).isEqualTo(body);
        assertThat(answer.header("Content-Encoding")).isEqualTo(coding);
        assertThat(answer.header("Content-Type")).isEqualTo("text/javascript; charset=utf-8");
        assertThat(answer.header("Vary")).isEqualTo("Accept-Encoding");
    }

    /** One pass over the field, whatever is in it: a client's kilobytes must not cost milliseconds. */
    @Test
    void readsALongListOnce() {
        String list = "a,".repeat(8000);
        long begun = System.nanoTime();
        for (int i = 0; i < 1000; i++) {
            assertThat(ContentCoding.preferred(List.of(list, "gzip"))).containsExactly(ContentCoding.GZIP);
        }
        // Some 40 us each where nothing else runs; split and matched for each coding it was 4 ms.
        assertThat(System.nanoTime() - begun).isLessThan(TimeUnit.SECONDS.toNanos(1));
    }

    @Test
    void leavesCodingsAloneWhereTheyAreOfNoUse() {
        assertThat(get("/old.css", "Accept-Encoding: gzip").body).isEqualTo("the style itself");
        Answer picture = get("/picture.png", "Accept-Encoding: gzip");
        assertThat(picture.body).isEqualTo("picture");
        assertThat(picture.headers.contains("Vary")).isFalse();
        assertThat(get("/app.js.gz").header("Content-Type")).isEqualTo("application/gzip");
        assertThat(get("/app.js.gz").headers.contains("Content-Encoding")).isFalse();
        handler.close();
        handler = StaticFiles.builder(Path.of("root")).precompressed(false).build();
        assertThat(get("/app.js", "Accept-Encoding: gzip").body).isEqualTo("the script itself");
    }

    @Test
    void aCodingIsARepresentationOfItsOwn() {
        String plain = get("/app.js").header("ETag");
        Answer gzip = get("/app.js", "Accept-Encoding: gzip");
        assertThat(gzip.header("ETag")).isNotEqualTo(plain);
        Answer again = get("/app.js", "Accept-Encoding: gzip", "If-None-Match: " + gzip.header("ETag"));
        assertThat(again.status).isEqualTo(304);
        assertThat(again.header("Vary")).isEqualTo("Accept-Encoding");
        assertThat(get("/app.js", "Accept-Encoding: br", "If-None-Match: " + gzip.header("ETag")).status)
                .isEqualTo(200);
        Answer part = get("/app.js", "Accept-Encoding: gzip", "Range: bytes=1-2");
        assertThat(part.body).isEqualTo("zi");
        assertThat(part.header("Content-Range")).isEqualTo("bytes 1-2/4");
    }

    // ---- conditions

    private int status(String... fields) {
        String etag = get("/alphabet").header("ETag");
        for (int i = 0; i < fields.length; i++) {
            fields[i] = fields[i].replace("TAG", etag);
        }
        Answer answer = get("/alphabet", fields);
        if (answer.status == 304) {
            assertThat(answer.body).isEmpty();
            assertThat(answer.header("ETag")).isEqualTo(etag);
        }
        Answer toHead = ask("HEAD", "/alphabet", fields);
        assertThat(toHead.status).isEqualTo(answer.status == 206 || answer.status == 416 ? 200 : answer.status);
        return answer.status;
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "If-Match: TAG|200",
                "If-Match: *|200",
                "If-Match: \"x\", TAG|200",
                "If-Match: \"a,b\" , TAG|200",
                "If-Match: \"x\"|412",
                "If-Match: W/TAG|412",
                "If-Match: nonsense|412",
                "If-None-Match: TAG|304",
                "If-None-Match: W/TAG|304",
                "If-None-Match: *|304",
                "If-None-Match: \"x\",,W/\"y\", TAG|304",
                "If-None-Match: \"x\"|200",
                "If-None-Match: \"TAG\"|200",
                "If-None-Match: \"unclosed|200",
                "If-Modified-Since: " + MODIFIED_TEXT + "|304",
                "If-Modified-Since: " + LATER + "|304",
                "If-Modified-Since: " + EARLIER + "|200",
                "If-Modified-Since: Sunday, 06-Nov-94 08:49:37 GMT|304",
                "If-Modified-Since: Sun Nov  6 08:49:37 1994|304",
                "If-Modified-Since: yesterday|200",
                "If-Unmodified-Since: " + MODIFIED_TEXT + "|200",
                "If-Unmodified-Since: " + LATER + "|200",
                "If-Unmodified-Since: " + EARLIER + "|412",
                "If-Unmodified-Since: 0|200",
            })
    void evaluatesACondition(String field, int expected) {
        assertThat(status(field)).isEqualTo(expected);
    }

    /** RFC 9110 section 13.2.2. */
    @Test
    void evaluatesConditionsInTheirOrder() {
        assertThat(status("If-Match: \"x\"", "If-None-Match: TAG")).isEqualTo(412);
        assertThat(status("If-Match: TAG", "If-Unmodified-Since: " + EARLIER)).isEqualTo(200);
        assertThat(status("If-Unmodified-Since: " + EARLIER, "If-None-Match: TAG"))
                .isEqualTo(412);
        assertThat(status("If-None-Match: \"x\"", "If-Modified-Since: " + LATER))
                .isEqualTo(200);
        assertThat(status("If-None-Match: TAG", "If-Modified-Since: " + EARLIER))
                .isEqualTo(304);
        assertThat(status("If-None-Match: \"x\"", "If-None-Match: TAG")).isEqualTo(304);
        assertThat(status("If-Modified-Since: " + LATER, "If-Modified-Since: " + LATER))
                .isEqualTo(200);
        assertThat(status("If-Match: TAG", "If-None-Match: TAG", "Range: bytes=0-1"))
                .isEqualTo(304);
        assertThat(status("If-Match: \"x\"", "Range: bytes=99-")).isEqualTo(412);
        assertThat(get("/none", "If-Match: *").status).isEqualTo(404);
    }

    // ---- ranges

    @ParameterizedTest
    @CsvSource({
        "bytes=0-0, a, 0-0",
        "bytes=0-25, abcdefghijklmnopqrstuvwxyz, 0-25",
        "bytes=23-, xyz, 23-25",
        "bytes=-3, xyz, 23-25",
        "bytes=-99, abcdefghijklmnopqrstuvwxyz, 0-25",
        "bytes=23-99, xyz, 23-25",
        "bytes=25-9223372036854775807, z, 25-25",
        "bytes=25-99999999999999999999999999, z, 25-25",
        "bytes=-99999999999999999999999999, abcdefghijklmnopqrstuvwxyz, 0-25",
        "BYTES=1-2, bc, 1-2",
        "'bytes= 1-2 ,', bc, 1-2",
        "'bytes=1-2,99-', bc, 1-2",
        "'bytes=99-,1-2,-0', bc, 1-2",
    })
    void sendsOneRange(String range, String body, String positions) {
        Answer answer = get("/alphabet", "Range: " + range);
        assertThat(answer.status).isEqualTo(206);
        assertThat(answer.body).isEqualTo(body);
        assertThat(answer.header("Content-Range")).isEqualTo("bytes " + positions + "/26");
        assertThat(answer.headers.contains("ETag")).isTrue();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "bytes",
                "bytes=",
                "bytes=,",
                "bytes=-",
                "bytes=a-b",
                "bytes=1",
                "bytes=2-1",
                "bytes=1-2-3",
                "bytes=--1",
                "bytes=+1-2",
                "bytes=1 - 2",
                "items=0-1",
                "bytes 0-1",
                "bytes=0-1;2-3",
                "bytes=0-1,2-1",
                "bytes=0x0-1",
                "bytes=1-2,x",
                "bytes=0-,0-",
                "bytes=0-10,5-15",
                "bytes=-5,-3",
                "bytes=0-0,0-0",
                "bytes=5-,-1",
            })
    void ignoresRangesThatAreMalformedOrOverlap(String range) {
        Answer answer = get("/alphabet", "Range: " + range);
        assertThat(answer.status).isEqualTo(200);
        assertThat(answer.body).isEqualTo(ALPHABET);
    }

    @ParameterizedTest
    @ValueSource(strings = {"bytes=26-", "bytes=26-27", "bytes=-0", "bytes=99999999999999999999-", "bytes=26-,100-200"})
    void refusesRangesBehindTheEnd(String range) {
        Answer answer = get("/alphabet", "Range: " + range);
        assertThat(answer.status).isEqualTo(416);
        assertThat(answer.header("Content-Range")).isEqualTo("bytes */26");
    }

    @Test
    void anEmptyFileHasNoRange() {
        assertThat(get("/empty.txt", "Range: bytes=0-").status).isEqualTo(416);
        assertThat(get("/empty.txt", "Range: bytes=-1").status).isEqualTo(200);
    }

    @Test
    void sendsSeveralRangesInTheirOrder() {
        Answer answer = get("/alphabet", "Range: bytes=20-21, 0-1,-2");
        assertThat(answer.status).isEqualTo(206);
        assertThat(answer.headers.contains("Content-Range")).isFalse();
        assertThat(answer.header("Content-Type")).startsWith("multipart/byteranges; boundary=");
        String mark = "\r\n--" + answer.header("Content-Type").substring("multipart/byteranges; boundary=".length());
        String type = "\r\nContent-Type: application/octet-stream\r\nContent-Range: bytes ";
        assertThat(answer.body)
                .isEqualTo(mark + type + "20-21/26\r\n\r\nuv" + mark + type + "0-1/26\r\n\r\nab" + mark + type
                        + "24-25/26\r\n\r\nyz" + mark + "--\r\n");
    }

    @Test
    void sendsTheWholeFileForTooManyRanges() {
        StringBuilder some = new StringBuilder("Range: bytes=0-0");
        for (int i = 1; i < ByteRanges.LIMIT; i++) {
            some.append(',').append(2 * i).append('-').append(2 * i);
        }
        assertThat(get("/large.bin", some.toString()).status).isEqualTo(206);
        assertThat(get("/large.bin", some + ",1000-1000").status).isEqualTo(200);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "TAG|206",
                "W/TAG|200",
                "\"x\"|200",
                MODIFIED_TEXT + "|206",
                LATER + "|200",
                EARLIER + "|200",
                "nonsense|200",
            })
    void aRangeMayDependOnTheFileBeingTheSame(String ifRange, int expected) {
        assertThat(status("Range: bytes=0-1", "If-Range: " + ifRange)).isEqualTo(expected);
        assertThat(status("Range: bytes=99-", "If-Range: " + ifRange)).isEqualTo(expected == 206 ? 416 : 200);
    }

    @Test
    void aDateOfThisSecondIsNoStrongValidator() {
        files.put("fresh", ALPHABET, NOW);
        Answer fresh = get("/fresh");
        assertThat(get("/fresh", "Range: bytes=0-1", "If-Range: " + fresh.header("Last-Modified")).status)
                .isEqualTo(200);
        assertThat(get("/fresh", "Range: bytes=0-1", "If-Range: " + fresh.header("ETag")).status)
                .isEqualTo(206);
    }

    @Test
    void aFileOfTheFutureWasModifiedNow() {
        files.put("future", ALPHABET, NOW + 1_000_000);
        assertThat(get("/future").header("Last-Modified")).isEqualTo(HttpDate.format(NOW));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "a.html|text/html; charset=utf-8",
                "A.HTM|text/html; charset=utf-8",
                "a.min.js|text/javascript; charset=utf-8",
                "a.svg|image/svg+xml",
                "a.JPG|image/jpeg",
                "a.json|application/json",
                "a.wasm|application/wasm",
                "a.tar.gz|application/gzip",
                "a|application/octet-stream",
                "a.|application/octet-stream",
                "a.html/b|application/octet-stream",
                "a.unknown|application/octet-stream",
            })
    void knowsMediaTypes(String name, String type) {
        assertThat(MediaTypes.of(name)).isEqualTo(type);
    }
}
