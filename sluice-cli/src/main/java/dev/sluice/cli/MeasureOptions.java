package dev.sluice.cli;

import dev.sluice.lab.compare.Pinning;
import dev.sluice.lab.compare.Workload;
import java.nio.file.Path;
import java.time.Duration;
import java.time.LocalDateTime;
import java.time.format.DateTimeFormatter;
import java.util.Locale;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;
import picocli.CommandLine.Spec.Target;

/** How a comparison measures, and where its results go. */
final class MeasureOptions {
    /** Where results go that have no folder named. */
    static final Path RESULTS = Path.of("results");

    private static final Duration QUICK = Duration.ofMillis(1500);

    @Spec(Target.MIXEE)
    private CommandSpec command = CommandSpec.create();

    @Option(names = "--quick", description = "One short round: a first impression, without a spread.")
    private boolean quick;

    @Option(
            names = "--rounds",
            paramLabel = "N",
            description = "How often each server is measured, each time afresh (default: 3; with --quick 1).")
    private @Nullable Integer rounds;

    @Option(
            names = "--duration",
            paramLabel = "DURATION",
            converter = DurationConverter.class,
            description = "How long each measurement counts (default: 5s; with --quick 1.5s).")
    private @Nullable Duration duration;

    @Option(
            names = "--warmup",
            paramLabel = "DURATION",
            converter = DurationConverter.class,
            description = "How long the load is offered before it counts (default: 4s; with --quick 1.5s).")
    private @Nullable Duration warmup;

    @Option(
            names = "--pin",
            paramLabel = "auto|none|CORES:CORES",
            defaultValue = "auto",
            description = "Keeps servers and generator to cores of their own, as in 0-3:4,5; auto halves the cores"
                    + " (default: ${DEFAULT-VALUE}).")
    private String pin = "auto";

    @Option(names = "--seed", paramLabel = "N", description = "Of the shuffled order (default: another each time).")
    private @Nullable Long seed;

    @Option(
            names = "--output",
            paramLabel = "DIR",
            description = "Where results.json and report.html go (default: results/PRESET-TIME).")
    private @Nullable Path output;

    int rounds() {
        int count = rounds != null ? rounds : quick ? 1 : 3;
        if (count < 1 || count > 1000) {
            throw wrong("--rounds is " + count + ", must be 1 to 1000");
        }
        return count;
    }

    Duration duration() {
        Duration time = duration != null ? duration : quick ? QUICK : Duration.ofSeconds(5);
        if (time.toMillis() < 100) {
            throw wrong("--duration must be at least 100ms");
        }
        return time;
    }

    Duration warmup() {
        return warmup != null ? warmup : quick ? QUICK : Duration.ofSeconds(4);
    }

    Pinning pinning() {
        return Pinning.parse(pin);
    }

    Optional<Long> seed() {
        return Optional.ofNullable(seed);
    }

    Path output(Workload workload) {
        String time = LocalDateTime.now(java.time.ZoneId.systemDefault())
                .format(DateTimeFormatter.ofPattern("yyyyMMdd-HHmmss", Locale.ROOT));
        return output != null ? output : RESULTS.resolve(workload.name() + "-" + time);
    }

    private ParameterException wrong(String message) {
        return new ParameterException(command.commandLine(), message);
    }
}
