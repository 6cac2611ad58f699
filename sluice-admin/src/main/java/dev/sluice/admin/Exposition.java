package dev.sluice.admin;

import dev.sluice.http.Response;
import dev.sluice.observe.LatencyHistogram;
import dev.sluice.observe.MetricSink;
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
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;

/** Figures in Prometheus' text format, for one answer. */
final class Exposition implements MetricSink {
    private static final double NANOS = 1e9;
    private static final PrometheusTextFormatWriter WRITER = PrometheusTextFormatWriter.builder()
            .setIncludeCreatedTimestamps(false)
            .build();

    private final Map<String, CounterSnapshot.Builder> counters = new LinkedHashMap<>();
    private final Map<String, GaugeSnapshot.Builder> gauges = new LinkedHashMap<>();
    private final Map<String, HistogramSnapshot.Builder> histograms = new LinkedHashMap<>();

    @Override
    public void counter(String name, String help, double value, String... labels) {
        counters.computeIfAbsent(name, n -> CounterSnapshot.builder().name(n).help(help))
                .dataPoint(CounterDataPointSnapshot.builder()
                        .labels(Labels.of(labels))
                        .value(value)
                        .build());
    }

    @Override
    public void gauge(String name, String help, double value, String... labels) {
        gauges.computeIfAbsent(name, n -> GaugeSnapshot.builder().name(n).help(help))
                .dataPoint(GaugeDataPointSnapshot.builder()
                        .labels(Labels.of(labels))
                        .value(value)
                        .build());
    }

    @Override
    public void histogram(String name, String help, LatencyHistogram durations, String... labels) {
        double[] bounds = Arrays.stream(LatencyHistogram.boundsNanos())
                .mapToDouble(nanos -> nanos / NANOS)
                .toArray();
        double[] withInfinity = Arrays.copyOf(bounds, bounds.length + 1);
        withInfinity[bounds.length] = Double.POSITIVE_INFINITY;
        histograms
                .computeIfAbsent(name, n -> HistogramSnapshot.builder().name(n).help(help))
                .dataPoint(HistogramDataPointSnapshot.builder()
                        .labels(Labels.of(labels))
                        .classicHistogramBuckets(ClassicHistogramBuckets.of(withInfinity, durations.counts()))
                        .sum(durations.sumNanos() / NANOS)
                        .build());
    }

    Response response() throws IOException {
        MetricSnapshots.Builder all = MetricSnapshots.builder();
        counters.values().forEach(each -> all.metricSnapshot(each.build()));
        gauges.values().forEach(each -> all.metricSnapshot(each.build()));
        histograms.values().forEach(each -> all.metricSnapshot(each.build()));
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        WRITER.write(out, all.build(), EscapingScheme.UNDERSCORE_ESCAPING);
        return Response.bytes(200, WRITER.getContentType(), out.toByteArray());
    }
}
