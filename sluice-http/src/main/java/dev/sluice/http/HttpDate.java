package dev.sluice.http;

import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.Year;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeFormatterBuilder;
import java.time.temporal.ChronoField;
import java.util.Locale;

/** Dates of HTTP (RFC 9110 section 5.6.7). */
final class HttpDate {
    /** What {@link #parse} answers for what is no date. */
    static final long NONE = Long.MIN_VALUE;

    private static final DateTimeFormatter IMF_FIXDATE = DateTimeFormatter.ofPattern(
                    "EEE, dd MMM uuuu HH:mm:ss 'GMT'", Locale.ENGLISH)
            .withZone(ZoneOffset.UTC);

    private static final DateTimeFormatter ASCTIME =
            DateTimeFormatter.ofPattern("EEE MMM ppd HH:mm:ss uuuu", Locale.ENGLISH);

    private HttpDate() {}

    /** {@code Sun, 06 Nov 1994 08:49:37 GMT}. */
    static String format(long millis) {
        return IMF_FIXDATE.format(Instant.ofEpochMilli(millis));
    }

    /**
     * Reads a date in one of the three forms that a recipient must accept.
     *
     * @param nowMillis decides the century of a year of two digits
     * @return milliseconds since the epoch, or {@link #NONE}
     */
    static long parse(String text, long nowMillis) {
        try {
            int comma = text.indexOf(',');
            if (comma == 3) {
                return ZonedDateTime.parse(text, IMF_FIXDATE).toInstant().toEpochMilli();
            }
            LocalDateTime time =
                    comma < 0 ? LocalDateTime.parse(text, ASCTIME) : LocalDateTime.parse(text, rfc850(nowMillis));
            return time.toInstant(ZoneOffset.UTC).toEpochMilli();
        } catch (DateTimeException malformed) {
            return NONE;
        }
    }

    /** A year that seems to lie more than 50 years ahead is of the past century. */
    private static DateTimeFormatter rfc850(long nowMillis) {
        int year = Year.from(Instant.ofEpochMilli(nowMillis).atZone(ZoneOffset.UTC))
                .getValue();
        return new DateTimeFormatterBuilder()
                .appendPattern("EEEE, dd-MMM-")
                .appendValueReduced(ChronoField.YEAR, 2, 2, year - 49)
                .appendPattern(" HH:mm:ss 'GMT'")
                .toFormatter(Locale.ENGLISH);
    }
}
