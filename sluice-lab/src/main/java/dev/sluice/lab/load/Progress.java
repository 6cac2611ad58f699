package dev.sluice.lab.load;

import java.util.Map;

/**
 * How a run fares while it runs; figures are of the time since the last one.
 *
 * @param phase "connecting", "warm-up", "measuring", {@link #HOLDING} where there are idle connections alone, or "asking"
 * @param elapsedSeconds of this phase
 * @param phaseSeconds how long this phase is to last; 0 where it is not known
 * @param errorsCount by kind, since the run's start
 * @param connectedCount while connecting: connections that are established, or have failed
 * @param wantedCount while connecting: of how many
 * @param overdueCount requests of an open loop that were due and could not be sent yet
 */
public record Progress(
        String phase,
        double elapsedSeconds,
        double phaseSeconds,
        double requestsPerSecond,
        double p50Micros,
        double p99Micros,
        double p999Micros,
        Map<String, Long> errorsCount,
        long overdueCount,
        long connectedCount,
        long wantedCount) {
    static final String HOLDING = "holding";

    static Progress asking(Map<String, Long> errorsCount) {
        return new Progress("asking", 0, 0, 0, 0, 0, 0, errorsCount, 0, 0, 0);
    }

    static Progress connecting(
            double elapsedSeconds, Map<String, Long> errorsCount, long connectedCount, long wantedCount) {
        return new Progress("connecting", elapsedSeconds, 0, 0, 0, 0, 0, errorsCount, 0, connectedCount, wantedCount);
    }
}
