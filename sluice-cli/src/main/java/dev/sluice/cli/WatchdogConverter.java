package dev.sluice.cli;

import java.time.Duration;
import picocli.CommandLine.ITypeConverter;

/** Reads a duration, or {@code off}. */
final class WatchdogConverter implements ITypeConverter<Duration> {
    private final DurationConverter durations = new DurationConverter();

    /** For picocli. */
    WatchdogConverter() {}

    @Override
    public Duration convert(String text) {
        return text.equals("off") ? Duration.ZERO : durations.convert(text);
    }
}
