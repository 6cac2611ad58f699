package dev.sluice.lab.report;

import dev.sluice.lab.compare.Results.Point;
import java.util.DoubleSummaryStatistics;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * One figure over the rounds of a point. The noise is the span from the lowest to the highest round: two spreads that
 * overlap don't tell which is larger.
 *
 * @param rounds how many rounds know the figure
 */
record Spread(double median, double low, double high, int rounds) {
    /** How one spread stands to another. */
    enum Order {
        ABOVE,
        BELOW,
        /** Their rounds overlap. */
        NOISE,
        /** One of them has a single round, so that its noise is not known. */
        UNTOLD;

        boolean apart() {
            return this == ABOVE || this == BELOW;
        }
    }

    /** The spread of a figure, or null where it is unknown. */
    static @Nullable Spread of(Point point, Figure figure) {
        Double median = figure.of(point.median());
        if (median == null) {
            return null;
        }
        DoubleSummaryStatistics rounds = point.rounds().stream()
                .map(round -> figure.of(round.figures()))
                .filter(Objects::nonNull)
                .mapToDouble(Double::doubleValue)
                .summaryStatistics();
        int count = Math.toIntExact(rounds.getCount());
        return count == 0
                ? new Spread(median, median, median, 0)
                : new Spread(median, rounds.getMin(), rounds.getMax(), count);
    }

    Order against(Spread other) {
        if (rounds < 2 || other.rounds < 2) {
            return Order.UNTOLD;
        }
        if (low > other.high) {
            return Order.ABOVE;
        }
        return high < other.low ? Order.BELOW : Order.NOISE;
    }

    /** How far the furthest round lies from the median, as a share of it; 0 of a median of 0. */
    double share() {
        return median == 0 ? 0 : Math.max(high - median, median - low) / Math.abs(median);
    }

    /** The spread for people, empty where one round alone is known. */
    String words() {
        return rounds < 2 ? "" : "± " + Units.percent(share());
    }

    /** How much larger this is than the other, as a share of the other; NaN where that is 0. */
    double beyond(Spread other) {
        return other.median == 0 ? Double.NaN : (median - other.median) / Math.abs(other.median);
    }
}
