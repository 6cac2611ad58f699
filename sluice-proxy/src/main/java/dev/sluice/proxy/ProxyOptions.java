package dev.sluice.proxy;

import dev.sluice.Connection;
import dev.sluice.http.HttpLimits;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Settings of a proxy; immutable.
 *
 * @param forwarding how heads are passed on
 * @param pool bounds of the connections to back ends
 * @param retries when a request is sent again
 * @param timeouts how long a back end may take
 * @param limits what a client may take of the proxy, and a back end's response as well
 * @param preamble what a connection to a back end starts with, for one client's connection, such as a PROXY protocol header; then
 *     each serves one request alone. Null for none
 */
public record ProxyOptions(
        ForwardingOptions forwarding,
        PoolOptions pool,
        RetryOptions retries,
        ProxyTimeouts timeouts,
        HttpLimits limits,
        @Nullable Function<Connection, byte[]> preamble) {

    public static ProxyOptions standard() {
        return new ProxyOptions(
                ForwardingOptions.standard(),
                PoolOptions.standard(),
                RetryOptions.standard(),
                ProxyTimeouts.standard(),
                HttpLimits.standard(),
                null);
    }

    public ProxyOptions with(ForwardingOptions chosen) {
        return new ProxyOptions(chosen, pool, retries, timeouts, limits, preamble);
    }

    public ProxyOptions with(PoolOptions chosen) {
        return new ProxyOptions(forwarding, chosen, retries, timeouts, limits, preamble);
    }

    public ProxyOptions with(RetryOptions chosen) {
        return new ProxyOptions(forwarding, pool, chosen, timeouts, limits, preamble);
    }

    public ProxyOptions with(ProxyTimeouts chosen) {
        return new ProxyOptions(forwarding, pool, retries, chosen, limits, preamble);
    }

    public ProxyOptions with(HttpLimits chosen) {
        return new ProxyOptions(forwarding, pool, retries, timeouts, chosen, preamble);
    }

    public ProxyOptions withPreamble(Function<Connection, byte[]> bytes) {
        return new ProxyOptions(forwarding, pool, retries, timeouts, limits, bytes);
    }
}
