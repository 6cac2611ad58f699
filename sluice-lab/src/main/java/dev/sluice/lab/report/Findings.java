package dev.sluice.lab.report;

import dev.sluice.lab.report.Ranking.Row;
import dev.sluice.lab.report.Ranking.Standing;
import dev.sluice.lab.report.Spread.Order;
import java.util.ArrayList;
import java.util.List;

/** What the figures of one ranking say, in plain words: the lead, the tail, the CPU time. */
final class Findings {
    private final Ranking ranking;
    private final List<Row> rows;

    private Findings(Ranking ranking) {
        this.ranking = ranking;
        this.rows = ranking.rows();
    }

    /** Sentences, the weightiest first; the first one is always of the lead. */
    static List<String> of(Ranking ranking) {
        Findings findings = new Findings(ranking);
        List<String> said = new ArrayList<>();
        said.add(findings.lead());
        if (findings.rows.size() > 1) {
            findings.keepingUp(said);
            findings.best(said, ranking.by() == Figure.P99 ? Figure.P999 : Figure.P99, "has the shortest tail");
            findings.best(
                    said,
                    Figure.CPU,
                    "costs the least CPU time " + ranking.subject().aRequest());
            findings.best(said, Figure.CONNECTION, "holds a connection in the least memory");
        }
        if (ranking.subject() == Subject.DISK) {
            said.addAll(CacheWords.of(ranking));
        }
        return said;
    }

    private String lead() {
        if (rows.isEmpty()) {
            return "No " + ranking.subject().thing() + " was measured.";
        }
        Row first = rows.getFirst();
        Figure by = ranking.by();
        String leads = first.name()
                + (by == Figure.P99
                        ? " has the lowest p99, "
                        : " " + ranking.subject().leads() + ", ")
                + by.text(first.known(by).median());
        if (rows.size() == 1) {
            return leads + "; nothing else was measured to compare it with.";
        }
        return leads + ", " + distance(first, by) + generatorDoubt();
    }

    /** How far the first is ahead, and whether that is more than noise. */
    private String distance(Row first, Figure by) {
        Row second = rows.get(1);
        Spread ahead = first.known(by);
        Spread next = second.known(by);
        if (second.standing() == Standing.BEHIND && first.keepsUp() != second.keepsUp()) {
            return "and is the only one that keeps up with the rate.";
        }
        String far = difference(ahead, next) + " " + second.name() + ", the next";
        List<String> level = rows.stream()
                .filter(row -> row.standing() == Standing.LEVEL)
                .map(Row::name)
                .toList();
        if (!level.isEmpty()) {
            return far + ". That is within the noise: the rounds of " + Text.list(level) + " overlap those of "
                    + first.name() + ", so which of them is the best isn't told.";
        }
        if (second.standing() == Standing.UNTOLD) {
            return far + ". Whether that is more than noise isn't known: it takes two rounds of each to tell.";
        }
        return far + ". The lead is outside the noise: its worst round ("
                + by.text(by.higherIsBetter() ? ahead.low() : ahead.high()) + ") is better than the best of "
                + second.name() + " (" + by.text(by.higherIsBetter() ? next.high() : next.low()) + ").";
    }

    /** Who was held back by the generator could have done better, so an order that it stands in isn't settled. */
    private String generatorDoubt() {
        Row first = rows.getFirst();
        List<String> chasers = rows.stream()
                .filter(row -> row != first && row.generatorBound())
                .map(Row::name)
                .toList();
        if (chasers.isEmpty()) {
            return "";
        }
        return " But the generator may have been the limit for "
                + Text.list(chasers) + (first.generatorBound() ? ", and for " + first.name() + " too" : "")
                + ": " + Text.form(chasers.size(), "it", "they") + " may be faster than the figures say, and the order"
                + " isn't settled.";
    }

    private void keepingUp(List<String> said) {
        List<String> behind =
                rows.stream().filter(row -> !row.keepsUp()).map(Row::name).toList();
        if (!ranking.open()) {
            return;
        }
        String rate = Figure.THROUGHPUT.text(ranking.askedPerSecond());
        if (behind.isEmpty()) {
            said.add("All keep up with the rate that was asked for, " + rate + ".");
        } else {
            said.add(Text.list(behind) + " " + Text.form(behind.size(), "does", "do")
                    + " not keep up with the rate that was asked for, " + rate + ": "
                    + Text.form(behind.size(), "its", "their") + " latency grows for as long as the load lasts.");
        }
    }

    /** Who is best in one figure, who can't be told from it, and who is worst. */
    private void best(List<String> said, Figure figure, String claim) {
        List<Row> sorted = ranking.bestOf(figure);
        if (sorted.size() < 2) {
            return;
        }
        Row best = sorted.getFirst();
        Spread lead = best.known(figure);
        List<String> level = sorted.stream()
                .skip(1)
                .filter(row -> row.known(figure).against(lead) == Order.NOISE)
                .map(Row::name)
                .toList();
        if (level.size() == sorted.size() - 1) {
            said.add(figure.title(ranking.subject()) + " tells nobody apart: all lie within the noise of "
                    + figure.text(lead.median()) + ".");
            return;
        }
        Row second = sorted.get(1);
        String words =
                best.name() + " " + claim + ": " + figure.title(ranking.subject()) + " " + figure.text(lead.median());
        if (figure == Figure.CPU && best.spread(Figure.USER) != null && best.spread(Figure.SYSTEM) != null) {
            words += " (user " + figure.text(best.known(Figure.USER).median()) + ", system "
                    + figure.text(best.known(Figure.SYSTEM).median()) + ")";
        }
        if (!level.isEmpty()) {
            words += ", with " + Text.list(level) + " within its noise";
        } else {
            words += ", " + difference(lead, second.known(figure)) + " " + second.name()
                    + (lead.against(second.known(figure)).apart() ? ", outside the noise" : ", with its noise unknown");
        }
        Row worst = sorted.getLast();
        said.add(words + ". The most: " + worst.name() + ", "
                + figure.text(worst.known(figure).median()) + ".");
    }

    /** "8.1 % more than", "as much as": the first against the second. */
    private static String difference(Spread first, Spread second) {
        double beyond = first.beyond(second);
        if (first.median() == second.median()) {
            return "as much as";
        }
        return (Double.isNaN(beyond) ? "" : Units.percent(beyond) + " ")
                + (first.median() > second.median() ? "more than" : "less than");
    }
}
