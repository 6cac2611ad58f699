package dev.sluice.proxy;

import dev.sluice.observe.MetricSink;
import dev.sluice.observe.MetricSource;
import java.time.Duration;
import java.util.List;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** The back ends of one configuration, with how one of them is chosen. Immutable but for their health; safe for use from any thread. */
public final class Backends implements MetricSource {
    private final List<Backend> all;
    private final Balancer balancer;
    private final Ejection ejection;
    private final Duration slowStart;

    /** Back ends that are asked in turn, and never ejected. */
    public Backends(List<Backend> all) {
        this(all, Balancing.RR, Ejection.never());
    }

    /** @param all at least one; one that is in an earlier configuration too goes on with what is known of it */
    public Backends(List<Backend> all, Balancing kind, Ejection ejection) {
        this(all, kind, ejection, Duration.ZERO);
    }

    /** @param slowStart how long the share of one that came back takes to rise to the whole; zero: not at all */
    public Backends(List<Backend> all, Balancing kind, Ejection ejection, Duration slowStart) {
        if (all.isEmpty()) {
            throw new IllegalArgumentException("there is no back end");
        }
        this.all = List.copyOf(all);
        this.balancer = kind.of(all.toArray(Backend[]::new));
        this.ejection = ejection;
        this.slowStart = slowStart;
        this.all.forEach(backend -> backend.joins(this));
    }

    /**
     * Chooses one that is available.
     *
     * @param key what consistent hashing goes by
     * @param exclude those that are not to be chosen
     * @return null where none is left
     */
    public @Nullable Backend pick(long key, Predicate<Backend> exclude) {
        return balancer.pick(key, exclude);
    }

    public List<Backend> all() {
        return all;
    }

    @Override
    public void tell(MetricSink to) {
        all.forEach(backend -> backend.tell(to));
    }

    public Ejection ejection() {
        return ejection;
    }

    Duration slowStart() {
        return slowStart;
    }

    /** Whether one more may be ejected. */
    boolean mayEject(Backend candidate) {
        if (all.size() == 1) {
            return false; // there is nobody to ask in its place
        }
        int ejected = 0;
        for (Backend backend : all) {
            if (backend != candidate && backend.isEjected()) {
                ejected++;
            }
        }
        return ejected == 0 || (ejected + 1) * 100L <= (long) ejection.sharePercent() * all.size();
    }
}
