package dev.sluice.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sluice.Directory.Outcome;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Files as they are asked for: what is found, listed and refused, and what the log is told. */
class StaticFilesTest extends StaticFilesFrame {
    @Test
    void sendsAFile() {
        Answer answer = get("/sub/page.html");
        assertThat(answer.status()).isEqualTo(200);
        assertThat(answer.body()).isEqualTo("page");
        assertThat(answer.header("Content-Type")).isEqualTo("text/html; charset=utf-8");
        assertThat(answer.header("Last-Modified")).isEqualTo(MODIFIED_TEXT);
        assertThat(answer.header("ETag")).matches("\"[0-9a-f]+\"");
        assertThat(answer.header("Accept-Ranges")).isEqualTo("bytes");
        assertThat(get("/large.bin").body()).hasSize(100_000);
        assertThat(get("/empty.txt").status()).isEqualTo(200);
        assertThat(ask("HEAD", "/alphabet").header("ETag"))
                .isEqualTo(get("/alphabet").header("ETag"));
        assertThat(ask("HEAD", "/alphabet").body()).hasSize(26); // which the session leaves out
    }

    @Test
    void findsIndexPagesAndRedirectsToThem() {
        assertThat(get("/").body()).isEqualTo("<p>root");
        files.put("d e/index.html", "below", MODIFIED);
        assertThat(get("/d%20e/").body()).isEqualTo("below");
        Answer redirect = get("/d%20e?a=b%20c&d");
        assertThat(redirect.status()).isEqualTo(301);
        assertThat(redirect.header("Location")).isEqualTo("/d%20e/?a=b%20c&d");
        assertThat(get("/sub/").status()).isEqualTo(404);
        assertThat(get("/none/").status()).isEqualTo(404);
        assertThat(get("/alphabet/").status()).isEqualTo(404);
    }

    @Test
    void listsByOption() {
        handler = StaticFiles.builder(Path.of("root")).listing(true).build();
        Answer answer = get("/sub/");
        assertThat(answer.status()).isEqualTo(200);
        assertThat(answer.header("Content-Type")).isEqualTo("text/html; charset=utf-8");
        assertThat(answer.header("Content-Security-Policy")).startsWith("default-src 'none'");
        assertThat(answer.body())
                .contains("<a href=\"page.html\">page.html</a>")
                .contains("<a href=\"%3Cb%3E%26%22%27.txt\">&lt;b&gt;&amp;&quot;&#39;.txt</a>")
                .contains("<a href=\"../\">")
                .contains(MODIFIED_TEXT)
                .doesNotContain("hidden", "<b>");
        assertThat(get("/").body()).isEqualTo("<p>root");
        assertThat(get("/none/").status()).isEqualTo(404);
    }

    @Test
    void answersOtherMethodsAsTheyDeserve() {
        assertThat(ask("POST", "/").status()).isEqualTo(405);
        assertThat(ask("DELETE", "/").header("Allow")).isEqualTo("GET, HEAD, OPTIONS");
        assertThat(ask("OPTIONS", "/").status()).isEqualTo(204);
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
        assertThat(get("/alphabet").status()).isEqualTo(status);
    }

    @Test
    void saysThatADirectorysPageCantBeOpenedNow() {
        files.forced = Outcome.EXHAUSTED;
        Answer answer = get("/sub/");
        assertThat(answer.status()).isEqualTo(503);
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
        assertThat(get("/sub/").status()).isEqualTo(503);
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
        assertThat(get(target).status()).isIn(400, 404);
    }

    @Test
    void aRequestInAbsoluteFormIsOneForItsPath() {
        assertThat(get("http://example.org/alphabet?x").body()).isEqualTo(ALPHABET);
        assertThat(get("http://example.org").body()).isEqualTo("<p>root");
    }

    @Test
    void aFileOfTheFutureWasModifiedNow() {
        files.put("future", ALPHABET, NOW + 1_000_000);
        assertThat(get("/future").header("Last-Modified")).isEqualTo(HttpDate.format(NOW));
    }
}
