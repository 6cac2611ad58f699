package dev.sluice.observe;

/** A part of a program that counts, and tells its figures to who asks: at that moment, from any thread, without waiting. */
@FunctionalInterface
public interface MetricSource {
    void tell(MetricSink to);
}
