package dev.sluice.lab.load;

import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;

/** A run in words, for a terminal. */
public final class LoadText {
    private static final double MICROS_PER_MILLI = 1e3;
    private static final double MICROS_PER_SECOND = 1e6;

    private LoadText() {}

    /** The live line. */
    public static String line(Progress progress) {
        StringBuilder line = new StringBuilder();
        line.append(String.format(Locale.ROOT, "%-9s %4.0f s", progress.phase(), progress.elapsedSeconds()));
        if (progress.phaseSeconds() > 0) {
            line.append(String.format(Locale.ROOT, " of %.0f s", progress.phaseSeconds()));
        }
        if (progress.phaseSeconds() > 0 && !progress.phase().equals(Progress.HOLDING)) {
            line.append(String.format(
                    Locale.ROOT,
                    "  %,.0f/s  p50 %s  p99 %s  p99.9 %s",
                    progress.requestsPerSecond(),
                    time(progress.p50Micros()),
                    time(progress.p99Micros()),
                    time(progress.p999Micros())));
        }
        if (progress.wantedCount() > 0) {
            line.append(String.format(
                    Locale.ROOT, "  %,d of %,d connected", progress.connectedCount(), progress.wantedCount()));
        }
        if (progress.overdueCount() > 0) {
            line.append(String.format(Locale.ROOT, "  overdue %,d", progress.overdueCount()));
        }
        String errors = errors(progress.errorsCount());
        return errors.isEmpty() ? line.toString() : line + "  errors: " + errors;
    }

    /** The table at the end; several lines. */
    public static String table(LoadResult result) {
        StringBuilder table = new StringBuilder();
        row(table, "load", describe(result));
        if (result.connectionsCount() > 0) {
            answers(table, result);
        }
        idle(table, result);
        if (result.unansweredCount() > 0 && result.askedPerSecond() > 0) {
            row(
                    table,
                    "unanswered",
                    String.format(
                            Locale.ROOT,
                            "%,d at the end, the oldest for %s",
                            result.unansweredCount(),
                            time(result.oldestUnansweredMicros())));
        }
        String errors = errors(result.errorsCount());
        row(table, "errors", errors.isEmpty() ? "none" : errors);
        result.errorExamples().forEach((kind, example) -> row(table, "", "first " + kind + ": " + example));
        LoadResult.Generator generator = result.generator();
        row(
                table,
                "generator",
                String.format(Locale.ROOT, "%.0f %% of its processor", generator.cpuShare() * 100)
                        + (result.askedPerSecond() > 0
                                ? ", its latest request left " + time(generator.slippedMicros()) + " late"
                                : ""));
        if (!generator.words().isEmpty()) {
            row(table, generator.bottleneck() ? "WARNING" : "note", generator.words());
        }
        return table.toString();
    }

    private static void answers(StringBuilder table, LoadResult result) {
        row(
                table,
                "answers",
                String.format(
                        Locale.ROOT,
                        "%,d in %.2f s: %,.1f a second%s",
                        result.requestsCount(),
                        result.durationSeconds(),
                        result.requestsPerSecond(),
                        result.askedPerSecond() > 0
                                ? String.format(Locale.ROOT, " of %,.1f asked for", result.askedPerSecond())
                                : ""));
        row(table, "bytes", bytes(result.receivedBytes()) + " received, " + bytes(result.sentBytes()) + " sent");
        row(
                table,
                "latency",
                percentiles(result.latency()) + (result.askedPerSecond() > 0 ? "  (from the intended time)" : ""));
    }

    private static void idle(StringBuilder table, LoadResult result) {
        if (result.idleCount() > 0) {
            row(
                    table,
                    "idle",
                    String.format(
                            Locale.ROOT,
                            "%,d held; all connections were established in %.2f s",
                            result.idleCount(),
                            result.connectSeconds()));
        }
        LoadResult.IdleAnswers idle = result.idleAnswers();
        if (idle.askedCount() == 0) {
            return;
        }
        row(
                table,
                "idle asked",
                String.format(
                        Locale.ROOT,
                        "%,d of %,d answered in %.2f s: %,.1f a second",
                        idle.answeredCount(),
                        idle.askedCount(),
                        idle.seconds(),
                        idle.answersPerSecond()));
        row(table, "", percentiles(idle.latency()));
        String errors = errors(idle.errorsCount());
        row(table, "", "errors: " + (errors.isEmpty() ? "none" : errors));
    }

    private static String percentiles(LoadResult.Latency latency) {
        return "mean " + time(latency.meanMicros()) + "  p50 " + time(latency.p50Micros()) + "  p90 "
                + time(latency.p90Micros()) + "  p99 " + time(latency.p99Micros()) + "  p99.9 "
                + time(latency.p999Micros()) + "  max " + time(latency.maxMicros());
    }

    private static void row(StringBuilder table, String name, String text) {
        table.append(String.format(Locale.ROOT, "%-11s %s%n", name, text));
    }

    private static String describe(LoadResult result) {
        return result.url() + ", " + result.loop() + " loop, " + result.connectionsCount() + " connections"
                + (result.pipelineCount() > 1 ? " x " + result.pipelineCount() + " in flight" : "")
                + (result.idleCount() > 0 ? " and " + result.idleCount() + " idle" : "") + "; from " + result.model()
                + ", " + result.generator().threadsCount()
                + (result.generator().threadsCount() == 1 ? " thread" : " threads");
    }

    /** Those that there were, as "reset 3, status 1"; empty where there was none. */
    public static String errors(Map<String, Long> counts) {
        return counts.entrySet().stream()
                .filter(e -> e.getValue() > 0)
                .map(e -> String.format(Locale.ROOT, "%s %,d", e.getKey(), e.getValue()))
                .collect(Collectors.joining(", "));
    }

    /** A time in the unit that fits it: 85 us, 1.25 ms, 2.5 s. */
    public static String time(double micros) {
        if (micros < MICROS_PER_MILLI) {
            return String.format(Locale.ROOT, "%.0f us", micros);
        } else if (micros < MICROS_PER_SECOND) {
            return String.format(Locale.ROOT, "%.2f ms", micros / MICROS_PER_MILLI);
        }
        return String.format(Locale.ROOT, "%.2f s", micros / MICROS_PER_SECOND);
    }

    private static String bytes(long count) {
        return count < 10_000
                ? count + " bytes"
                : count < 10_000_000
                        ? String.format(Locale.ROOT, "%.1f kB", count / 1e3)
                        : String.format(Locale.ROOT, "%,.1f MB", count / 1e6);
    }
}
