package dev.sluice.proxy;

import dev.sluice.Cause;
import dev.sluice.Connection;
import dev.sluice.DelegatingSession;
import dev.sluice.DomainLocal;
import dev.sluice.Session;
import dev.sluice.http.HttpService;
import dev.sluice.observe.MetricSink;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import java.util.function.Supplier;

/** A reverse proxy for HTTP/1.1 as a service. Safe for use from any thread. */
public final class ProxyService implements Proxy {
    private final ProxyHandler handler;
    private final HttpService http;

    /**
     * A proxy.
     *
     * @param current the back ends of the configuration as it is now; asked for each request
     */
    public ProxyService(ProxyOptions options, Supplier<Backends> current) {
        this(options, current, http -> {}, (backend, failure) -> {});
    }

    /**
     * A proxy that logs, counts or limits.
     *
     * @param front sets what else the side of the clients is to have: a log, metrics, a limit, classes, their deadlines
     * @param onFailure told of each request that was answered with 502 or 504 since a back end failed, and of how; from any
     *     thread, so it must not block
     */
    public ProxyService(
            ProxyOptions options,
            Supplier<Backends> current,
            Consumer<HttpService.Builder> front,
            BiConsumer<Backend, String> onFailure) {
        this.handler = new ProxyHandler(options, current, onFailure);
        HttpService.Builder builder = HttpService.builder().gateway(handler).limits(options.limits());
        front.accept(builder);
        this.http = builder.build();
    }

    @Override
    public Session open(Connection connection) {
        Session session = http.open(connection);
        return DomainLocal.isShared(connection) ? session : new Alone(session, handler.lane(connection));
    }

    @Override
    public void tell(MetricSink to) {
        http.tell(to);
        handler.tell(to);
    }

    /** The only client of its domain: when it goes, its connections to back ends have no use any more. */
    private static final class Alone extends DelegatingSession {
        private final Lane lane;

        Alone(Session session, Lane lane) {
            super(session);
            this.lane = lane;
        }

        @Override
        public void closed(Cause cause) throws Exception {
            lane.pool().closeIdle();
            super.closed(cause);
        }
    }
}
