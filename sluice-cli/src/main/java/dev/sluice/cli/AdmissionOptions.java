package dev.sluice.cli;

import static dev.sluice.cli.Specs.option;

import dev.sluice.Priority;
import dev.sluice.http.ConcurrencyLimiter;
import dev.sluice.http.HttpService;
import dev.sluice.http.Request;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;

/** The options that say which requests are worked on when there are more than can be: a limit, and classes. */
final class AdmissionOptions {
    private static final String FORM = "write --priority-path PREFIX=high|normal|low, as in /health=high";

    private final OptionSpec limit = option(
                    "--limit",
                    "none|auto|N",
                    "How many requests may be in hand; more are answered with 503 and Retry-After at once. auto finds the"
                            + " number from what requests take (docs/overload.md); each process has its own"
                            + " (default: ${DEFAULT-VALUE}).")
            .defaultValue("none")
            .build();

    private final OptionSpec classes = option(
                    "--priority-path",
                    "PREFIX=CLASS",
                    "Requests whose path begins so are high, normal or low: high ones go first and are refused last. May be"
                            + " given several times; the first that fits counts (default: all are normal).")
            .arity("1")
            .type(List.class)
            .auxiliaryTypes(String.class)
            .build();

    /** Gives a command these options. */
    AdmissionOptions(CommandSpec command) {
        command.addOption(limit);
        command.addOption(classes);
    }

    /** Whether a limit or classes were asked for. */
    boolean isAsked() {
        return !limit.getValue().equals("none") || classes.getValue() != null;
    }

    private record Rule(String prefix, Priority priority) {}

    /**
     * Has a service do what was asked for.
     *
     * @param queues whether requests wait for workers, by their class
     * @throws IllegalArgumentException where an option makes no sense
     */
    void apply(HttpService.Builder service, boolean queues) {
        ConcurrencyLimiter limiter = limiter();
        List<String> told = classes.getValue();
        if (limiter != null) {
            service.limiter(limiter);
        }
        if (told == null) {
            return;
        }
        if (limiter == null && !queues) {
            throw new IllegalArgumentException(
                    "--priority-path changes nothing where nothing waits: add --limit auto, or let handlers run on workers");
        }
        service.priority(classes(told));
    }

    private @Nullable ConcurrencyLimiter limiter() {
        String text = limit.getValue();
        switch (text) {
            case "none":
                return null;
            case "auto":
                return ConcurrencyLimiter.adaptive();
            default:
                if (!text.matches("[1-9][0-9]{0,5}")) {
                    throw new IllegalArgumentException(
                            "--limit is '" + text + "', must be none, auto or a number from 1 to 999999");
                }
                return ConcurrencyLimiter.fixed(Integer.parseInt(text));
        }
    }

    private static Function<Request, Priority> classes(List<String> told) {
        List<Rule> all = new ArrayList<>();
        for (String each : told) {
            int at = each.lastIndexOf('=');
            if (at < 1 || each.charAt(0) != '/') {
                throw new IllegalArgumentException("--priority-path '" + each + "' has no prefix or no class: " + FORM);
            }
            all.add(new Rule(each.substring(0, at), priority(each.substring(at + 1))));
        }
        return request -> {
            String path = request.path();
            for (Rule each : all) {
                if (path.startsWith(each.prefix)) {
                    return each.priority;
                }
            }
            return Priority.NORMAL;
        };
    }

    private static Priority priority(String name) {
        for (Priority each : Priority.values()) {
            if (each.name().toLowerCase(Locale.ROOT).equals(name)) {
                return each;
            }
        }
        throw new IllegalArgumentException("--priority-path knows no class '" + name + "': " + FORM);
    }
}
