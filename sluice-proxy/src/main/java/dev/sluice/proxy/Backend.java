package dev.sluice.proxy;

import dev.sluice.observe.LatencyHistogram;
import dev.sluice.observe.MetricSink;
import dev.sluice.observe.MetricSource;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * A server that requests are passed on to, with what is known of its health: what {@link HealthChecks} find (active), and how its
 * tries end (passive, by {@link Ejection}). Safe for use from any thread.
 */
public final class Backend implements MetricSource {
    /** How a try on a back end ended. */
    public enum Outcome {
        /** With a whole response. */
        ANSWERED,
        /** Without one, by the back end's doing. */
        FAILED,
        /** Nobody wanted it any more. */
        CANCELLED
    }

    /** The greatest weight: a turn of round robin has as many places as the weights add up to. */
    public static final int WEIGHT_MOST = 256;

    private static final int LONGEST_EJECTION = 8;

    /** What one that came back begins with; none at all would never show whether it is well. */
    private static final double FIRST_SHARE = 0.1;

    private final SocketAddress address;
    private final int weight;
    private final LongSupplier nanoTime;
    private final AtomicInteger inFlight = new AtomicInteger();
    private final LongAdder asked = new LongAdder();
    private final LongAdder failed = new LongAdder();
    private final LongAdder ejected = new LongAdder();
    /** Requests that wait for a connection of the pool. */
    private final LongAdder waiting = new LongAdder();
    /** Connections of the pool, also those that are on their way. */
    private final LongAdder connections = new LongAdder();

    private final LatencyHistogram answers = new LatencyHistogram();

    private volatile boolean up = true;

    /** Failures since the last whole response. */
    private final AtomicInteger failures = new AtomicInteger();

    /** When it may be tried again; 0 where it is not ejected. */
    private final AtomicLong ejectedUntilNanos = new AtomicLong();

    private volatile int ejections;

    /** When it came back, as long as its share rises; else 0. */
    private volatile long backSinceNanos;

    private final AtomicInteger turns = new AtomicInteger();
    private volatile @Nullable Backends group;

    public Backend(SocketAddress address) {
        this(address, 1);
    }

    /** @param weight its share, against those of the others: 1 to {@link #WEIGHT_MOST} */
    public Backend(SocketAddress address, int weight) {
        this(address, weight, System::nanoTime);
    }

    Backend(SocketAddress address, int weight, LongSupplier nanoTime) {
        if (weight < 1 || weight > WEIGHT_MOST) {
            throw new IllegalArgumentException(
                    "the weight of " + address + " is " + weight + ", must be from 1 to " + WEIGHT_MOST);
        }
        this.address = address;
        this.weight = weight;
        this.nanoTime = nanoTime;
    }

    public SocketAddress address() {
        return address;
    }

    public int weight() {
        return weight;
    }

    /** Requests that it works on now. */
    public int inFlight() {
        return inFlight.get();
    }

    /** Tries so far. */
    public long asked() {
        return asked.sum();
    }

    /** Tries so far that failed by its doing. */
    public long failed() {
        return failed.sum();
    }

    /**
     * Whether requests may be passed on to it. One whose ejection is over gets one request at a time until it has answered one
     * (half-open); two loops that ask at the same moment may send it two.
     */
    public boolean isAvailable() {
        if (!up) {
            return false;
        }
        long until = ejectedUntilNanos.get();
        return until == 0 || nanoTime.getAsLong() - until >= 0 && inFlight.get() == 0;
    }

    /** Whether it failed so often that it is passed over, or is being tried again. */
    public boolean isEjected() {
        return ejectedUntilNanos.get() != 0;
    }

    /** What active checks found last; true before the first of them. */
    public boolean isUp() {
        return up;
    }

    void up(boolean found) {
        if (found && !up) {
            cameBack();
        }
        up = found;
    }

    private void cameBack() {
        long now = nanoTime.getAsLong();
        backSinceNanos = now == 0 ? 1 : now;
    }

    /** Its weight, or less while it starts slowly. */
    double weightNow() {
        return weight * share();
    }

    /** What it gets of that which its weight says: 1, or less while it starts slowly. */
    private double share() {
        long since = backSinceNanos;
        return since == 0 ? 1 : share(since);
    }

