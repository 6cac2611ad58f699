package dev.sluice.cli;

import dev.sluice.http.HttpLimits;
import java.time.Duration;
import picocli.CommandLine.Option;

/** The options that say what an HTTP client may take of the server. */
final class LimitOptions {
    /** What the runtime keeps beyond a request's head. */
    private static final int SLACK_BYTES = 1024;

    private static final int LEAST_INPUT_BYTES = 64 * 1024;

    /** The rate that a body must keep when it lags. */
    private static final int BODY_BYTES_PER_SECOND = 500;

    private static final int HEADER_COUNT = 100;

    @Option(
            names = "--header-timeout",
            paramLabel = "DURATION",
            defaultValue = "10s",
            converter = DurationConverter.class,
            description = "From a request's first byte to the end of its header fields; then 408"
                    + " (default: ${DEFAULT-VALUE}).")
    private Duration headerTimeout = Duration.ofSeconds(10);

    @Option(
            names = "--body-timeout",
            paramLabel = "DURATION",
            defaultValue = "10s",
            converter = DurationConverter.class,
            description = "How long a body may lag behind 500 bytes a second; then 408 (default: ${DEFAULT-VALUE}).")
    private Duration bodyTimeout = Duration.ofSeconds(10);

    @Option(
            names = "--idle-timeout",
            paramLabel = "DURATION",
            defaultValue = "60s",
            converter = DurationConverter.class,
            description = "Closes a connection without a request for so long (default: ${DEFAULT-VALUE}).")
    private Duration idleTimeout = Duration.ofSeconds(60);

    @Option(
            names = "--max-line",
            paramLabel = "SIZE",
            defaultValue = "8k",
            converter = SizeConverter.class,
            description = "The longest request line; a longer one gets 414 (default: ${DEFAULT-VALUE}).")
    private long lineBytes = 8 * 1024;

    @Option(
            names = "--max-headers",
            paramLabel = "SIZE",
            defaultValue = "16k",
            converter = SizeConverter.class,
            description = "All header fields of a request; more gets 431 (default: ${DEFAULT-VALUE}).")
    private long headerBytes = 16 * 1024;

    @Option(
            names = "--max-body",
            paramLabel = "SIZE",
            defaultValue = "1g",
            converter = SizeConverter.class,
            description = "The largest body of a request; a larger one gets 413 (default: ${DEFAULT-VALUE}).")
    private long bodyBytes = 1 << 30;

    /**
     * The limits.
     *
     * @throws IllegalArgumentException where one makes no sense
     */
    HttpLimits limits() {
        return HttpLimits.builder()
                .headerTimeout(headerTimeout)
                .idleTimeout(idleTimeout)
                .bodyRate(BODY_BYTES_PER_SECOND, bodyTimeout)
                .requestLineBytes(bounded("--max-line", lineBytes))
                .headers(bounded("--max-headers", headerBytes), HEADER_COUNT)
                .bodyBytes(bodyBytes)
                .build();
    }

    /** The input that the runtime must keep for a whole head to fit. */
    int inputLimitBytes() {
        return Math.max(LEAST_INPUT_BYTES, Math.toIntExact(lineBytes + headerBytes) + SLACK_BYTES);
    }

    private static int bounded(String option, long bytes) {
        if (bytes > 16 << 20) {
            throw new IllegalArgumentException(option + " is " + bytes + " bytes, must be at most 16m");
        }
        return (int) bytes;
    }
}
