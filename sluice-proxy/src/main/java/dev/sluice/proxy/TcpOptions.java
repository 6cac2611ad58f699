package dev.sluice.proxy;

import dev.sluice.Connection;
import java.time.Duration;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Settings of a relay of bytes; immutable.
 *
 * @param connect to be connected to a back end; then the next one is tried
 * @param idle without a byte on a side for so long, both are closed
 * @param triesMost back ends that are tried for one client
 * @param preamble what a connection to a back end starts with, such as a PROXY protocol header; null for nothing
 */
public record TcpOptions(
        Duration connect,
        Duration idle,
        int triesMost,
        @Nullable Function<Connection, byte[]> preamble) {
    /** Checks each value. */
    public TcpOptions {
        PoolOptions.atLeast("connect timeout", connect.toNanos(), 1);
        PoolOptions.atLeast("idle timeout", idle.toNanos(), 1);
        PoolOptions.atLeast("tries", triesMost, 1);
    }

    public static TcpOptions standard() {
        return new TcpOptions(Duration.ofSeconds(2), Duration.ofHours(1), 3, null);
    }

    public TcpOptions withTimes(Duration toConnect, Duration silent) {
        return new TcpOptions(toConnect, silent, triesMost, preamble);
    }

    public TcpOptions withTries(int most) {
        return new TcpOptions(connect, idle, most, preamble);
    }

    public TcpOptions withPreamble(@Nullable Function<Connection, byte[]> bytes) {
        return new TcpOptions(connect, idle, triesMost, bytes);
    }
}
