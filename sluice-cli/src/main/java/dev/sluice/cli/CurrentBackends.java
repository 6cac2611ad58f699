package dev.sluice.cli;

import dev.sluice.proxy.Backend;
import dev.sluice.proxy.Backends;
import dev.sluice.proxy.HealthChecks;
import dev.sluice.proxy.HealthOptions;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The back ends of the configuration as it is now, and the checks of their health. A request keeps those that it began with. Safe
 * for use from any thread.
 */
final class CurrentBackends implements Supplier<Backends>, AutoCloseable {
    private static final Logger LOG = System.getLogger("dev.sluice.proxy");

    private volatile Backends current;
    private @Nullable HealthChecks checks;

    CurrentBackends(BackendOptions options) {
        current = options.backends(null);
        checks = checks(options.health());
    }

    @Override
    public Backends get() {
        return current;
    }

    /**
     * Takes other ones; those that are in both keep what is known of them.
     *
     * @throws IllegalArgumentException where the options make no sense; then all stays as it is
     */
    synchronized void become(BackendOptions options) {
        HealthOptions health = options.health();
        Backends next = options.backends(current);
        stopChecks();
        current = next;
        checks = checks(health);
    }

    private @Nullable HealthChecks checks(@Nullable HealthOptions health) {
        return health == null ? null : new HealthChecks("auto", current.all(), health, CurrentBackends::tell);
    }

    private static void tell(Backend backend, String change) {
        LOG.log(Level.WARNING, "back end " + backend + " is " + change);
    }

    private void stopChecks() {
        if (checks != null) {
            checks.close();
            checks = null;
        }
    }

    @Override
    public synchronized void close() {
        stopChecks();
    }
}
