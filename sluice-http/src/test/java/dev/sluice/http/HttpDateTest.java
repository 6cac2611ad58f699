package dev.sluice.http;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Locale;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The dates of RFC 9110 section 5.6.7. */
class HttpDateTest {
    private static final DateTimeFormatter ORACLE = DateTimeFormatter.ofPattern(
                    "EEE, dd MMM uuuu HH:mm:ss 'GMT'", Locale.ENGLISH)
            .withZone(ZoneOffset.UTC);

    @Test
    void theRfcsExample() {
        assertThat(HttpDate.format(784_111_777_999L)).isEqualTo("Sun, 06 Nov 1994 08:49:37 GMT");
    }

    @Test
    void isWrittenAsTheJdkWould() {
        LocalDateTime time = LocalDateTime.of(1901, 1, 1, 0, 0, 0);
        while (time.getYear() < 2101) {
            Instant instant = time.toInstant(ZoneOffset.UTC);
            assertThat(HttpDate.format(instant.toEpochMilli())).isEqualTo(ORACLE.format(instant));
            time = time.plusSeconds(86_400 + 3_601 + 61);
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "Sun, 06 Nov 1994 08:49:37 GMT|784111777000",
                "Sunday, 06-Nov-94 08:49:37 GMT|784111777000",
                "Sun Nov  6 08:49:37 1994|784111777000",
                "Mon, 06 Nov 1994 08:49:37 GMT|-9223372036854775808", // a Sunday
                "yesterday|-9223372036854775808",
            })
    void threeFormsAreRead(String text, long millis) {
        assertThat(HttpDate.parse(text, 1_700_000_000_000L)).isEqualTo(millis);
    }
}
