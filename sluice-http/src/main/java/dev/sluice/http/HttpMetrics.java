package dev.sluice.http;

import dev.sluice.observe.LatencyHistogram;
import java.util.concurrent.atomic.LongAdder;

/**
 * What a service counts for who asks it to ({@link HttpService.Builder#metrics}): how long handlers took, and the answers by
 * status. Costs two looks at the clock a request, and allocates nothing. Safe for use from any thread.
 */
public final class HttpMetrics {
    /** The first digits of a status: from 1 to 5. */
    public static final int STATUS_CLASSES = 5;

    private final LatencyHistogram handlers = new LatencyHistogram();
    private final LongAdder[] answers = new LongAdder[STATUS_CLASSES];

    public HttpMetrics() {
        for (int i = 0; i < STATUS_CLASSES; i++) {
            answers[i] = new LongAdder();
        }
    }

    /** How long calls of the handler took, until it returned its answer. */
    public LatencyHistogram handlers() {
        return handlers;
    }

    /**
     * Answers sent or refused, of one class of statuses.
     *
     * @param statusClass 1 to 5, as the first digit of the status
     */
    public long answers(int statusClass) {
        return answers[statusClass - 1].sum();
    }

    void answered(int status) {
        answers[status / 100 - 1].increment();
    }
}
