package dev.sluice.lab.report;

import dev.sluice.lab.compare.Results;
import dev.sluice.lab.compare.Results.ServerResult;
import dev.sluice.lab.report.Ranking.Row;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * What the page shows, ready to be drawn: numbers for the charts, words for the people. All that is judged is judged in Java;
 * the page's script only draws. It becomes the one JSON element of the page.
 *
 * @param terms the words that differ with what was compared
 * @param figures the columns of the table, by name
 * @param values of the sweep, ascending; one where there is none
 * @param runs one, or two side by side
 * @param circumstances in what two runs' circumstances differ
 * @param comparisons of two runs, one a value that both have
 */
record Page(
        String title,
        Subject.Terms terms,
        Map<String, Column> figures,
        List<Value> values,
        List<Run> runs,
        List<String> circumstances,
        List<Compared> comparisons) {

    /** A figure's heading. */
    record Column(String title, String what, boolean higherIsBetter) {}

    /** A value of the sweep and its words, "100 connections". */
    record Value(double value, String text) {}

    /** A name and what it is. */
    record Fact(String name, String text) {}

    /**
     * A run.
     *
     * @param label which of two it is; empty for one
     * @param scaling what the sweep says
     * @param ranks one for each value of the page; null where this run has none
     */
    record Run(
            String label,
            String words,
            String sweep,
            boolean complete,
            List<Fact> facts,
            List<Fact> settings,
            List<Fact> lines,
            List<String> scaling,
            List<@Nullable Ranks> ranks) {}

    /** A ranking. */
    record Ranks(String by, List<Place> places, List<Fact> missing, List<String> says, List<String> doubts) {}

    /**
     * A server in its place.
     *
     * @param standing what it is to the first, in words
     * @param bound whether the generator may have been its limit
     * @param cells by figure; null where it is unknown
     * @param curve pairs of a place on the percentile axis and microseconds
     */
    record Place(
            int rank,
            String name,
            String family,
            String standing,
            boolean bound,
            Map<String, @Nullable Cell> cells,
            List<double[]> curve) {}

    /** A figure: numbers for charts and sorting, text for reading. */
    record Cell(double median, double low, double high, String text, String spread) {}

    /** Two runs at one value. */
    record Compared(double value, List<String> words, List<ComparedServer> servers) {}

    /** A server in two runs. */
    record ComparedServer(String name, Map<String, ComparedCell> changes) {}

    /**
     * A figure in two runs.
     *
     * @param verdict "better", "worse", "noise" or "untold"
     */
    record ComparedCell(String before, String after, String words, String verdict) {}

    static Page of(List<Results> runs) {
        TreeSet<Double> all = new TreeSet<>();
        runs.forEach(run -> all.addAll(Ranking.values(run)));
        List<Double> values = all.isEmpty() ? List.of(0.0) : List.copyOf(all);
        Results first = runs.getFirst();
        Map<String, Column> figures = new LinkedHashMap<>();
        Subject subject = Subject.of(first);
        for (Figure figure : subject.figures()) {
            figures.put(
                    figure.name(), new Column(figure.title(subject), figure.what(subject), figure.higherIsBetter()));
        }
        List<Run> shown = new ArrayList<>();
        for (Results run : runs) {
            shown.add(run(run, runs.size() == 1 ? "" : shown.isEmpty() ? "First run" : "Second run", values));
        }
        boolean two = runs.size() == 2;
        return new Page(
                (two ? "Two runs of " : "") + Text.plain(first.workload().preset()),
                subject.terms(),
                figures,
                values.stream()
                        .map(value -> new Value(
                                value, valueText(value, first.workload().sweep())))
                        .toList(),
                shown,
                two ? Changes.circumstances(first, runs.get(1)) : List.of(),
                two ? comparisons(first, runs.get(1)) : List.of());
    }

    /** "100 connections"; empty where nothing is swept. */
    static String valueText(double value, String sweep) {
        return sweep.isEmpty() ? "" : Units.COUNT.text(value) + " " + Text.plain(sweep);
    }

    private static Run run(Results run, String label, List<Double> values) {
        List<Double> own = Ranking.values(run);
        List<@Nullable Ranks> ranks = new ArrayList<>();
        for (double value : values) {
            boolean there = own.contains(value) || own.isEmpty();
            ranks.add(there ? ranks(run, Ranking.of(run, value)) : null);
        }
        List<Fact> settings = new ArrayList<>();
        run.workload().settings().forEach((name, text) -> settings.add(new Fact(Text.plain(name), Text.plain(text))));
        List<Fact> lines = new ArrayList<>();
        for (ServerResult server : run.servers()) {
            String features =
                    server.features().isEmpty() ? "" : "; active: " + Text.plain(String.join(", ", server.features()));
            lines.add(new Fact(Text.plain(server.name()), Text.plain(server.line()) + features));
        }
        return new Run(
                label,
                Text.plain(run.workload().words()),
                Text.plain(run.workload().sweep()),
                run.complete(),
                facts(run),
                settings,
                lines,
                Scaling.of(run),
                ranks);
    }

    private static List<Fact> facts(Results run) {
        Results.Machine machine = run.machine();
        return List.of(
                new Fact("Started", started(run)),
                new Fact("Command", Text.plain(run.command())),
                new Fact("System", Text.plain(machine.os())),
                new Fact("Kernel", Text.plain(machine.kernel())),
                new Fact(
                        "CPU",
                        Text.plain(machine.cpu()) + ", " + machine.coresCount() + " "
                                + Text.form(machine.coresCount(), "core", "cores")),
                new Fact("Memory", Units.BYTES.text((double) machine.memoryBytes())),
                new Fact("JDK", Text.plain(machine.jdk())),
                new Fact("Pinning", Text.plain(machine.pinning())));
    }

    private static String started(Results run) {
        try {
            return DateTimeFormatter.ofPattern("yyyy-MM-dd HH:mm 'UTC'", Locale.ROOT)
                    .withZone(ZoneOffset.UTC)
                    .format(Instant.parse(run.startedAt()));
        } catch (DateTimeParseException e) {
            // Somebody else's clock: as it stands.
            return Text.plain(run.startedAt());
        }
    }

    private static Ranks ranks(Results run, Ranking ranking) {
        List<Fact> missing = new ArrayList<>();
        ranking.missing().forEach((name, why) -> missing.add(new Fact(name, why)));
        return new Ranks(
                ranking.by().name(),
                ranking.rows().stream().map(row -> place(row, ranking)).toList(),
                missing,
                Findings.of(ranking),
                Caveats.of(run, ranking));
    }

    private static Place place(Row row, Ranking ranking) {
        Map<String, @Nullable Cell> cells = new LinkedHashMap<>();
        for (Figure figure : ranking.subject().figures()) {
            Spread spread = row.spread(figure);
            cells.put(figure.name(), spread == null ? null : cell(figure, spread));
        }
        return new Place(
                row.rank(),
                row.name(),
                Text.plain(row.server().family()),
                standing(row, ranking),
                row.generatorBound(),
                cells,
                Curve.of(row.point()));
    }

    private static String standing(Row row, Ranking ranking) {
        if (!row.keepsUp()) {
            return "does not keep up with the rate";
        }
        return switch (row.standing()) {
            case FIRST ->
                ranking.rows().stream().anyMatch(other -> other.standing() == Ranking.Standing.LEVEL)
                        ? "first, within the noise"
                        : "first";
            case LEVEL -> "within the noise of the first";
            case BEHIND -> "";
            case UNTOLD -> "noise unknown";
        };
    }

    private static Cell cell(Figure figure, Spread spread) {
        return new Cell(spread.median(), spread.low(), spread.high(), figure.text(spread.median()), spread.words());
    }

    /** Two runs at each value that both have. */
    static List<Compared> comparisons(Results before, Results after) {
        List<Compared> comparisons = new ArrayList<>();
        List<Double> others = Ranking.values(after);
        // The same number means the same thing only where the same thing is swept.
        boolean same = before.workload().sweep().equals(after.workload().sweep());
        for (double value : Ranking.values(before)) {
            if (same && others.contains(value)) {
                Changes comparison = Changes.of(Ranking.of(before, value), Ranking.of(after, value));
                comparisons.add(new Compared(value, comparison.words(), servers(comparison)));
            }
        }
        return comparisons;
    }

    private static List<ComparedServer> servers(Changes comparison) {
        List<ComparedServer> servers = new ArrayList<>();
        for (Changes.Server server : comparison.servers()) {
            Map<String, ComparedCell> changes = new LinkedHashMap<>();
            server.changes()
                    .forEach((figure, change) -> changes.put(
                            figure.name(),
                            new ComparedCell(
                                    figure.text(change.before().median()),
                                    figure.text(change.after().median()),
                                    change.words(),
                                    change.verdict().name().toLowerCase(Locale.ROOT))));
            servers.add(new ComparedServer(server.name(), changes));
        }
        return servers;
    }
}
