package dev.sluice.lab.report;

import dev.sluice.lab.compare.Results;
import dev.sluice.lab.compare.Results.Point;
import dev.sluice.lab.compare.Results.ServerResult;
import dev.sluice.lab.load.LoadResult;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The servers of a run in their order, at one value of its sweep. In a closed loop the throughput decides. In an open loop
 * everybody who keeps up has the rate that was asked for, so who keeps up comes first, by p99; then the others, by
 * throughput.
 *
 * @param preset the workload's
 * @param value of what is swept
 * @param open whether the load was offered in an open loop
 * @param askedPerSecond the rate asked for in an open loop
 * @param rows best first
 * @param missing those without a figure here, and why
 */
public record Ranking(
        String preset, double value, boolean open, double askedPerSecond, List<Row> rows, Map<String, String> missing) {
    /** How a server stands to the first. */
    public enum Standing {
        FIRST,
        /** Its rounds overlap those of the first. */
        LEVEL,
        BEHIND,
        /** One round alone: nobody knows. */
        UNTOLD
    }

    /**
     * A server in its place.
     *
     * @param rank from 1
     * @param keepsUp whether it gave the rate that was asked for; true in a closed loop
     */
    public record Row(int rank, ServerResult server, Point point, boolean keepsUp, Standing standing) {
        String name() {
            return Text.plain(server.name());
        }

        @Nullable
        Spread spread(Figure figure) {
            return Spread.of(point, figure);
        }

        Spread known(Figure figure) {
            return Objects.requireNonNull(spread(figure), figure::name);
        }

        /** Whether the generator rather than the server may have set the figures, in any round. */
        boolean generatorBound() {
            return point.rounds().stream()
                    .anyMatch(round -> round.load().generator().bottleneck());
        }

        /** What the generator said of itself, each sentence once. */
        String generatorWords() {
            return point.rounds().stream()
                    .map(round -> Text.plain(round.load().generator().words()).strip())
                    .filter(words -> !words.isEmpty())
                    .distinct()
                    .collect(Collectors.joining("; "));
        }

        /** Errors of all rounds, by kind. */
        Map<String, Long> errors() {
            Map<String, Long> all = new LinkedHashMap<>();
            for (Results.Round round : point.rounds()) {
                round.load().errorsCount().forEach((kind, count) -> {
                    if (count > 0) {
                        all.merge(Text.plain(kind), count, Long::sum);
                    }
                });
            }
            return all;
        }
    }

    /** All values of a run's sweep, ascending; one value where there is no sweep. */
    static List<Double> values(Results results) {
        TreeSet<Double> values = new TreeSet<>();
        results.servers().forEach(server -> server.points().forEach(point -> values.add(point.value())));
        return List.copyOf(values);
    }

    /** The ranking at one value. */
    public static Ranking of(Results results, double value) {
        List<Row> unranked = new ArrayList<>();
        Map<String, String> missing = new LinkedHashMap<>();
        for (ServerResult server : results.servers()) {
            Point point = point(server, value);
            if (point != null) {
                unranked.add(new Row(0, server, point, keepsUp(point), Standing.UNTOLD));
            } else {
                missing.put(
                        Text.plain(server.name()),
                        server.skipped().isEmpty() ? "it was not measured here" : Text.plain(server.skipped()));
            }
        }
        boolean open = unranked.stream().anyMatch(row -> loads(row.point).anyMatch(LoadResult::openLoop));
        double asked = unranked.stream()
                .flatMap(row -> loads(row.point))
                .mapToDouble(LoadResult::askedPerSecond)
                .max()
                .orElse(0);
        return new Ranking(results.workload().preset(), value, open, asked, placed(unranked, open), missing);
    }

    /** What is ranked. */
    Subject subject() {
        return Subject.of(preset);
    }

    /** The figure that decides between the first and those who may be level with it. */
    Figure by() {
        return by(open && !rows.isEmpty() && rows.getFirst().keepsUp);
    }

    /** The rows whose figure is known, best first. */
    List<Row> bestOf(Figure figure) {
        Comparator<Row> ascending =
                Comparator.comparingDouble(row -> row.known(figure).median());
        return rows.stream()
                .filter(row -> row.spread(figure) != null)
                .sorted(figure.higherIsBetter() ? ascending.reversed() : ascending)
                .toList();
    }

    private static List<Row> placed(List<Row> unranked, boolean open) {
        Comparator<Row> throughput = Comparator.comparingDouble(
                (Row row) -> -row.known(Figure.THROUGHPUT).median());
        Comparator<Row> order = open
                ? Comparator.comparing(Row::keepsUp)
                        .reversed()
                        .thenComparingDouble(
                                row -> row.keepsUp() ? row.known(Figure.P99).median() : 0)
                        .thenComparing(throughput)
                : throughput;
        List<Row> sorted = unranked.stream().sorted(order).toList();
        List<Row> placed = new ArrayList<>();
        for (Row row : sorted) {
            Standing standing = standing(row, sorted.getFirst(), open);
            placed.add(new Row(placed.size() + 1, row.server, row.point, row.keepsUp, standing));
        }
        return placed;
    }

    private static Standing standing(Row row, Row first, boolean open) {
        if (row == first) {
            return Standing.FIRST;
        }
        if (open && row.keepsUp != first.keepsUp) {
            return Standing.BEHIND;
        }
        Figure by = by(open && first.keepsUp);
        return switch (row.known(by).against(first.known(by))) {
            case ABOVE, BELOW -> Standing.BEHIND;
            case NOISE -> Standing.LEVEL;
            case UNTOLD -> Standing.UNTOLD;
        };
    }

    private static Figure by(boolean byLatency) {
        return byLatency ? Figure.P99 : Figure.THROUGHPUT;
    }

    private static @Nullable Point point(ServerResult server, double value) {
        return server.points().stream()
                .filter(point -> point.value() == value)
                .findFirst()
                .orElse(null);
    }

    /** Most of the rounds tell: one alone may have met something else. */
    private static boolean keepsUp(Point point) {
        long held = loads(point).filter(LoadResult::rateHeld).count();
        return held * 2 > point.rounds().size();
    }

    private static Stream<LoadResult> loads(Point point) {
        return point.rounds().stream().map(Results.Round::load);
    }
}
