package dev.sluice.http;

import dev.sluice.Priority;
import dev.sluice.observe.MetricSink;
import dev.sluice.observe.MetricSource;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.LongSupplier;

/**
 * How many requests may be in hand at once: those whose handler runs and those that wait for it; of a {@link
 * GatewayHandler}, those whose answer has not begun. What is over the limit is to be refused at once, before any work, so
 * that what was accepted is answered soon. Safe for use from any thread; takes no lock. One serves all connections of a
 * service.
 *
 * <p>The {@link #adaptive} one finds its limit by a gradient, as Netflix's concurrency-limits do: once a window it compares
 * what requests took then with what they take where none waits, and
 *
 * <pre>
 *   limit  ←  limit × min(1, 1.5 × unloaded / measured)  +  4          halfway, at least 4, at most 1,000
 * </pre>
 *
 * <p>Where a request takes so long only because others are in hand (by Little's law, limit × work / cores), that settles at
 * 1.5 × cores + 4, whatever the work is. Where it waits for something that has room, nothing takes longer, and the limit
 * grows as long as it is in use. {@code unloaded} is the least of the windows' means; handlers change, so while requests are
 * refused every 200th window is let in at a quarter of the limit, and its mean is the new one.
 *
 * <p>Handlers that take less than 20 us are let through, and one of 16 is measured: to refuse a request costs the server as
 * much as to answer it then.
 */
public final class ConcurrencyLimiter implements MetricSource {
    /** In the place of a permit: the request must be refused. */
    public static final long REFUSED = Long.MIN_VALUE;

    /** A permit of a request that is neither counted nor measured. */
    private static final long UNMEASURED = Long.MAX_VALUE - 1;

    /** Set in a permit that is counted; the rest of it is when it was given. */
    private static final long COUNTED = 1;

    private static final int FIRST_LIMIT = 20;
    private static final int LEAST = 4;
    private static final int LEAST_PROBED = 2;
    private static final int MOST = 1_000;
    private static final double TOLERANCE = 1.5;
    private static final double LEAST_GRADIENT = 0.2;
    private static final int QUEUE = 4;
    private static final double SMOOTHING = 0.5;

    private static final long WINDOW_NANOS = TimeUnit.MILLISECONDS.toNanos(50);
    private static final int WINDOW_SAMPLES = 50;
    private static final int WINDOWS_A_PROBE = 200;

    private static final long CHEAP_NANOS = TimeUnit.MICROSECONDS.toNanos(20);
    private static final int CHEAP_SAMPLE_MASK = 15;

    private final boolean adapts;
    private final LongSupplier clock;
    private final AtomicInteger inFlight = new AtomicInteger();
    private final LongAdder shed = new LongAdder();

    private volatile int limit;
    private volatile boolean cheap;

    // The window that is being filled.
    private final AtomicLong windowEnd;
    private final AtomicLong sumNanos = new AtomicLong();
    private final AtomicInteger samples = new AtomicInteger();
    private final AtomicInteger peak = new AtomicInteger();

    // Of whoever ends a window: one at a time, ordered by the change of windowEnd.
    private double exactLimit;
    private double unloadedNanos;
    private long shedBefore;
    private int windowsToProbe = WINDOWS_A_PROBE;
    private Probe probe = Probe.NONE;

    private enum Probe {
        NONE,
        /** The limit was cut; this window still has requests from before. */
        SETTLING,
        MEASURING
    }

    private ConcurrencyLimiter(int limit, boolean adapts, LongSupplier clock) {
        this.limit = limit;
        this.exactLimit = limit;
        this.adapts = adapts;
        this.clock = clock;
        this.windowEnd = new AtomicLong(clock.getAsLong() + WINDOW_NANOS);
    }

    /**
     * A limit that stays.
     *
     * @throws IllegalArgumentException below 1
     */
    public static ConcurrencyLimiter fixed(int limit) {
        if (limit < 1) {
            throw new IllegalArgumentException("a limit of " + limit + " requests");
        }
        return new ConcurrencyLimiter(limit, false, System::nanoTime);
    }

    /** A limit that follows from what requests take. */
    public static ConcurrencyLimiter adaptive() {
        return adaptive(System::nanoTime);
    }

    /** The same by a clock of one's own, in nanoseconds. */
    static ConcurrencyLimiter adaptive(LongSupplier clock) {
        return new ConcurrencyLimiter(FIRST_LIMIT, true, clock);
    }

