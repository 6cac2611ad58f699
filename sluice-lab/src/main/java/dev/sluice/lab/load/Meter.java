package dev.sluice.lab.load;

import dev.sluice.ServerStats;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.HdrHistogram.Histogram;

/** Collects what the lanes recorded, in intervals; the warm-up's are forgotten. For the thread that runs the load. */
final class Meter {
    private static final double NANOS_PER_MICRO = 1e3;

    private final List<Lane> lanes;
    private final Errors errors;
    private final Histogram interval = new Histogram(1, Lane.MAX_NANOS, Lane.DIGITS);
    private final List<Histogram> spare = new ArrayList<>();
    private final Histogram total = new Histogram(1, Lane.MAX_NANOS, Lane.DIGITS);
    private Map<String, Long> errorsBefore;
    private long beganNanos;
    private long lookedNanos = System.nanoTime();
    private ProcessorTime timeBefore = ProcessorTime.now();
    private ProcessorTime time = new ProcessorTime(0, 0);
    private Map<String, Long> errorsSeen = Map.of();
    private long receivedBefore;
    private long sentBefore;

    Meter(List<Lane> lanes, Errors errors) {
        this.lanes = lanes;
        this.errors = errors;
        this.errorsBefore = errors.counts();
        lanes.forEach(lane -> spare.add(lane.latencies.getIntervalHistogram()));
    }

    /** Forgets what was recorded until now. */
    void begin(ServerStats stats) {
        look();
        total.reset();
        errorsBefore = errors.counts();
        receivedBefore = stats.receivedBytes();
        sentBefore = stats.sentBytes();
        timeBefore = ProcessorTime.now();
        beganNanos = lookedNanos;
    }

    /** Takes what was recorded since the last look. */
    private double look() {
        interval.reset();
        for (int i = 0; i < spare.size(); i++) {
            Histogram taken = lanes.get(i).latencies.getIntervalHistogram(spare.get(i));
            spare.set(i, taken);
            interval.add(taken);
        }
        total.add(interval);
        long before = lookedNanos;
        lookedNanos = System.nanoTime();
        return (lookedNanos - before) / 1e9;
    }

    /** How the load fares since the last look. */
    Progress progress(String phase, double elapsedSeconds, double phaseSeconds) {
        double seconds = look();
        return new Progress(
                phase,
                elapsedSeconds,
                phaseSeconds,
                interval.getTotalCount() / seconds,
                LoadResult.Latency.micros(interval, 50),
                LoadResult.Latency.micros(interval, 99),
                LoadResult.Latency.micros(interval, 99.9),
                errors.counts(),
                lanes.stream().mapToLong(Lane::overdueCount).sum(),
                0,
                0);
    }

    Histogram total() {
        return total;
    }

    /** The result of what was measured from {@link #begin} to {@link #end}. */
    LoadResult result(
            Load load,
            String model,
            double connectSeconds,
            int idleCount,
            LoadResult.IdleAnswers idleAnswers,
            ServerStats stats,
            Lane.Unanswered before,
            Lane.Unanswered unanswered) {
        double seconds = (lookedNanos - beganNanos) / 1e9;
        long failed = errorsSeen.values().stream().mapToLong(Long::longValue).sum();
        boolean held = !load.isOpen()
                || Health.held(total.getTotalCount(), unanswered.count() - before.count() + failed, load.burstCount());
        Health health = new Health(load, seconds, time, lanes, total.getTotalCount());
        return new LoadResult(
                load.url().toString(),
                model,
                load.isOpen() ? "open" : "closed",
                load.connectionsCount(),
                idleCount,
                load.pipelineCount(),
                seconds,
                load.ratePerSecond(),
                held,
                total.getTotalCount(),
                total.getTotalCount() / seconds,
                stats.receivedBytes() - receivedBefore,
                stats.sentBytes() - sentBefore,
                LoadResult.Latency.of(total),
                errorsSeen,
                examples(),
                unanswered.count(),
                unanswered.oldestNanos() / NANOS_PER_MICRO,
                connectSeconds,
                idleAnswers,
                health.generator(
                        idleCount, errors.examples().getOrDefault(Errors.Kind.CONNECT.word(), ""), held, unanswered));
    }

    /** Of the kinds that were seen while it was measured. */
    private Map<String, String> examples() {
        Map<String, String> examples = errors.examples();
        examples.keySet().removeIf(kind -> errorsSeen.getOrDefault(kind, 0L) == 0);
        return examples;
    }

    /** The last look: what happens from now on is not the result's, though the load may go on. */
    void end() {
        look();
        time = ProcessorTime.now().minus(timeBefore);
        errorsSeen = errors.countsSince(errorsBefore);
    }
}
