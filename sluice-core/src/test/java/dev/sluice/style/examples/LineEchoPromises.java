package dev.sluice.style.examples;

import static java.util.concurrent.CompletableFuture.completedFuture;

import dev.sluice.Connection;
import dev.sluice.Service;
import dev.sluice.Session;
import dev.sluice.style.AsyncConnection;
import java.nio.ByteBuffer;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** Sends each line back, in promises. */
public final class LineEchoPromises implements Service {
    // example:begin
    @Override
    public Session open(Connection connection) {
        return AsyncConnection.session(connection, client -> client.repeat(() -> round(client)));
    }

    /** One line there and back; whether to go on. */
    private static CompletableFuture<Boolean> round(AsyncConnection client) {
        return client.readUntil("\n", 1024).thenCompose(line -> answer(client, line));
    }

    private static CompletableFuture<Boolean> answer(AsyncConnection client, @Nullable ByteBuffer line) {
        if (line == null) {
            return completedFuture(false); // the end
        }
        return client.write(line, ByteBuffer.wrap(NEWLINE)).thenApply(written -> true);
    }
    // example:end

    private static final byte[] NEWLINE = {'\n'};
}