    // ---- one request

    /**
     * Asks whether a request may be worked on. High ones may be as many again as the limit says, low ones half of it, so that
     * these are refused first and those last.
     *
     * @return a permit, to be given back once by {@link #release} or {@link #cancel}; or {@link #REFUSED}
     */
    public long acquire(Priority priority) {
        if (cheap) {
            boolean measured = (ThreadLocalRandom.current().nextInt() & CHEAP_SAMPLE_MASK) == 0;
            return measured ? clock.getAsLong() & ~COUNTED : UNMEASURED;
        }
        int now = inFlight.incrementAndGet();
        if (now > share(priority)) {
            inFlight.decrementAndGet();
            shed.increment();
            return REFUSED;
        }
        if (now > peak.get()) {
            peak.set(now); // a race loses a little of a peak
        }
        return clock.getAsLong() | COUNTED;
    }

    private int share(Priority priority) {
        return switch (priority) {
            case HIGH -> 2 * limit;
            case NORMAL -> limit;
            case LOW -> Math.max(1, limit / 2);
        };
    }

    /** Whether a permit's request is counted, and others may have to wait for it. */
    static boolean isCounted(long permit) {
        return permit != REFUSED && (permit & COUNTED) != 0;
    }

    /** The request's handler is done; how long that took since its permit was given is measured. */
    public void release(long permit) {
        if (permit == UNMEASURED) {
            return;
        }
        long now = clock.getAsLong();
        uncount(permit);
        if (adapts) {
            sumNanos.addAndGet(now - (permit & ~COUNTED));
            int count = samples.incrementAndGet();
            long end = windowEnd.get();
            if (count >= WINDOW_SAMPLES && now - end >= 0 && windowEnd.compareAndSet(end, now + WINDOW_NANOS)) {
                endWindow();
            }
        }
    }

    /** The request's handler was not called after all. */
    public void cancel(long permit) {
        uncount(permit);
    }

    private void uncount(long permit) {
        if (isCounted(permit)) {
            inFlight.decrementAndGet();
        }
    }

    // ---- once a window

    private void endWindow() {
        double measured = (double) sumNanos.getAndSet(0) / Math.max(1, samples.getAndSet(0));
        int most = peak.getAndSet(0);
        long shedNow = shed.sum();
        boolean refusing = shedNow > shedBefore;
        shedBefore = shedNow;
        cheap = measured < CHEAP_NANOS;
        switch (probe) {
            case SETTLING -> probe = Probe.MEASURING;
            case MEASURING -> {
                probe = Probe.NONE;
                unloadedNanos = measured;
                limit = (int) exactLimit;
            }
            case NONE -> adapt(measured, most, refusing);
        }
    }

    private void adapt(double measured, int most, boolean refusing) {
        if (unloadedNanos == 0 || measured < unloadedNanos) {
            unloadedNanos = measured;
        }
        double gradient = Math.clamp(TOLERANCE * unloadedNanos / measured, LEAST_GRADIENT, 1);
        double aim = exactLimit * gradient + QUEUE;
        if (aim < exactLimit || 2 * most >= limit) { // what is not in use proves nothing
            exactLimit = Math.clamp(exactLimit + SMOOTHING * (aim - exactLimit), LEAST, MOST);
            limit = (int) exactLimit;
        }
        if (refusing && --windowsToProbe <= 0) {
            windowsToProbe = WINDOWS_A_PROBE;
            probe = Probe.SETTLING;
            limit = Math.max(LEAST_PROBED, limit / 4);
        }
    }

    // ---- what it does

    /** How many may be in hand now. */
    public int limit() {
        return limit;
    }

    /** How many are. */
    public int inFlight() {
        return inFlight.get();
    }

    /** How many were refused. */
    public long shedCount() {
        return shed.sum();
    }

    @Override
    public void tell(MetricSink to) {
        to.gauge("sluice_http_limit", "Requests that may be in hand at once", limit());
        to.gauge("sluice_http_in_hand", "Requests that are in hand", inFlight());
        to.counter("sluice_http_shed", "Requests that were refused since so many were", shedCount());
    }

    @Override
    public String toString() {
        return (adapts ? "adaptive, " : "fixed, ") + inFlight() + " of " + limit + " in hand, " + shedCount()
                + " refused";
    }
}
