package dev.sluice.lab.load;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.HdrHistogram.Histogram;
import org.HdrHistogram.HistogramIterationValue;

/**
 * What one run of the load generator saw. Field names end in their unit; counts in {@code Count}. This is the JSON that
 * {@code sluice load --json} prints, and a part of {@code results.json}.
 *
 * @param url what was asked
 * @param model the I/O model that the generator itself used
 * @param loop "closed" or "open"
 * @param connectionsCount active connections
 * @param idleCount connections that were held open beside them at the end
 * @param pipelineCount requests in flight on a connection
 * @param durationSeconds how long was measured, without the warm-up
 * @param askedPerSecond the rate asked for; 0 in a closed loop
 * @param rateHeld whether the server gave that rate: what is due and unanswered did not grow while it was measured, and no
 *     request failed, random fluctuation apart; true of a closed loop
 * @param requestsCount answers that were counted: complete, and of a status below 400
 * @param requestsPerSecond answers a second
 * @param receivedBytes bytes received while it was measured
 * @param sentBytes bytes sent while it was measured
 * @param latency of all counted answers; in an open loop from the intended time of sending
 * @param errorsCount by kind: connect, reset, timeout, status, body; all five are always there
 * @param errorExamples by kind, the first that was seen, in words; only kinds that were
 * @param unansweredCount requests that were due or sent and had no answer at the end
 * @param oldestUnansweredMicros how long the first of them had waited then
 * @param connectSeconds until each connection was established, or had failed
 * @param idleAnswers what became of the requests that idle connections made at the end; {@link IdleAnswers#NONE} where they made
 *     none, and in a file from before there were any
 * @param generator how the generator itself fared
 */
public record LoadResult(
        String url,
        String model,
        String loop,
        int connectionsCount,
        int idleCount,
        int pipelineCount,
        double durationSeconds,
        double askedPerSecond,
        boolean rateHeld,
        long requestsCount,
        double requestsPerSecond,
        long receivedBytes,
        long sentBytes,
        Latency latency,
        Map<String, Long> errorsCount,
        Map<String, String> errorExamples,
        long unansweredCount,
        double oldestUnansweredMicros,
        double connectSeconds,
        IdleAnswers idleAnswers,
        Generator generator) {
    public LoadResult {
        idleAnswers = Objects.requireNonNullElse(idleAnswers, IdleAnswers.NONE);
    }

    /** Whether the loop was open. */
    public boolean openLoop() {
        return loop.equals("open");
    }

    /** As JSON, a field a line. */
    public String toJson() {
        try {
            return new ObjectMapper().writerWithDefaultPrettyPrinter().writeValueAsString(this);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("a result can't be written as JSON", e);
        }
    }

    /**
     * Percentiles of latency; all 0 where there was no answer.
     *
     * @param curve points of the percentile distribution, ascending, for plotting
     */
    public record Latency(
            double meanMicros,
            double p50Micros,
            double p90Micros,
            double p99Micros,
            double p999Micros,
            double maxMicros,
            List<Point> curve) {
        private static final double NANOS_PER_MICRO = 1e3;
        private static final int TICKS_PER_HALF = 5;

        /** Of a histogram of nanoseconds. */
        public static Latency of(Histogram histogram) {
            List<Point> curve = new ArrayList<>();
            if (histogram.getTotalCount() > 0) {
                for (HistogramIterationValue value : histogram.percentiles(TICKS_PER_HALF)) {
                    curve.add(new Point(
                            value.getPercentileLevelIteratedTo(), value.getValueIteratedTo() / NANOS_PER_MICRO));
                }
            }
            return new Latency(
                    histogram.getTotalCount() == 0 ? 0 : histogram.getMean() / NANOS_PER_MICRO,
                    micros(histogram, 50),
                    micros(histogram, 90),
                    micros(histogram, 99),
                    micros(histogram, 99.9),
                    histogram.getTotalCount() == 0 ? 0 : histogram.getMaxValue() / NANOS_PER_MICRO,
                    curve);
        }

        /** A percentile, 0 of a histogram without a value. */
        static double micros(Histogram histogram, double percentile) {
            return histogram.getTotalCount() == 0 ? 0 : histogram.getValueAtPercentile(percentile) / NANOS_PER_MICRO;
        }
    }

    /**
     * What became of the one request of each idle connection.
     *
     * @param askedCount requests: one for each idle connection that was asked for, also where it was not open
     * @param answeredCount answers that were complete, and of a status below 400
     * @param seconds from the first request to the last answer
     * @param answersPerSecond answers a second
     * @param latency of the answers, from each request's sending; each process of the generator sends 64 at once
     * @param errorsCount by kind; connect: it was never established, reset: it was closed, before or after its request
     */
    public record IdleAnswers(
            long askedCount,
            long answeredCount,
            double seconds,
            double answersPerSecond,
            Latency latency,
            Map<String, Long> errorsCount) {
        public static final IdleAnswers NONE =
                new IdleAnswers(0, 0, 0, 0, new Latency(0, 0, 0, 0, 0, 0, List.of()), Map.of());
    }

    /**
     * A point of the distribution: this share of answers came within this time.
     *
     * @param percentile 0 to 100
     */
    public record Point(double percentile, double micros) {}

    /**
     * The generator's own health.
     *
     * @param cpuShare processor time of its loops, as a share of one core for each, 0 to 1
     * @param slippedMicros the most that a request was sent after its intended time though a connection was free for it; 0
     *     in a closed loop
     * @param bottleneck whether the generator rather than the server may have bounded the result
     * @param words what is to be known of that, in plain words; empty when all is well
     */
    public record Generator(
            int threadsCount, double cpuShare, double slippedMicros, boolean bottleneck, String words) {}
}
