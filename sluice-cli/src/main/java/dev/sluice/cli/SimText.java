package dev.sluice.cli;

import dev.sluice.sim.Faults;
import dev.sluice.sim.WorldFailure;
import dev.sluice.sim.campaign.Outcome;
import dev.sluice.sim.campaign.Replay;
import dev.sluice.sim.campaign.Totals;
import java.util.Arrays;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** What {@code sluice sim} says. */
final class SimText {
    private static final int FRAMES = 8;

    private SimText() {}

    /** The progress, in a line. */
    static String line(String service, Totals totals) {
        return String.format(
                Locale.ROOT,
                "%s: %s in %.0f s, %.1f a second, %,d events",
                service,
                seeds(totals.runCount()),
                totals.wallSeconds(),
                totals.runsPerSecond(),
                totals.eventCount());
    }

    /** The figures at the end, with a line end behind the last. */
    static String summary(String service, Totals totals) {
        return String.format(
                Locale.ROOT,
                "%s: %s in %.1f s, %.1f a second%n%,d events in %s of virtual time%nfaults met: %s%n",
                service,
                seeds(totals.runCount()),
                totals.wallSeconds(),
                totals.runsPerSecond(),
                totals.eventCount(),
                virtual(totals.virtualSeconds()),
                faults(totals.faultsMet()));
    }

    private static String seeds(long count) {
        return count == 1 ? "1 seed" : String.format(Locale.ROOT, "%,d seeds", count);
    }

    private static String virtual(double seconds) {
        return seconds < 7200
                ? String.format(Locale.ROOT, "%,.0f s", seconds)
                : String.format(Locale.ROOT, "%,.0f h", seconds / 3600);
    }

    private static String faults(Map<Faults.Kind, Long> met) {
        return met.isEmpty()
                ? "none"
                : met.entrySet().stream()
                        .map(entry -> String.format(
                                Locale.ROOT, "%s %,d", entry.getKey().label(), entry.getValue()))
                        .collect(Collectors.joining(", "));
    }

    /** What went wrong, and how it is had again. */
    static String failure(String service, Outcome outcome) {
        WorldFailure failure = Objects.requireNonNull(outcome.failure());
        return "FAILED seed " + outcome.run().seed() + ": " + failure.getMessage() + thrown(failure.getCause())
                + System.lineSeparator() + "again: " + Replay.command(service, outcome.run());
    }

    /** Where it was thrown, if it was; the deeper frames are the world's. */
    private static String thrown(@Nullable Throwable cause) {
        if (cause == null) {
            return "";
        }
        return Arrays.stream(cause.getStackTrace())
                .limit(FRAMES)
                .map(frame -> System.lineSeparator() + "    at " + frame)
                .collect(Collectors.joining("", System.lineSeparator() + "  thrown: " + cause, ""));
    }

    /** The shorter run, or that there is none. */
    static String shrunk(String service, Outcome failed, Outcome shortest) {
        if (shortest == failed) {
            return "shrinking: no shorter run fails in the same way";
        }
        return System.lineSeparator() + failed.lineCount() + " lines became " + shortest.lineCount()
                + System.lineSeparator() + failure(service, shortest);
    }
}
