package dev.sluice.http;

import dev.sluice.Connection;
import dev.sluice.Files;
import java.net.SocketAddress;
import org.jspecify.annotations.Nullable;

/** A connection's world. Each thing is asked for once, in the session's domain. */
final class ConnectionWorld implements World {
    private final Connection connection;
    private final HttpLimits limits;
    private volatile @Nullable SocketAddress remote;
    private volatile @Nullable Files files;

    ConnectionWorld(Connection connection, HttpLimits limits) {
        this.connection = connection;
        this.limits = limits;
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
            known = connection.remoteAddress();
            remote = known;
        }
        return known;
    }

    @Override
    public Files files() {
        Files known = files;
        if (known == null) {
            known = connection.files();
            files = known;
        }
        return known;
    }

    @Override
    public int requestLineBytes() {
        return limits.requestLineBytes();
    }
}
