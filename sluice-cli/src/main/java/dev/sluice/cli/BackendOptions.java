package dev.sluice.cli;

import static dev.sluice.cli.Specs.duration;
import static dev.sluice.cli.Specs.option;

import dev.sluice.proxy.Backend;
import dev.sluice.proxy.Backends;
import dev.sluice.proxy.Balancing;
import dev.sluice.proxy.Ejection;
import dev.sluice.proxy.HealthOptions;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.MissingParameterException;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;

/** The options that say which back ends there are, who is chosen, and when one counts as healthy; those that a reload changes. */
final class BackendOptions {
    /** Stands for no path: being connected is enough. */
    private static final String CONNECT = "connect";

    private final CommandSpec command;

    private final OptionSpec to = option(
                    "--to",
                    "URL[,URL…]",
                    "The back ends, as in http://127.0.0.1:9001; with #weight=N behind it, one gets N times its share.")
            .type(List.class)
            .auxiliaryTypes(Backend.class)
            .converters(new BackendConverter())
            .splitRegex(",")
            .build();

    private final OptionSpec pick = option(
                    "--pick",
                    "rr|least|hash",
                    "Who gets a request: each in turn (rr), who works on the fewest (least), or always the same for a"
                            + " client's address (hash) (default: ${DEFAULT-VALUE}).")
            .type(Balancing.class)
            .defaultValue("rr")
            .build();

    private final OptionSpec health = option(
                    "--health",
                    "PATH|connect",
                    "Checks each back end by GET PATH, or by a connection alone; who fails gets no requests"
                            + " (default: none is checked).")
            .build();

    private final OptionSpec status = option(
                    "--health-status",
                    "N-N",
                    "The status that a check expects, as in 200-299 or 204 (default: ${DEFAULT-VALUE}).")
            .defaultValue("200-399")
            .build();

    private final OptionSpec interval =
            duration("--health-interval", "2s", "From one check to the next (default: ${DEFAULT-VALUE}).");

    private final OptionSpec timeout =
            duration("--health-timeout", "1s", "For a whole check (default: ${DEFAULT-VALUE}).");

    private final OptionSpec rise = count(
            "--health-rise", "2", "So many good checks in a row bring a back end back (default: ${DEFAULT-VALUE}).");

    private final OptionSpec fall =
            count("--health-fall", "3", "So many bad checks in a row take a back end out (default: ${DEFAULT-VALUE}).");

    private final OptionSpec ejectAfter = count(
            "--eject-after",
            "5",
            "So many failed requests in a row eject a back end, where there are others; 0: never"
                    + " (default: ${DEFAULT-VALUE}).");

    private final OptionSpec ejectTime = duration(
            "--eject-time",
            "10s",
            "For so long, the first time; then one request at a time tries it (default: ${DEFAULT-VALUE}).");

    private final OptionSpec ejectShare = count(
            "--eject-share",
            "50",
            "Percent of the back ends that may be ejected at once; one always may (default: ${DEFAULT-VALUE}).");

    private final OptionSpec slowStart = duration(
            "--slow-start",
            "0",
            "A back end that came back, by checks or from an ejection, begins with a tenth of its share, which rises for so"
                    + " long; 0: has all of it at once (default: ${DEFAULT-VALUE}).");

    /** Gives a command these options. */
    BackendOptions(CommandSpec command) {
        this.command = command;
        all().forEach(command::addOption);
    }

    private Stream<OptionSpec> all() {
        return Stream.of(
                to, pick, health, status, interval, timeout, rise, fall, ejectAfter, ejectTime, ejectShare, slowStart);
    }

    private static OptionSpec count(String name, String fallback, String description) {
        return option(name, "N", description)
                .type(int.class)
                .defaultValue(fallback)
                .build();
    }

    /** The names of these options, without their dashes. */
    Set<String> names() {
        return all().map(option -> option.longestName().substring(2)).collect(Collectors.toCollection(TreeSet::new));
    }

    /**
     * The back ends that are asked for.
     *
     * @param earlier whose health is still known, where they stay as they are; null for none
     * @throws IllegalArgumentException where a value makes no sense
     */
    Backends backends(@Nullable Backends earlier) {
        List<Backend> asked = to.getValue();
        if (asked == null) {
            throw new MissingParameterException(
                    command.commandLine(), to, "Missing required option '--to=URL[,URL…]': the back ends");
        }
        List<Backend> all = new ArrayList<>();
        for (Backend backend : asked) {
            if (all.stream().anyMatch(other -> other.address().equals(backend.address()))) {
                throw new IllegalArgumentException(
                        "--to names " + backend + " twice; for a greater share write #weight=2 behind it");
            }
            all.add(earlier == null ? backend : known(earlier, backend));
        }
        return new Backends(
                all,
                pick.getValue(),
                new Ejection(ejectAfter.getValue(), ejectTime.getValue(), ejectShare.getValue()),
                slowStart.getValue());
    }

    private Backend known(Backends earlier, Backend asked) {
        return earlier.all().stream()
                .filter(backend -> backend.address().equals(asked.address()) && backend.weight() == asked.weight())
                .filter(backend -> backend.isUp() || health.getValue() != null) // else nobody would see it come back
                .findFirst()
                .orElse(asked);
    }

    /** How they are checked; null where they are not. */
    @Nullable
    HealthOptions health() {
        String path = health.getValue();
        if (path == null) {
            return null;
        }
        String range = Objects.requireNonNull(status.<String>getValue());
        if (!range.matches("\\d{3}(-\\d{3})?")) {
            throw new IllegalArgumentException(
                    "--health-status is '" + range + "': write one as in 204, or two as in 200-299");
        }
        return HealthOptions.standard(path.equals(CONNECT) ? null : path)
                .withStatus(
                        Integer.parseInt(range.substring(0, 3)), Integer.parseInt(range.substring(range.length() - 3)))
                .withTimes(interval.getValue(), timeout.getValue())
                .withCounts(rise.getValue(), fall.getValue());
    }

    /** For the line that a start prints. */
    String summary(Backends backends) {
        String names = backends.all().stream().map(Backend::toString).collect(Collectors.joining(", "));
        String checked = health.getValue();
        return "back ends: " + names + " (" + pick.getValue().toString().toLowerCase(Locale.ROOT)
                + (checked == null ? ", not checked)" : ", checked by " + checked + ")");
    }
}
