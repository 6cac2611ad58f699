package dev.sluice.proxy;

import dev.sluice.Connection;
import dev.sluice.Session;
import dev.sluice.observe.MetricSink;
import java.util.function.BiConsumer;
import java.util.function.Supplier;

/**
 * A proxy for any protocol over TCP: each client gets a back end of its own, and what either sends goes to the other. Safe for use
 * from any thread.
 */
public final class TcpProxyService implements Proxy {
    private final TcpOptions options;
    private final Supplier<Backends> current;
    private final BiConsumer<Backend, String> onFailure;

    /**
     * A proxy.
     *
     * @param current the back ends of the configuration as it is now; asked for each client
     * @param onFailure told of each dial that failed, and how; from any thread, so it must not block
     */
    public TcpProxyService(TcpOptions options, Supplier<Backends> current, BiConsumer<Backend, String> onFailure) {
        this.options = options;
        this.current = current;
        this.onFailure = onFailure;
    }

    @Override
    public void tell(MetricSink to) {
        current.get().tell(to);
    }

    @Override
    public Session open(Connection connection) {
        return new TcpRelay(connection, options, current.get(), onFailure);
    }
}
