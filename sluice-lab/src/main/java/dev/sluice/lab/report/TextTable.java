package dev.sluice.lab.report;

import dev.sluice.lab.compare.Results;
import dev.sluice.lab.report.Ranking.Row;
import dev.sluice.lab.report.Ranking.Standing;
import java.util.ArrayList;
import java.util.List;

/**
 * The ranking as text for a terminal, at most {@value #WIDTH_CHARS} characters wide and in ASCII only as far as names are: one
 * table for each value of a sweep, and what it says.
 */
public final class TextTable {
    static final int WIDTH_CHARS = 118;
    private static final int NAME_CHARS = 18;

    /** A figure's column. */
    private record Column(String heading, Figure figure) {}

    private static final List<Column> OF_SERVERS = List.of(
            new Column("p50", Figure.P50),
            new Column("p99", Figure.P99),
            new Column("p99.9", Figure.P999),
            new Column("max", Figure.MAX),
            new Column("CPU/req", Figure.CPU),
            new Column("calls/req", Figure.CALLS),
            new Column("memory", Figure.RESIDENT),
            new Column("errors", Figure.ERRORS));

    private static final List<Column> OF_DISKS = List.of(
            new Column("bandwidth", Figure.BANDWIDTH),
            new Column("p50", Figure.P50),
            new Column("p99", Figure.P99),
            new Column("p99.9", Figure.P999),
            new Column("max", Figure.MAX),
            new Column("CPU/op", Figure.CPU),
            new Column("calls/op", Figure.CALLS),
            new Column("cached", Figure.CACHED));

    private TextTable() {}

    /** All tables of a run, with a line end after each line. */
    public static String of(Results results) {
        StringBuilder text = new StringBuilder();
        List<Double> values = Ranking.values(results);
        for (double value : values.isEmpty() ? List.of(0.0) : values) {
            Ranking ranking = Ranking.of(results, value);
            String words = Page.valueText(value, results.workload().sweep());
            text.append(words.isEmpty() ? "" : words + "\n");
            table(ranking, text);
            Findings.of(ranking).forEach(said -> paragraph(said, text));
            ranking.missing().forEach((name, why) -> paragraph(name + " has no figures here: " + why, text));
            text.append('\n');
        }
        Scaling.of(results).forEach(words -> paragraph(words, text));
        String signs = signs(results);
        if (!signs.isEmpty()) {
            paragraph(signs, text);
        }
        if (!results.complete()) {
            paragraph("The run was ended early: these are the rounds so far.", text);
        }
        return ascii(text.toString());
    }

    /** What changed from one run to another beyond the noise, in sentences, with a line end after each line. */
    public static String changes(Results before, Results after) {
        StringBuilder text = new StringBuilder();
        for (Page.Compared compared : Page.comparisons(before, after)) {
            String value = Page.valueText(compared.value(), before.workload().sweep());
            text.append(value.isEmpty() ? "" : value + "\n");
            compared.words().forEach(words -> paragraph(words, text));
        }
        if (text.isEmpty()) {
            paragraph("The runs have no value in common.", text);
        }
        Changes.circumstances(before, after)
                .forEach(words -> paragraph("The runs differ in more than time: " + words, text));
        return ascii(text.toString());
    }

    private static List<Column> columns(Subject subject) {
        return subject == Subject.DISK ? OF_DISKS : OF_SERVERS;
    }

    private static void table(Ranking ranking, StringBuilder text) {
        List<List<String>> lines = new ArrayList<>();
        lines.add(headings(ranking.subject()));
        ranking.rows().forEach(row -> lines.add(cells(row, ranking.subject())));
        int[] widths = new int[lines.getFirst().size()];
        for (List<String> line : lines) {
            for (int i = 0; i < widths.length; i++) {
                widths[i] = Math.max(widths[i], line.get(i).length());
            }
        }
        for (List<String> line : lines) {
            StringBuilder row = new StringBuilder();
            for (int i = 0; i < widths.length; i++) {
                String gap = " ".repeat(widths[i] - line.get(i).length());
                boolean left = i == 1 || i == widths.length - 1;
                row.append(i == 0 ? "" : "  ").append(left ? line.get(i) + gap : gap + line.get(i));
            }
            text.append(row.toString().stripTrailing()).append('\n');
        }
    }

    private static List<String> headings(Subject subject) {
        List<String> headings = new ArrayList<>(
                List.of("#", subject.thing(), subject == Subject.DISK ? "IOPS" : "requests/s", "spread"));
        columns(subject).forEach(column -> headings.add(column.heading()));
        headings.add("");
        return headings;
    }

    private static List<String> cells(Row row, Subject subject) {
        Spread throughput = row.known(Figure.THROUGHPUT);
        List<String> cells = new ArrayList<>();
        cells.add("" + row.rank());
        cells.add(cut(row.name()));
        cells.add((row.generatorBound() ? ">=" : "") + Units.COUNT.text(Math.rint(throughput.median())));
        cells.add(
                throughput.rounds() < 2
                        ? "?"
                        : Units.percent(throughput.share()).replace("less than ", "<"));
        columns(subject).forEach(column -> cells.add(cell(row, column.figure())));
        cells.add(remark(row));
        return cells;
    }

    private static String remark(Row row) {
        if (!row.keepsUp()) {
            return "behind";
        }
        return row.standing() == Standing.LEVEL ? "~1" : "";
    }

    private static String cell(Row row, Figure figure) {
        Spread spread = row.spread(figure);
        return spread == null ? "?" : figure.text(spread.median());
    }

    private static String cut(String name) {
        return name.length() <= NAME_CHARS ? name : name.substring(0, NAME_CHARS - 2) + "..";
    }

    private static void paragraph(String words, StringBuilder text) {
        text.append(Text.wrap("- " + words, WIDTH_CHARS - 8)).append('\n');
    }

    /** A terminal of any character set shows these. */
    private static String ascii(String text) {
        return text.replace("µs", "us").replace("± ", "+-");
    }

    /** What the signs in the tables mean. */
    private static String signs(Results results) {
        List<String> signs = new ArrayList<>();
        List<Row> rows = Ranking.values(results).stream()
                .flatMap(value -> Ranking.of(results, value).rows().stream())
                .toList();
        if (rows.stream().anyMatch(row -> row.standing() == Standing.LEVEL)) {
            signs.add("~1 within the noise of the first");
        }
        if (rows.stream().anyMatch(Row::generatorBound)) {
            signs.add(">= the generator may have been the limit");
        }
        if (rows.stream().anyMatch(row -> cells(row, Subject.of(results)).contains("?"))) {
            signs.add("? unknown");
        }
        return String.join("; ", signs);
    }
}
