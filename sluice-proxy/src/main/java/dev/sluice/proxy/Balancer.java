package dev.sluice.proxy;

import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** Chooses a back end for a request, without allocation or lock. Safe for use from any thread. */
interface Balancer {
    /**
     * Chooses one that is available.
     *
     * @param key what consistent hashing goes by; the others don't look at it
     * @param exclude those that are not to be chosen
     * @return null where none is left
     */
    @Nullable
    Backend pick(long key, Predicate<Backend> exclude);

    static boolean mayTake(Backend backend, Predicate<Backend> exclude) {
        return backend.isAvailable() && !exclude.test(backend);
    }
}
