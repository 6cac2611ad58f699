package dev.sluice.lab.report;

import dev.sluice.lab.compare.Medians;
import dev.sluice.lab.compare.Results.Point;
import dev.sluice.lab.load.LoadResult;
import java.util.ArrayList;
import java.util.List;

/**
 * The latency curve of a point: at each percentile, the median over the rounds. Its axis is HdrHistogram's, the logarithm of
 * 1/(1-p): 0 % lies at 0, 90 % at 1, 99 % at 2.
 */
final class Curve {
    private static final double STEP = 0.05;

    /** 99.99999 %: further than any run of minutes can see. */
    private static final double LAST = 7;

    private Curve() {}

    /** Pairs of a place on the axis and microseconds, ascending; none where no round has a curve. */
    static List<double[]> of(Point point) {
        List<LoadResult> loads = point.rounds().stream()
                .map(round -> round.load())
                .filter(load -> !load.latency().curve().isEmpty() && load.requestsCount() > 0)
                .toList();
        if (loads.isEmpty()) {
            return List.of();
        }
        // Beyond one answer in all of a round's the curve has nothing more to tell.
        double end = loads.stream()
                .mapToDouble(load -> Math.log10((double) load.requestsCount()))
                .min()
                .orElse(0);
        List<double[]> curve = new ArrayList<>();
        for (int i = 0; i * STEP <= Math.min(end, LAST); i++) {
            double place = i * STEP;
            double percentile = 100 * (1 - Math.pow(10, -place));
            double[] values = loads.stream()
                    .mapToDouble(load -> at(load.latency().curve(), percentile))
                    .toArray();
            curve.add(new double[] {place, Medians.median(values)});
        }
        return curve;
    }

    /** The distribution is a staircase: the first point that reaches a percentile holds its value. */
    private static double at(List<LoadResult.Point> curve, double percentile) {
        for (LoadResult.Point point : curve) {
            if (point.percentile() >= percentile) {
                return point.micros();
            }
        }
        return curve.getLast().micros();
    }
}
