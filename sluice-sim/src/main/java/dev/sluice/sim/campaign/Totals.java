package dev.sluice.sim.campaign;

import dev.sluice.sim.Faults;
import java.util.EnumMap;
import java.util.Map;

/**
 * What so many runs came to.
 *
 * @param runCount worlds that were played
 * @param eventCount what happened in them
 * @param virtualSeconds the time that passed in them
 * @param wallSeconds the time that it took
 * @param faultsMet how often each kind of fault struck
 */
public record Totals(
        long runCount, long eventCount, double virtualSeconds, double wallSeconds, Map<Faults.Kind, Long> faultsMet) {
    static final Totals NONE = new Totals(0, 0, 0, 0, Map.of());

    private static final double NANOS = 1e9;

    Totals plus(Outcome outcome) {
        Map<Faults.Kind, Long> met = new EnumMap<>(Faults.Kind.class);
        met.putAll(faultsMet);
        outcome.faultsMet().forEach((kind, count) -> met.merge(kind, count, Long::sum));
        return new Totals(
                runCount + 1,
                eventCount + outcome.eventCount(),
                virtualSeconds + outcome.virtualNanos() / NANOS,
                wallSeconds,
                met);
    }

    Totals after(long wallNanos) {
        return new Totals(runCount, eventCount, virtualSeconds, wallNanos / NANOS, faultsMet);
    }

    public double runsPerSecond() {
        return wallSeconds == 0 ? 0 : runCount / wallSeconds;
    }
}
