package dev.sluice.observe;

/**
 * Takes figures. Names are Prometheus', without {@code _total}: lower case, with {@code sluice_} in front and the unit behind, as in
 * {@code sluice_received_bytes}. Figures of one name have one help text and differ in their labels.
 *
 * <p>Labels are names and values in turn, as in {@code "status", "2xx"}; there must be few different values, so never a peer's text.
 */
public interface MetricSink {
    /** What only grows. */
    void counter(String name, String help, double value, String... labels);

    default void counter(String name, String help, long value, String... labels) {
        counter(name, help, (double) value, labels);
    }

    /** What is so now. */
    void gauge(String name, String help, double value, String... labels);

    default void gauge(String name, String help, long value, String... labels) {
        gauge(name, help, (double) value, labels);
    }

    /** Durations; told in seconds. */
    void histogram(String name, String help, LatencyHistogram durations, String... labels);
}
