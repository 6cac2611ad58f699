package dev.sluice.admin;

import dev.sluice.Model.Ability;
import dev.sluice.Server;
import dev.sluice.ServerStats;
import dev.sluice.http.HttpMetrics;
import dev.sluice.http.Response;
import dev.sluice.observe.Incident;
import dev.sluice.observe.LatencyHistogram;
import dev.sluice.observe.LoopReport;
import io.prometheus.metrics.config.EscapingScheme;
import io.prometheus.metrics.expositionformats.PrometheusTextFormatWriter;
import io.prometheus.metrics.model.snapshots.ClassicHistogramBuckets;
import io.prometheus.metrics.model.snapshots.CounterSnapshot;
import io.prometheus.metrics.model.snapshots.CounterSnapshot.CounterDataPointSnapshot;
import io.prometheus.metrics.model.snapshots.GaugeSnapshot;
import io.prometheus.metrics.model.snapshots.GaugeSnapshot.GaugeDataPointSnapshot;
import io.prometheus.metrics.model.snapshots.HistogramSnapshot;
import io.prometheus.metrics.model.snapshots.HistogramSnapshot.HistogramDataPointSnapshot;
import io.prometheus.metrics.model.snapshots.Labels;
import io.prometheus.metrics.model.snapshots.MetricSnapshots;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.util.Arrays;
import java.util.List;
import java.util.function.ToDoubleFunction;
import org.jspecify.annotations.Nullable;

/**
 * A server's metrics in Prometheus' text format, made when they are asked for: the runtime counts in plain fields of its loops, and
 * knows nothing of this. Of several processes the master's sums over them; what only they know of themselves is left out.
 * docs/operations.md tells what each means.
 */
final class Metrics {
    private static final double NANOS = 1e9;
    private static final PrometheusTextFormatWriter WRITER = PrometheusTextFormatWriter.builder()
            .setIncludeCreatedTimestamps(false)
            .build();

    private final Server server;
    private final @Nullable HttpMetrics http;

    Metrics(Server server, @Nullable HttpMetrics http) {
        this.server = server;
        this.http = http;
    }

