package dev.sluice.cli;

import java.time.Duration;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** Reads 200us, 1ms, 5s, 2m or 1h; a bare number is seconds, and may have a fraction. */
final class DurationConverter implements ITypeConverter<Duration> {
    private static final Pattern FORM = Pattern.compile("(\\d{1,9}(?:\\.\\d{1,9})?)(ns|us|ms|s|m|h)?");

    /** Sums of these still fit in a long of nanoseconds. */
    private static final Duration LONGEST = Duration.ofHours(100_000);

    /** For picocli. */
    DurationConverter() {}

    @Override
    public Duration convert(String text) {
        Matcher matcher = FORM.matcher(text);
        if (!matcher.matches()) {
            throw new TypeConversionException(
                    "'" + text + "' is no duration: write seconds, or a number with ns, us, ms, s, m or h, as in 1ms");
        }
        String unit = matcher.group(2);
        double nanos = Double.parseDouble(matcher.group(1)) * nanosOf(unit == null ? "s" : unit);
        if (nanos > LONGEST.toNanos()) {
            throw new TypeConversionException("'" + text + "' is too long: at most " + LONGEST.toHours() + "h");
        }
        return Duration.ofNanos(Math.round(nanos));
    }

    private static double nanosOf(String unit) {
        return switch (unit) {
            case "ns" -> 1;
            case "us" -> 1e3;
            case "ms" -> 1e6;
            case "s" -> 1e9;
            case "m" -> 60e9;
            default -> 3600e9;
        };
    }
}
