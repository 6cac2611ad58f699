package dev.sluice.cli;

import static java.util.concurrent.CompletableFuture.completedFuture;

import dev.sluice.Connection;
import dev.sluice.Echo;
import dev.sluice.Service;
import dev.sluice.Session;
import dev.sluice.style.AsyncConnection;
import dev.sluice.style.BlockingConnection;
import dev.sluice.style.Step;
import dev.sluice.style.Steps;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** The ways in which the echo is written: what they cost beside each other is what bench/styles.py measures. */
enum EchoStyle implements Service {
    SESSION,
    CALLBACKS,
    PROMISES,
    SEQUENTIAL;

    private static final int BUFFER_BYTES = 8 * 1024;

    @Override
    public Session open(Connection connection) {
        return switch (this) {
            case SESSION -> new Echo(connection);
            case CALLBACKS -> callbacks(connection);
            case PROMISES -> promises(connection);
            case SEQUENTIAL -> sequential(connection);
        };
    }

    private static Session callbacks(Connection connection) {
        return new Steps(connection, Step.loop(Step.readSome().then(connection::write)));
    }

    private static Session promises(Connection connection) {
        return AsyncConnection.session(
                connection, client -> client.repeat(() -> client.read().thenCompose(bytes -> sendBack(client, bytes))));
    }

    private static CompletableFuture<Boolean> sendBack(AsyncConnection client, @Nullable ByteBuffer bytes) {
        return bytes == null ? completedFuture(false) : client.write(bytes).thenApply(written -> true);
    }

    private static Session sequential(Connection connection) {
        return BlockingConnection.session(connection, EchoStyle::serve);
    }

    private static void serve(BlockingConnection client) throws IOException {
        ByteBuffer buffer = ByteBuffer.allocate(BUFFER_BYTES);
        while (client.read(buffer) >= 0) {
            client.write(buffer.flip());
            buffer.clear();
        }
    }
}
