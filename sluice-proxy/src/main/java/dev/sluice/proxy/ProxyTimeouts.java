package dev.sluice.proxy;

import java.time.Duration;

/**
 * How long a back end may take; immutable.
 *
 * @param connect to be connected; then the next one is tried
 * @param head from the request to the response's head, in one try; then 504, or another try where that is safe
 * @param whole for all tries and the whole response; zero: no bound
 * @param stall without a byte in the midst of a response's body, while the client takes them
 * @param tunnel without a byte either way, once both sides speak another protocol
 */
public record ProxyTimeouts(Duration connect, Duration head, Duration whole, Duration stall, Duration tunnel) {
    /** Checks each value. */
    public ProxyTimeouts {
        PoolOptions.atLeast("connect timeout", connect.toNanos(), 1);
        PoolOptions.atLeast("head timeout", head.toNanos(), 1);
        PoolOptions.atLeast("whole timeout", whole.toNanos(), 0);
        PoolOptions.atLeast("stall timeout", stall.toNanos(), 1);
        PoolOptions.atLeast("tunnel timeout", tunnel.toNanos(), 1);
    }

    public static ProxyTimeouts standard() {
        return new ProxyTimeouts(
                Duration.ofSeconds(2),
                Duration.ofSeconds(30),
                Duration.ZERO,
                Duration.ofSeconds(60),
                Duration.ofHours(1));
    }

    public ProxyTimeouts withConnect(Duration time) {
        return new ProxyTimeouts(time, head, whole, stall, tunnel);
    }

    public ProxyTimeouts withHead(Duration time) {
        return new ProxyTimeouts(connect, time, whole, stall, tunnel);
    }

    public ProxyTimeouts withWhole(Duration time) {
        return new ProxyTimeouts(connect, head, time, stall, tunnel);
    }

    public ProxyTimeouts withStall(Duration time) {
        return new ProxyTimeouts(connect, head, whole, time, tunnel);
    }
}
