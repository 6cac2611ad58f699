package dev.sluice.proxy;

import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** The back ends of one configuration, asked in turn. Safe for use from any thread. */
public final class Backends {
    private final List<Backend> all;
    private final AtomicInteger turn = new AtomicInteger();

    public Backends(List<Backend> all) {
        this.all = List.copyOf(all);
    }

    /**
     * Chooses one.
     *
     * @param key what consistent hashing goes by
     * @param exclude those that are not to be chosen
     * @return null where none is left
     */
    public @Nullable Backend pick(long key, Predicate<Backend> exclude) {
        int start = turn.getAndIncrement() & Integer.MAX_VALUE;
        for (int i = 0; i < all.size(); i++) {
            Backend backend = all.get((int) ((start + (long) i) % all.size()));
            if (!exclude.test(backend)) {
                return backend;
            }
        }
        return null;
    }
}
