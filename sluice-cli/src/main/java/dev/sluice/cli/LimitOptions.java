package dev.sluice.cli;

import static dev.sluice.cli.Specs.duration;
import static dev.sluice.cli.Specs.option;
import static dev.sluice.cli.Specs.size;

import dev.sluice.http.HttpLimits;
import dev.sluice.http.HttpService;
import java.util.List;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;

/** The options that say what an HTTP client may take of the server. */
final class LimitOptions {
    /** What the runtime keeps beyond a request's head. */
    private static final int SLACK_BYTES = 1024;

    private static final int LEAST_INPUT_BYTES = 64 * 1024;

    /** The rate that a body must keep when it lags. */
    private static final int BODY_BYTES_PER_SECOND = 500;

    private static final int HEADER_COUNT = 100;

    private final OptionSpec headerTimeout = duration(
            "--header-timeout",
            "10s",
            "From a request's first byte to the end of its header fields; then 408 (default: ${DEFAULT-VALUE}).");

    private final OptionSpec bodyTimeout = duration(
            "--body-timeout",
            "10s",
            "How long a body may lag behind 500 bytes a second; then 408 (default: ${DEFAULT-VALUE}).");

    private final OptionSpec idleTimeout = duration(
            "--idle-timeout", "60s", "Closes a connection without a request for so long (default: ${DEFAULT-VALUE}).");

    private final OptionSpec requestTimeout = duration(
            "--request-timeout",
            "60s",
            "From a request's head to the beginning of its answer, with --workers; then 503. 0: for ever"
                    + " (default: ${DEFAULT-VALUE}).");

    private final OptionSpec timeoutField = option(
                    "--timeout-field",
                    "NAME",
                    "A header field by which clients may shorten that, in milliseconds, as in X-Request-Timeout"
                            + " (default: none is looked for).")
            .build();

    private final OptionSpec lineBytes =
            size("--max-line", "8k", "The longest request line; a longer one gets 414 (default: ${DEFAULT-VALUE}).");

    private final OptionSpec headerBytes =
            size("--max-headers", "16k", "All header fields of a request; more gets 431 (default: ${DEFAULT-VALUE}).");

    private final OptionSpec bodyBytes = size(
            "--max-body", "1g", "The largest body of a request; a larger one gets 413 (default: ${DEFAULT-VALUE}).");

    /** Gives a command these options. */
    LimitOptions(CommandSpec command) {
        List.of(
                        headerTimeout,
                        bodyTimeout,
                        idleTimeout,
                        requestTimeout,
                        timeoutField,
                        lineBytes,
                        headerBytes,
                        bodyBytes)
                .forEach(command::addOption);
    }

    /**
     * The limits.
     *
     * @throws IllegalArgumentException where one makes no sense
     */
    HttpLimits limits() {
        return HttpLimits.builder()
                .headerTimeout(headerTimeout.getValue())
                .idleTimeout(idleTimeout.getValue())
                .bodyRate(BODY_BYTES_PER_SECOND, bodyTimeout.getValue())
                .requestLineBytes(bounded("--max-line", lineBytes.getValue()))
                .headers(bounded("--max-headers", headerBytes.getValue()), HEADER_COUNT)
                .bodyBytes(bodyBytes.getValue())
                .requestTimeout(requestTimeout.getValue())
                .build();
    }

    /** Has a service look for the clients' own deadlines, where that was asked for. */
    void askClients(HttpService.Builder service) {
        String name = timeoutField.getValue();
        if (name != null) {
            service.deadlineField(name);
        }
    }

    /** The input that the runtime must keep for a whole head to fit. */
    int inputLimitBytes() {
        return Math.max(
                LEAST_INPUT_BYTES,
                Math.toIntExact(lineBytes.<Long>getValue() + headerBytes.<Long>getValue()) + SLACK_BYTES);
    }

    private static int bounded(String option, long bytes) {
        if (bytes > 16 << 20) {
            throw new IllegalArgumentException(option + " is " + bytes + " bytes, must be at most 16m");
        }
        return (int) bytes;
    }
}