    private double share(long sinceNanos) {
        Backends all = group;
        long slow = all == null ? 0 : all.slowStart().toNanos();
        long passed = nanoTime.getAsLong() - sinceNanos;
        if (passed >= slow) {
            backSinceNanos = 0;
            return 1;
        }
        return FIRST_SHARE + (1 - FIRST_SHARE) * passed / slow;
    }

    /** Whether it takes its turn; while it starts slowly, as many of them as its share says, evenly spread. */
    boolean takesTurn() {
        double share = share();
        if (share == 1) {
            return true;
        }
        int turn = turns.getAndIncrement() & Integer.MAX_VALUE;
        return (long) ((turn + 1L) * share) > (long) (turn * share);
    }

    /** The latest configuration that it is in says when it is ejected. */
    void joins(Backends backends) {
        group = backends;
    }

    /** A response's head came so long after its try started. */
    void began(long tookNanos) {
        answers.record(tookNanos);
    }

    /** Connections of the pool to it: so many more, or fewer. */
    void connections(int more) {
        connections.add(more);
    }

    /** Requests that wait for one of these: so many more, or fewer. */
    void waiting(int more) {
        waiting.add(more);
    }

    /** A try starts. */
    public void started() {
        asked.increment();
        inFlight.incrementAndGet();
    }

    /** A try is over. */
    public void ended(Outcome outcome) {
        inFlight.decrementAndGet();
        switch (outcome) {
            case ANSWERED -> hasAnswered();
            case FAILED -> hasFailed();
            case CANCELLED -> {} // says nothing of the back end
        }
    }

    private void hasAnswered() {
        if (failures.get() != 0) { // a look and no more where all is well
            failures.set(0);
        }
        if (ejectedUntilNanos.get() != 0) {
            cameBack();
            ejectedUntilNanos.set(0);
            ejections = 0;
        }
    }

    private void hasFailed() {
        failed.increment();
        int count = failures.incrementAndGet();
        Backends all = group;
        if (all == null || all.ejection().failures() == 0) {
            return;
        }
        long until = ejectedUntilNanos.get();
        boolean probed = until != 0 && nanoTime.getAsLong() - until >= 0;
        if (probed || until == 0 && count >= all.ejection().failures() && all.mayEject(this)) {
            int times = Math.min(ejections + 1, LONGEST_EJECTION);
            ejections = times;
            long end = nanoTime.getAsLong() + times * all.ejection().time().toNanos();
            if (ejectedUntilNanos.compareAndSet(until, end == 0 ? 1 : end)) {
                ejected.increment();
            }
        }
    }

    @Override
    public void tell(MetricSink to) {
        String[] which = {"backend", toString()};
        int works = inFlight();
        double waits = Math.max(0, waiting.sum());
        double busy = Math.max(0, works - waits);
        to.gauge("sluice_backend_in_flight", "Requests, or relays of --tcp, that a back end has", works, which);
        to.gauge("sluice_backend_waiting", "Those of them that wait for a connection of the pool", waits, which);
        connections("busy", busy, to);
        connections("idle", Math.max(0, connections.sum() - busy), to);
        to.counter("sluice_backend_tries", "Requests sent to a back end, the repeated ones too", asked(), which);
        to.counter("sluice_backend_failures", "Tries that failed by its doing", failed(), which);
        to.gauge("sluice_backend_up", "Whether the last check of its health found it well", isUp() ? 1 : 0, which);
        to.gauge(
                "sluice_backend_ejected",
                "Whether it is passed over since its tries failed",
                isEjected() ? 1 : 0,
                which);
        to.counter("sluice_backend_ejections", "Times that it was passed over for that", ejected.sum(), which);
        to.histogram("sluice_backend_seconds", "From a try's start to the head of its response", answers, which);
    }

    private void connections(String state, double count, MetricSink to) {
        to.gauge(
                "sluice_backend_connections",
                "Connections to a back end",
                count,
                "backend",
                toString(),
                "state",
                state);
    }

    @Override
    public String toString() {
        return address instanceof InetSocketAddress inet
                ? inet.getHostString() + ":" + inet.getPort()
                : String.valueOf(address);
    }
}
