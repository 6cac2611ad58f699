package dev.sluice.lab.compare;

import dev.sluice.lab.compare.Results.Figures;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.function.Function;
import java.util.function.ToDoubleFunction;
import org.jspecify.annotations.Nullable;

/** Each figure's median over rounds; of the rounds that know it. */
public final class Medians {
    private final List<Figures> rounds;

    private Medians(List<Figures> rounds) {
        this.rounds = rounds;
    }

    /**
     * The medians.
     *
     * @param rounds at least one
     */
    static Figures of(List<Figures> rounds) {
        Medians m = new Medians(rounds);
        return new Figures(
                m.known(Figures::requestsPerSecond),
                m.known(Figures::p50Micros),
                m.known(Figures::p90Micros),
                m.known(Figures::p99Micros),
                m.known(Figures::p999Micros),
                m.known(Figures::maxMicros),
                Math.round(m.known(Figures::errorsCount)),
                m.perhaps(Figures::cpuMicros),
                m.perhaps(Figures::userMicros),
                m.perhaps(Figures::systemMicros),
                m.perhaps(Figures::systemCallsPerRequest),
                m.perhaps(Figures::contextSwitchesPerRequest),
                m.perhaps(Figures::residentBytes),
                m.perhaps(Figures::connectionBytes),
                m.perhaps(Figures::allocatedBytesPerRequest),
                m.perhaps(Figures::gcPauseMicros),
                m.perhaps(Figures::threadsCount),
                m.perhaps(Figures::bytesPerSecond),
                m.perhaps(Figures::cachedShare),
                m.perhaps(Figures::patternMicros));
    }

    private double known(ToDoubleFunction<Figures> figure) {
        return median(rounds.stream().mapToDouble(figure).toArray());
    }

    private @Nullable Double perhaps(Function<Figures, @Nullable Double> figure) {
        double[] values = rounds.stream()
                .map(figure)
                .filter(Objects::nonNull)
                .mapToDouble(Double::doubleValue)
                .toArray();
        return values.length == 0 ? null : median(values);
    }

    /** Of an even number the mean of the middle two. */
    public static double median(double[] values) {
        double[] sorted = values.clone();
        Arrays.sort(sorted);
        int middle = sorted.length / 2;
        return sorted.length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
    }
}
