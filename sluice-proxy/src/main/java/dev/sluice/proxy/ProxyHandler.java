package dev.sluice.proxy;

import dev.sluice.Connection;
import dev.sluice.DomainLocal;
import dev.sluice.http.GatewayExchange;
import dev.sluice.http.GatewayHandler;
import dev.sluice.http.RequestFailure;
import java.util.function.BiConsumer;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Passes each request on to one of the back ends that are current when it comes. Safe for use from any thread. */
final class ProxyHandler implements GatewayHandler {
    private final ProxyOptions options;
    private final Supplier<Backends> current;
    private final BiConsumer<Backend, String> onFailure;
    private final Forwarding forwarding;
    private final RetryBudget budget;
    private final DomainLocal<Lane> lanes;

    ProxyHandler(ProxyOptions options, Supplier<Backends> current, BiConsumer<Backend, String> onFailure) {
        this.options = options;
        this.current = current;
        this.onFailure = onFailure;
        this.forwarding = new Forwarding(options.forwarding());
        this.budget = new RetryBudget(
                options.retries().budgetRatio(), options.retries().budgetReserve());
        this.lanes = DomainLocal.withInitial(() -> new Lane(options));
    }

    @Override
    public void handle(GatewayExchange exchange) {
        new ProxyRequest(this, lane(exchange.connection()), exchange, current.get()).start();
    }

    Lane lane(Connection client) {
        return lanes.get(client);
    }

    ProxyOptions options() {
        return options;
    }

    Forwarding forwarding() {
        return forwarding;
    }

    RetryBudget budget() {
        return budget;
    }

    byte @Nullable [] preamble(Connection client) {
        Function<Connection, byte[]> preamble = options.preamble();
        return preamble == null ? null : preamble.apply(client);
    }

    /** A request had to be answered in a back end's place. */
    void failed(Backend backend, RequestFailure failure) {
        onFailure.accept(backend, failure.kind() + ": " + failure.detail());
    }
}
