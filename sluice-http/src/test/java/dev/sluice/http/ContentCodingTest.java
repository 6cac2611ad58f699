package dev.sluice.http;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Which precompressed file a client gets. */
class ContentCodingTest extends StaticFilesFrame {
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
        assertThat(answer.body()).isEqualTo(body);
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
        assertThat(get("/old.css", "Accept-Encoding: gzip").body()).isEqualTo("the style itself");
        Answer picture = get("/picture.png", "Accept-Encoding: gzip");
        assertThat(picture.body()).isEqualTo("picture");
        assertThat(picture.headers().contains("Vary")).isFalse();
        assertThat(get("/app.js.gz").header("Content-Type")).isEqualTo("application/gzip");
        assertThat(get("/app.js.gz").headers().contains("Content-Encoding")).isFalse();
        handler.close();
        handler = StaticFiles.builder(Path.of("root")).precompressed(false).build();
        assertThat(get("/app.js", "Accept-Encoding: gzip").body()).isEqualTo("the script itself");
    }

    @Test
    void aCodingIsARepresentationOfItsOwn() {
        String plain = get("/app.js").header("ETag");
        Answer gzip = get("/app.js", "Accept-Encoding: gzip");
        assertThat(gzip.header("ETag")).isNotEqualTo(plain);
        Answer again = get("/app.js", "Accept-Encoding: gzip", "If-None-Match: " + gzip.header("ETag"));
        assertThat(again.status()).isEqualTo(304);
        assertThat(again.header("Vary")).isEqualTo("Accept-Encoding");
        assertThat(get("/app.js", "Accept-Encoding: br", "If-None-Match: " + gzip.header("ETag"))
                        .status())
                .isEqualTo(200);
        Answer part = get("/app.js", "Accept-Encoding: gzip", "Range: bytes=1-2");
        assertThat(part.body()).isEqualTo("zi");
        assertThat(part.header("Content-Range")).isEqualTo("bytes 1-2/4");
    }
}
