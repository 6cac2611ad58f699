package dev.sluice.http;

import dev.sluice.observe.LatencyHistogram;
import dev.sluice.observe.MetricSink;
import java.util.EnumMap;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.atomic.LongAdder;

/**
 * What a service counts for who asks it to ({@link HttpService.Builder#metrics}): how long requests and their handlers
 * took, the answers by status, and the connections by what they wait for. Costs three looks at the clock a request and some
 * ten counts, and allocates nothing. Safe for use from any thread.
 */
public final class HttpMetrics {
    /** The first digits of a status: from 1 to 5. */
    public static final int STATUS_CLASSES = 5;

    private final LatencyHistogram handlers = new LatencyHistogram();
    private final LatencyHistogram requests = new LatencyHistogram();
    private final LongAdder[] answers = new LongAdder[STATUS_CLASSES];
    private final LongAdder connections = new LongAdder();
    /** Connections by what they wait for; those that are idle are the rest, so that nothing is done for them. */
    private final Map<Phase, LongAdder> phases = new EnumMap<>(Phase.class);

    public HttpMetrics() {
        for (int i = 0; i < STATUS_CLASSES; i++) {
            answers[i] = new LongAdder();
        }
        for (Phase each : Phase.values()) {
            phases.put(each, new LongAdder());
        }
    }

    /** How long calls of the handler took, until it returned its answer. */
    public LatencyHistogram handlers() {
        return handlers;
    }

    /** From a request's head until the last byte of its answer was queued, or refused. */
    public LatencyHistogram requests() {
        return requests;
    }

    /**
     * Answers sent or refused, of one class of statuses.
     *
     * @param statusClass 1 to 5, as the first digit of the status
     */
    public long answers(int statusClass) {
        return answers[statusClass - 1].sum();
    }

    /** Connections that wait for something, each count a little older or newer than the others. */
    private long connections(Phase phase) {
        if (phase != Phase.IDLE) {
            return Math.max(0, adder(phase).sum());
        }
        long busy = phases.values().stream().mapToLong(LongAdder::sum).sum();
        return Math.max(0, connections.sum() - busy);
    }

    void tell(MetricSink to, boolean withHandlers) {
        for (int i = 1; i <= STATUS_CLASSES; i++) {
            to.counter("sluice_http_responses", "Responses by class of status", answers(i), "status", i + "xx");
        }
        for (Phase each : Phase.values()) {
            to.gauge(
                    "sluice_http_connections",
                    "Connections by what they wait for",
                    connections(each),
                    "state",
                    each.label);
        }
        to.histogram("sluice_http_request_seconds", "From a request's head to the last byte of its answer", requests);
        if (withHandlers) {
            to.histogram("sluice_http_handler_seconds", "How long handlers took to give their answer", handlers);
        }
    }

    void answered(int status, long nanos) {
        answers[status / 100 - 1].increment();
        requests.record(nanos);
    }

    // ---- connections

    void opened() {
        connections.increment();
    }

    void closed() {
        connections.decrement();
    }

    /** A connection that waited for one thing waits for another. */
    void moved(Phase from, Phase to) {
        if (from != Phase.IDLE) {
            adder(from).decrement();
        }
        if (to != Phase.IDLE) {
            adder(to).increment();
        }
    }

    private LongAdder adder(Phase phase) {
        return Objects.requireNonNull(phases.get(phase));
    }
}
