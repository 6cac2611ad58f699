package dev.sluice.proxy;

import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** The one that would work on the fewest requests for its weight; equals in turn. */
final class LeastConnections implements Balancer {
    private final Backend[] all;
    private final AtomicInteger turn = new AtomicInteger();

    LeastConnections(Backend[] all) {
        this.all = all;
    }

    @Override
    public @Nullable Backend pick(long key, Predicate<Backend> exclude) {
        int start = (turn.getAndIncrement() & Integer.MAX_VALUE) % all.length;
        Backend best = null;
        double bestLoad = 0;
        for (int i = 0; i < all.length; i++) {
            int place = start + i;
            Backend backend = all[place < all.length ? place : place - all.length];
            if (Balancer.mayTake(backend, exclude)) {
                double load = (backend.inFlight() + 1) / backend.weightNow();
                if (best == null || load < bestLoad) {
                    best = backend;
                    bestLoad = load;
                }
            }
        }
        return best;
    }
}
