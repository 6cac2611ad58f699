package dev.sluice.cli;

import static dev.sluice.cli.Specs.duration;
import static dev.sluice.cli.Specs.flag;
import static dev.sluice.cli.Specs.option;

import dev.sluice.http.HttpLimits;
import dev.sluice.proxy.ForwardedMode;
import dev.sluice.proxy.ForwardingOptions;
import dev.sluice.proxy.PoolOptions;
import dev.sluice.proxy.ProxyHeader;
import dev.sluice.proxy.ProxyOptions;
import dev.sluice.proxy.ProxyTimeouts;
import dev.sluice.proxy.RetryOptions;
import dev.sluice.proxy.TcpOptions;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;

/** The options that say how a proxy uses its back ends. */
final class UpstreamOptions {
    private final OptionSpec connectTimeout = duration(
            "--connect-timeout",
            "2s",
            "To be connected to a back end; then the next one is tried (default: ${DEFAULT-VALUE}).");

    private final OptionSpec responseTimeout = duration(
            "--response-timeout",
            "30s",
            "From a request to its response's head, in one try; then 504, or another try where that is safe"
                    + " (default: ${DEFAULT-VALUE}).");

    private final OptionSpec wholeTimeout = duration(
            "--whole-timeout", "0", "For all tries and the whole response; 0: no bound (default: ${DEFAULT-VALUE}).");

    private final OptionSpec stallTimeout = duration(
            "--stall-timeout",
            "60s",
            "Without a byte in the midst of a response's body, while the client takes them (default: ${DEFAULT-VALUE}).");

    private final OptionSpec tries = option(
                    "--tries",
                    "N",
                    "Tries of one request, the first included. Sent again is only what is safe: what can't have reached a"
                            + " back end, and GET, HEAD, PUT, DELETE, OPTIONS and TRACE (default: ${DEFAULT-VALUE}).")
            .type(int.class)
            .defaultValue("3")
            .build();

    private final OptionSpec budget = option(
                    "--retry-budget",
                    "PERCENT",
                    "Retries and hedges, as a part of all requests: a failing back end is not met with more work"
                            + " (default: ${DEFAULT-VALUE}).")
            .type(int.class)
            .defaultValue("20")
            .build();

    private final OptionSpec hedge = duration(
            "--hedge-after",
            "0",
            "Asks another back end as well when a safe request has no response after so long; the first one wins."
                    + " 0: never (default: ${DEFAULT-VALUE}).");

    private final OptionSpec hedgeSlowest = flag(
            "--hedge-slowest",
            "With --hedge-after: not before the time that 95 %% of the responses take, which is measured.");

    private final OptionSpec connections = option(
                    "--upstream-connections",
                    "N",
                    "Connections to one back end, for each loop; further requests wait, 1,024 of them for a second, then"
                            + " 503 (default: ${DEFAULT-VALUE}).")
            .type(int.class)
            .defaultValue("256")
            .build();

    private final OptionSpec idleConnections = option(
                    "--upstream-idle",
                    "N",
                    "Connections to one back end that are kept without a request, for each loop (default: ${DEFAULT-VALUE}).")
            .type(int.class)
            .defaultValue("64")
            .build();

    private final OptionSpec idleTimeout = duration(
            "--upstream-idle-timeout",
            "30s",
            "Closes such a connection after so long; take less than the back ends do (default: ${DEFAULT-VALUE}).");

    private final OptionSpec host = option(
                    "--upstream-host", "NAME", "The Host that back ends are sent (default: the client's).")
            .build();

    private final OptionSpec xForwarded = mode("--x-forwarded", "replace", "X-Forwarded-For, -Proto and -Host");

    private final OptionSpec forwarded = mode("--forwarded", "drop", "The Forwarded field of RFC 7239");

    private final OptionSpec tcp = flag(
            "--tcp",
            "Relays bytes of any protocol instead of HTTP: each client gets a back end of its own. Of the options for back ends"
                    + " then hold --connect-timeout, --tries, --tcp-idle and --send-proxy.");

    private final OptionSpec tcpIdle = duration(
            "--tcp-idle",
            "1h",
            "With --tcp: closes what neither sent nor received on a side for so long (default: ${DEFAULT-VALUE}).");

    private final OptionSpec sendProxy = option(
                    "--send-proxy",
                    "v1|v2",
                    "Tells back ends who the client is by the PROXY protocol; then each request takes a connection of its own"
                            + " (default: they are not told so).")
            .type(ProxyHeader.class)
            .build();

    /** Gives a command these options. */
    UpstreamOptions(CommandSpec command) {
        List.of(
                        connectTimeout,
                        responseTimeout,
                        wholeTimeout,
                        stallTimeout,
                        tries,
                        budget,
                        hedge,
                        hedgeSlowest,
                        connections,
                        idleConnections,
                        idleTimeout,
                        host,
                        xForwarded,
                        forwarded,
                        tcp,
                        tcpIdle,
                        sendProxy)
                .forEach(command::addOption);
    }

    private static OptionSpec mode(String name, String fallback, String what) {
        return option(
                        name,
                        "drop|replace|append",
                        what + ": what a client sends of it is left out (drop), replaced by what is seen from here, or"
                                + " added to, which is for a proxy behind another one (default: ${DEFAULT-VALUE}).")
                .type(ForwardedMode.class)
                .defaultValue(fallback)
                .build();
    }

    /**
     * What was asked for.
     *
     * @throws IllegalArgumentException where a value makes no sense
     */
    ProxyOptions options(HttpLimits limits) {
        Duration hedgeDelay = hedge.getValue();
        boolean slowest = hedgeSlowest.getValue();
        if (slowest && hedgeDelay.isZero()) {
            throw new IllegalArgumentException(
                    "--hedge-slowest says how long after a request: give --hedge-after, the least");
        }
        PoolOptions pool = PoolOptions.standard();
        ForwardedMode extended = xForwarded.getValue();
        ForwardedMode standard = forwarded.getValue();
        ProxyOptions options = ProxyOptions.standard()
                .with(limits)
                .with(ForwardingOptions.standard()
                        .withHost(host.getValue())
                        .withXForwarded(extended)
                        .withForwarded(standard))
                .with(pool.withConnections(connections.getValue(), idleConnections.getValue())
                        .withAges(idleTimeout.getValue(), pool.maxAge()))
                .with(RetryOptions.standard()
                        .withTries(tries.getValue())
                        .withBudget(
                                budget.<Integer>getValue() / 100.0,
                                RetryOptions.standard().budgetReserve())
                        .withHedging(hedgeDelay, slowest))
                .with(ProxyTimeouts.standard()
                        .withConnect(connectTimeout.getValue())
                        .withHead(responseTimeout.getValue())
                        .withWhole(wholeTimeout.getValue())
                        .withStall(stallTimeout.getValue()));
        ProxyHeader header = sendProxy.getValue();
        return header == null ? options : options.withPreamble(header);
    }

    /** How bytes are relayed; null where requests are passed on. */
    @Nullable
    TcpOptions tcp() {
        return tcp.<Boolean>getValue()
                ? TcpOptions.standard()
                        .withTimes(connectTimeout.getValue(), tcpIdle.getValue())
                        .withTries(tries.getValue())
                        .withPreamble(sendProxy.<@Nullable ProxyHeader>getValue())
                : null;
    }
}
