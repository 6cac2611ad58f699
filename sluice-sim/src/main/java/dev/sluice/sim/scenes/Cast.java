package dev.sluice.sim.scenes;

import java.util.SortedSet;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * Who takes part in a scene, and for how long: what a run can be made shorter by, while everybody who is left does as before.
 *
 * @param clients the numbers of those who take part, from 1; null for all
 * @param requestsMost so many of its requests each client makes at most
 */
public record Cast(@Nullable SortedSet<Integer> clients, int requestsMost) {
    /** Everybody, and all that they want. */
    public static final Cast ALL = new Cast(null, Integer.MAX_VALUE);

    /** Checks each value. */
    public Cast {
        if (requestsMost < 1) {
            throw new IllegalArgumentException("requests is " + requestsMost + ", must be at least 1");
        }
        if (clients != null && (clients.isEmpty() || clients.first() < 1)) {
            throw new IllegalArgumentException("clients are numbers from 1, at least one of them: " + clients);
        }
    }

    public Cast only(SortedSet<Integer> numbers) {
        return new Cast(new TreeSet<>(numbers), requestsMost);
    }

    public Cast requestsMost(int count) {
        return new Cast(clients, count);
    }
}
