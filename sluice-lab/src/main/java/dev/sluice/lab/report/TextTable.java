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

    private static final List<String> HEADINGS = List.of(
            "#",
            "server",
            "requests/s",
            "spread",
            "p50",
            "p99",
            "p99.9",
            "max",
            "CPU/req",
            "calls/req",
            "memory",
            "errors",
            "");

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

    private static void table(Ranking ranking, StringBuilder text) {
        List<List<String>> lines = new ArrayList<>();
        lines.add(HEADINGS);
        ranking.rows().forEach(row -> lines.add(cells(row)));
        int[] widths = new int[HEADINGS.size()];
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

    private static List<String> cells(Row row) {
        Spread throughput = row.known(Figure.THROUGHPUT);
        return List.of(
                "" + row.rank(),
                cut(row.name()),
                (row.generatorBound() ? ">=" : "") + Units.COUNT.text(Math.rint(throughput.median())),
                throughput.rounds() < 2
                        ? "?"
                        : Units.percent(throughput.share()).replace("less than ", "<"),
                cell(row, Figure.P50),
                cell(row, Figure.P99),
                cell(row, Figure.P999),
                cell(row, Figure.MAX),
                cell(row, Figure.CPU),
                cell(row, Figure.CALLS),
                cell(row, Figure.RESIDENT),
                cell(row, Figure.ERRORS),
                remark(row));
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
        if (rows.stream().anyMatch(row -> cells(row).contains("?"))) {
            signs.add("? unknown");
        }
        return String.join("; ", signs);
    }
}
