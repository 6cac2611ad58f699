package dev.sluice.proxy;

import dev.sluice.Connection;
import dev.sluice.DomainLocal;
import dev.sluice.http.GatewayExchange;
import dev.sluice.http.GatewayHandler;
import dev.sluice.http.RequestFailure;
import dev.sluice.observe.MetricSink;
import dev.sluice.observe.MetricSource;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.BiConsumer;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Passes each request on to one of the back ends that are current when it comes. Safe for use from any thread. */
final class ProxyHandler implements GatewayHandler, MetricSource {
    private final ProxyOptions options;
    private final Supplier<Backends> current;
    private final BiConsumer<Backend, String> onFailure;
    private final Forwarding forwarding;
    private final RetryBudget budget;
    private final DomainLocal<Lane> lanes;
    private final LongAdder retries = new LongAdder();
    private final LongAdder hedges = new LongAdder();
    private final LongAdder refusals = new LongAdder();

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

    /** A request came. */
    void earn() {
        budget.earn();
    }

    /** A request is sent again. */
    void retried() {
        retries.increment();
    }

    /** A second back end is asked beside the first. */
    void hedged() {
        hedges.increment();
    }

    /** Spends of the budget; false where it has none left. */
    boolean spend() {
        boolean spent = budget.spend();
        if (!spent) {
            refusals.increment();
        }
        return spent;
    }

    @Override
    public void tell(MetricSink to) {
        to.counter("sluice_proxy_retries", "Requests that were sent again", retries.sum());
        to.counter("sluice_proxy_hedges", "Requests that a second back end was asked for as well", hedges.sum());
        to.gauge("sluice_proxy_retry_budget", "How many may be sent a second time now", budget.tokens());
        to.counter(
                "sluice_proxy_retry_budget_refusals",
                "Requests that were not, since the budget had none left",
                refusals.sum());
        current.get().tell(to);
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
