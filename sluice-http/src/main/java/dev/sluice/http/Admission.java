package dev.sluice.http;

import dev.sluice.Connection;
import dev.sluice.Priority;
import dev.sluice.observe.Incidents;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Which requests are worked on, and which of them at once: those of a class, within a limit. A handler on a loop is the
 * only one that runs, so what waits does so in the kernel, where nobody counts it. Therefore a turn of the loop works on one
 * request, or on some that are quick, and only takes in the others; they wait as tasks of the loop, which looks at the kernel
 * again between them. So the limit holds what waits there as well, what is over it is refused soon, and what is high goes
 * first.
 *
 * @param limiter null where there is no limit
 * @param classes null where all requests are of one class
 */
record Admission(
        @Nullable ConcurrencyLimiter limiter, @Nullable Function<Request, Priority> classes) {
    /** A permit where there is no limit. */
    static final long FREE = 0;

    /** A turn that is not older works on a request at once. */
    private static final long YOUNG_NANOS = TimeUnit.MICROSECONDS.toNanos(100);

    /** The class of a request; asked once. */
    Priority priority(Request request) {
        return classes == null ? Priority.NORMAL : classes.apply(request);
    }

    /** What a request without a permit is answered with; it counts as shed. */
    Response refusal() {
        Incidents.shed("request", "so many are in hand that they would wait too long");
        return Responses.BUSY;
    }

    /** A permit, or {@link ConcurrencyLimiter#REFUSED}. */
    long admit(Priority priority) {
        return limiter == null ? FREE : limiter.acquire(priority);
    }

    /**
     * Whether a handler may run here and now, or should be a task of the loop. A connection's own thread, virtual or not, waits
     * for its turn here: whoever is ready to run has its request counted, or refused, before this one works.
     */
    boolean isItsTurn(Connection connection, Priority priority, long permit) {
        if (limiter == null || priority == Priority.HIGH || !ConcurrencyLimiter.isCounted(permit)) {
            return true;
        }
        long turnNanos = connection.turnNanos();
        if (turnNanos == 0 || Thread.currentThread().isVirtual()) {
            Thread.yield(); // sched_yield(2): Linux runs those that are ready before, not just one of them
            return true;
        }
        return turnNanos < YOUNG_NANOS && limiter.inFlight() == 1;
    }

    void release(long permit) {
        if (limiter != null) {
            limiter.release(permit);
        }
    }

    void cancel(long permit) {
        if (limiter != null) {
            limiter.cancel(permit);
        }
    }
}
