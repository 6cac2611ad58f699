package dev.sluice.lab.report;

import dev.sluice.lab.compare.Results;
import dev.sluice.lab.compare.Results.Point;
import dev.sluice.lab.compare.Results.ServerResult;
import dev.sluice.lab.report.Ranking.Row;
import dev.sluice.lab.report.Ranking.Standing;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.stream.Collectors;

/** What a sweep says, in plain words: who leads at each value, and where each server's throughput bends. */
final class Scaling {
    private Scaling() {}

    /** Sentences; none where there is no sweep. */
    static List<String> of(Results results) {
        String sweep = Text.plain(results.workload().sweep());
        List<Double> values = Ranking.values(results);
        if (sweep.isEmpty() || values.size() < 2) {
            return List.of();
        }
        List<String> said = new ArrayList<>();
        said.add("The first at each " + Subject.of(results).value(sweep) + ": "
                + values.stream()
                        .map(value -> leader(Ranking.of(results, value)))
                        .filter(words -> !words.isEmpty())
                        .collect(Collectors.joining("; "))
                + ".");
        for (ServerResult server : results.servers()) {
            List<Point> points = server.points().stream()
                    .sorted(Comparator.comparingDouble(Point::value))
                    .toList();
            if (points.size() >= 2) {
                said.add(Text.plain(server.name()) + " " + bend(points, sweep));
            }
        }
        return said;
    }

    private static String leader(Ranking ranking) {
        if (ranking.rows().isEmpty()) {
            return "";
        }
        long level = ranking.rows().stream()
                .filter(row -> row.standing() == Standing.LEVEL)
                .count();
        Row first = ranking.rows().getFirst();
        return first.name() + " at " + Units.COUNT.text(ranking.value())
                + (level == 0 ? "" : " (" + level + " more within its noise)");
    }

    /**
     * The bend is the first point above which no later one rises beyond the noise: more load brings no more answers from
     * there on.
     */
    private static String bend(List<Point> points, String sweep) {
        int bend = bendIndex(points);
        Point at = points.get(bend);
        Point last = points.getLast();
        String value = Units.COUNT.text(at.value());
        String answers = " (" + Figure.THROUGHPUT.text(throughput(at).median()) + ")";
        String rises = bend == 0 ? "is at its best from " + value + " " + sweep : "rises up to " + value + " " + sweep;
        if (bend == points.size() - 1) {
            return rises + answers + ", the last that was measured: no bend was seen.";
        }
        Spread end = throughput(last);
        String until = " " + Units.COUNT.text(last.value());
        return switch (end.against(throughput(at))) {
            case BELOW ->
                rises + answers + ", and is " + Units.percent(end.beyond(throughput(at))) + " lower at" + until + ".";
            case ABOVE, NOISE -> rises + answers + ", and stays level within the noise up to" + until + ".";
            case UNTOLD -> rises + answers + ", as far as single rounds tell.";
        };
    }

    static int bendIndex(List<Point> points) {
        int bend = 0;
        for (int i = 1; i < points.size(); i++) {
            Spread here = throughput(points.get(i));
            Spread best = throughput(points.get(bend));
            boolean rises = switch (here.against(best)) {
                case ABOVE -> true;
                case BELOW, NOISE -> false;
                case UNTOLD -> here.median() > best.median();
            };
            if (rises) {
                bend = i;
            }
        }
        return bend;
    }

    private static Spread throughput(Point point) {
        return Objects.requireNonNull(Spread.of(point, Figure.THROUGHPUT));
    }
}
