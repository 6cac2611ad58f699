package dev.sluice;

import java.nio.ByteBuffer;

/**
 * The echo service, as {@code Echo::new}: sends each byte back to whoever sent it. What a slow reader leaves is bounded by the
 * contract: above the high-water mark no more is received.
 */
public final class Echo implements Session {
    private final Connection connection;

    public Echo(Connection connection) {
        this.connection = connection;
    }

    @Override
    public void received(ByteBuffer input) {
        connection.write(input);
    }

    @Override
    public void ended() {
        connection.end();
    }

    @Override
    public void stopping() {
        connection.end();
    }
}
