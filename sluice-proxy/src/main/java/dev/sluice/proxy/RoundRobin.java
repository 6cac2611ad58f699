package dev.sluice.proxy;

import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * In turn: a sequence in which each stands as often as its weight says, spread evenly, is gone round. Who can't be taken gives its
 * place to who is next by the common count, so that its share falls on all others and not on its neighbour alone.
 */
final class RoundRobin implements Balancer {
    private final Backend[] sequence;
    private final AtomicInteger turn = new AtomicInteger();

    RoundRobin(Backend[] all) {
        this.sequence = spread(all);
    }

    /** Smooth weighted round robin: in each step all gain their weight, and the richest is taken and pays the sum. */
    private static Backend[] spread(Backend[] all) {
        int divisor = 0;
        int sum = 0;
        for (Backend backend : all) {
            divisor = gcd(backend.weight(), divisor);
            sum += backend.weight();
        }
        Backend[] sequence = new Backend[sum / divisor];
        long[] credit = new long[all.length];
        for (int place = 0; place < sequence.length; place++) {
            int richest = 0;
            for (int i = 0; i < all.length; i++) {
                credit[i] += all[i].weight();
                if (credit[i] > credit[richest]) {
                    richest = i;
                }
            }
            credit[richest] -= sum;
            sequence[place] = all[richest];
        }
        return sequence;
    }

    private static int gcd(int a, int b) {
        return b == 0 ? a : gcd(b, a % b);
    }

    @Override
    public @Nullable Backend pick(long key, Predicate<Backend> exclude) {
        int place = next();
        Backend slow = null;
        for (int i = 0; i < sequence.length; i++) {
            Backend backend = sequence[place];
            if (Balancer.mayTake(backend, exclude)) {
                if (backend.takesTurn()) {
                    return backend;
                }
                slow = slow == null ? backend : slow;
            }
            place = next();
        }
        if (slow != null) {
            return slow; // all that fit start slowly: it is the turn of the first of them
        }
        // Others took turns meanwhile, and perhaps just those that fit: each is looked at once.
        for (Backend backend : sequence) {
            if (Balancer.mayTake(backend, exclude)) {
                return backend;
            }
        }
        return null;
    }

    private int next() {
        return (turn.getAndIncrement() & Integer.MAX_VALUE) % sequence.length;
    }
}
