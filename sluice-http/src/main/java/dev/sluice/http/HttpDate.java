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

    private static final String DAYS = "MonTueWedThuFriSatSun";
    private static final String MONTHS = "JanFebMarAprMayJunJulAugSepOctNovDec";

    /** Apart, since making one loads the names of days and months in all their forms: 8 ms of a first answer. */
    private static final class Formatters {
        static final DateTimeFormatter IMF_FIXDATE = DateTimeFormatter.ofPattern(
                        "EEE, dd MMM uuuu HH:mm:ss 'GMT'", Locale.ENGLISH)
                .withZone(ZoneOffset.UTC);

        static final DateTimeFormatter ASCTIME =
                DateTimeFormatter.ofPattern("EEE MMM ppd HH:mm:ss uuuu", Locale.ENGLISH);

        private Formatters() {}
    }

    private HttpDate() {}

    /** {@code Sun, 06 Nov 1994 08:49:37 GMT}. */
    static String format(long millis) {
        LocalDateTime time = LocalDateTime.ofEpochSecond(Math.floorDiv(millis, 1000L), 0, ZoneOffset.UTC);
        StringBuilder text = new StringBuilder(29);
        text.append(name(DAYS, time.getDayOfWeek().getValue())).append(", ");
        digits(text, time.getDayOfMonth()).append(' ');
        text.append(name(MONTHS, time.getMonthValue())).append(' ');
        digits(text, time.getYear() / 100);
        digits(text, time.getYear() % 100).append(' ');
        digits(text, time.getHour()).append(':');
        digits(text, time.getMinute()).append(':');
        digits(text, time.getSecond()).append(" GMT");
        return text.toString();
    }

    private static String name(String names, int number) {
        return names.substring(3 * number - 3, 3 * number);
    }

    private static StringBuilder digits(StringBuilder text, int number) {
        return text.append(number < 10 ? "0" : "").append(number);
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
                return ZonedDateTime.parse(text, Formatters.IMF_FIXDATE)
                        .toInstant()
                        .toEpochMilli();
            }
            LocalDateTime time = comma < 0
                    ? LocalDateTime.parse(text, Formatters.ASCTIME)
                    : LocalDateTime.parse(text, rfc850(nowMillis));
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
