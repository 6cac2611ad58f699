package dev.sluice.http;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Requests that depend on what the client knows of the file. */
class PreconditionsTest extends StaticFilesFrame {
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
        assertThat(get("/none", "If-Match: *").status()).isEqualTo(404);
    }
}