    Response response() throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        WRITER.write(out, snapshots(), EscapingScheme.UNDERSCORE_ESCAPING);
        return Response.bytes(200, WRITER.getContentType(), out.toByteArray());
    }

    private MetricSnapshots snapshots() {
        MetricSnapshots.Builder all = MetricSnapshots.builder();
        addServer(all, server.stats());
        addLoops(all, server.loops());
        addIncidents(all);
        if (http != null) {
            addHttp(all, http);
        }
        return all.build();
    }

    private void addServer(MetricSnapshots.Builder all, ServerStats stats) {
        all.metricSnapshot(counter("sluice_connections_accepted", "Connections accepted", stats.accepted()));
        all.metricSnapshot(counter("sluice_connections_closed", "Connections closed", stats.closed()));
        all.metricSnapshot(gauge("sluice_connections_open", "Connections open now", stats.open()));
        all.metricSnapshot(counter("sluice_connections_moved", "Moves of a connection to another loop", stats.moved()));
        all.metricSnapshot(
                counter("sluice_connections_refused", "Newcomers that the model can't hold", stats.refused()));
        all.metricSnapshot(
                counter("sluice_connections_shed", "Newcomers closed for want of descriptors", stats.shed()));
        all.metricSnapshot(counter(
                "sluice_accept_pauses", "Times that accepting paused for want of descriptors", stats.acceptPauses()));
        all.metricSnapshot(counter("sluice_session_failures", "Sessions that threw", stats.failures()));
        all.metricSnapshot(counter("sluice_received_bytes", "Bytes received", stats.receivedBytes()));
        all.metricSnapshot(counter("sluice_sent_bytes", "Bytes sent", stats.sentBytes()));
        all.metricSnapshot(
                gauge("sluice_buffers_lent", "Chunks that hold output or unread input now", stats.lentBuffers()));
        all.metricSnapshot(counter(
                "sluice_buffer_exhaustions", "Times that a ring ran out of buffers", stats.bufferExhaustions()));
        all.metricSnapshot(gauge("sluice_runtime_threads", "Threads of the runtime", stats.loopThreads()));
        if (server.model().can(Ability.COUNTED_CALLS)) {
            all.metricSnapshot(counter("sluice_system_calls", "System calls of the engines", stats.systemCalls()));
        }
    }

    private void addLoops(MetricSnapshots.Builder all, List<LoopReport> loops) {
        if (loops.isEmpty()) {
            return;
        }
        var threads = ManagementFactory.getThreadMXBean();
        all.metricSnapshot(counters(
                loops,
                "sluice_loop_cpu_seconds",
                "Processor time of a loop's thread; its rate is the loop's utilization",
                loop -> Math.max(0, threads.getThreadCpuTime(loop.threadId())) / NANOS));
        all.metricSnapshot(gauges(
                loops,
                "sluice_loop_lag_seconds",
                "How long a task waited for its turn when this was asked; of a loop that is held, at least so long",
                loop -> loop.lagNanos() / NANOS));
        all.metricSnapshot(gauges(
                loops,
                "sluice_loop_answers",
                "Whether the loop answered when this was asked",
                loop -> loop.answered() ? 1 : 0));
        all.metricSnapshot(counters(
                loops, "sluice_loop_blocked", "Times that the watchdog found the loop held", LoopReport::blocked));
        all.metricSnapshot(counters(
                loops,
                "sluice_loop_blocked_seconds",
                "For how long it was held then",
                loop -> loop.blockedNanos() / NANOS));
        all.metricSnapshot(counters(loops, "sluice_loop_waits", "Waits for events", LoopReport::waits));
        all.metricSnapshot(
                counters(loops, "sluice_loop_ready_events", "Events that the waits brought", LoopReport::readyEvents));
        all.metricSnapshot(gauges(loops, "sluice_loop_connections", "Connections of the loop", LoopReport::open));
        all.metricSnapshot(gauges(loops, "sluice_loop_timers", "Timers of the loop", LoopReport::timers));
    }

    private static void addIncidents(MetricSnapshots.Builder all) {
        CounterSnapshot.Builder counters = CounterSnapshot.builder()
                .name("sluice_incidents")
                .help("Things that should not happen often, in this process");
        for (Incident incident : Incident.values()) {
            counters.dataPoint(CounterDataPointSnapshot.builder()
                    .labels(Labels.of("kind", incident.label()))
                    .value((double) incident.count())
                    .build());
        }
        all.metricSnapshot(counters.build());
    }

    private static void addHttp(MetricSnapshots.Builder all, HttpMetrics http) {
        CounterSnapshot.Builder answers =
                CounterSnapshot.builder().name("sluice_http_responses").help("Responses by class of status");
        for (int i = 1; i <= HttpMetrics.STATUS_CLASSES; i++) {
            answers.dataPoint(CounterDataPointSnapshot.builder()
                    .labels(Labels.of("status", i + "xx"))
                    .value((double) http.answers(i))
                    .build());
        }
        all.metricSnapshot(answers.build());
        LatencyHistogram handlers = http.handlers();
        double[] bounds = Arrays.stream(LatencyHistogram.boundsNanos())
                .mapToDouble(nanos -> nanos / NANOS)
                .toArray();
        double[] withInfinity = Arrays.copyOf(bounds, bounds.length + 1);
        withInfinity[bounds.length] = Double.POSITIVE_INFINITY;
        all.metricSnapshot(HistogramSnapshot.builder()
                .name("sluice_http_handler_seconds")
                .help("How long handlers took to give their answer")
                .dataPoint(HistogramDataPointSnapshot.builder()
                        .classicHistogramBuckets(ClassicHistogramBuckets.of(withInfinity, handlers.counts()))
                        .sum(handlers.sumNanos() / NANOS)
                        .build())
                .build());
    }

    // ---- snapshots

    private static CounterSnapshot counter(String name, String help, long value) {
        return CounterSnapshot.builder()
                .name(name)
                .help(help)
                .dataPoint(
                        CounterDataPointSnapshot.builder().value((double) value).build())
                .build();
    }

    private static GaugeSnapshot gauge(String name, String help, long value) {
        return GaugeSnapshot.builder()
                .name(name)
                .help(help)
                .dataPoint(
                        GaugeDataPointSnapshot.builder().value((double) value).build())
                .build();
    }

    private static CounterSnapshot counters(
            List<LoopReport> loops, String name, String help, ToDoubleFunction<LoopReport> value) {
        CounterSnapshot.Builder counters = CounterSnapshot.builder().name(name).help(help);
        for (LoopReport loop : loops) {
            counters.dataPoint(CounterDataPointSnapshot.builder()
                    .labels(Labels.of("loop", loop.name()))
                    .value(value.applyAsDouble(loop))
                    .build());
        }
        return counters.build();
    }

    private static GaugeSnapshot gauges(
            List<LoopReport> loops, String name, String help, ToDoubleFunction<LoopReport> value) {
        GaugeSnapshot.Builder gauges = GaugeSnapshot.builder().name(name).help(help);
        for (LoopReport loop : loops) {
            gauges.dataPoint(GaugeDataPointSnapshot.builder()
                    .labels(Labels.of("loop", loop.name()))
                    .value(value.applyAsDouble(loop))
                    .build());
        }
        return gauges.build();
    }
}
