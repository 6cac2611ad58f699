package dev.sluice.cli;

import dev.sluice.EventLog;
import dev.sluice.proxy.Backend;
import java.lang.System.Logger.Level;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.BiConsumer;

/** Logs how back ends fail, for each of them once a minute at most. Safe for use from any thread. */
final class BackendLog implements BiConsumer<Backend, String> {
    private final Map<Backend, EventLog.Seldom> logs = new ConcurrentHashMap<>();

    @Override
    public void accept(Backend backend, String failure) {
        EventLog.Seldom log = logs.computeIfAbsent(backend, b -> new EventLog.Seldom());
        synchronized (log) {
            log.log(Level.WARNING, "back end " + backend.address() + ": " + failure, System.nanoTime());
        }
    }
}
