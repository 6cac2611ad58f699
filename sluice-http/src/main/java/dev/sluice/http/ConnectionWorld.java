package dev.sluice.http;

import dev.sluice.Connection;
import dev.sluice.Files;
import java.net.SocketAddress;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** A connection's world. Each thing is asked for once, in the session's domain. */
final class ConnectionWorld implements World {
    private final HttpLimits limits;
    private @Nullable Connection connection;
    private volatile @Nullable SocketAddress remote;
    private volatile @Nullable Files files;

    ConnectionWorld(HttpLimits limits) {
        this.limits = limits;
    }

    /** Becomes a connection's; it is new, or has left the last one. */
    void of(Connection next) {
        connection = next;
    }

    void leave() {
        connection = null;
        if (remote != null) { // a write that others see costs more than a look
            remote = null;
        }
        if (files != null) {
            files = null;
        }
    }

    private Connection connection() {
        return Objects.requireNonNull(connection);
    }

    /** Learns what a request may be asked for on another thread, where the connection must not be. */
    void learn() {
        remoteAddress();
        files();
    }

    @Override
    public SocketAddress remoteAddress() {
        SocketAddress known = remote;
        if (known == null) {
            known = connection().remoteAddress();
            remote = known;
        }
        return known;
    }

    @Override
    public Files files() {
        Files known = files;
        if (known == null) {
            known = connection().files();
            files = known;
        }
        return known;
    }

    @Override
    public int requestLineBytes() {
        return limits.requestLineBytes();
    }
}
