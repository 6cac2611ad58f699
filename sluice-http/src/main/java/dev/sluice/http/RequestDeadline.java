package dev.sluice.http;

import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * By when a request must be answered: the server's own patience, or the client's where a field of the request tells it and
 * it is shorter. The field holds milliseconds, as Envoy's {@code x-envoy-expected-rq-timeout-ms} does: a span, since the
 * clocks of two machines differ.
 *
 * @param mostNanos the server's own; 0 for none
 * @param field the name of the field; null where clients aren't asked
 */
record RequestDeadline(long mostNanos, @Nullable String field) {
    /** More than a million seconds are no deadline but a mistake. */
    private static final int MOST_DIGITS = 9;

    /** Whether any request may have one. */
    boolean isUsed() {
        return mostNanos > 0 || field != null;
    }

    /**
     * A request's deadline, or {@link Request#NO_DEADLINE}.
     *
     * @throws HttpException 400 where the client's field is no number of milliseconds
     */
    long of(Request request, long nowNanos) throws HttpException {
        long nanos = mostNanos > 0 ? mostNanos : Request.NO_DEADLINE;
        String told = field == null ? null : request.header(field);
        if (told != null) {
            nanos = Math.min(nanos, TimeUnit.MILLISECONDS.toNanos(millis(told)));
        }
        return nanos == Request.NO_DEADLINE ? nanos : nowNanos + nanos;
    }

    private long millis(String told) throws HttpException {
        long millis = 0;
        for (int i = 0; i < told.length(); i++) {
            int digit = told.charAt(i) - '0';
            if (digit < 0 || digit > 9 || told.length() > MOST_DIGITS) {
                millis = -1;
                break;
            }
            millis = millis * 10 + digit;
        }
        if (millis < 0 || told.isEmpty()) {
            throw new HttpException(
                    400, field + " must be a number of milliseconds, of " + MOST_DIGITS + " digits at most");
        }
        return millis;
    }
}
