package dev.sluice.style.examples;

import dev.sluice.Connection;
import dev.sluice.Service;
import dev.sluice.Session;
import dev.sluice.style.BlockingConnection;
import java.io.IOException;

/** Sends each line back, in sequential code. */
public final class LineEchoSequential implements Service {
    // example:begin
    @Override
    public Session open(Connection connection) {
        return BlockingConnection.session(connection, LineEchoSequential::serve);
    }

    private static void serve(BlockingConnection client) throws IOException {
        for (byte[] line = client.readUntil("\n", 1024); line != null; line = client.readUntil("\n", 1024)) {
            client.write(line);
            client.write("\n");
        }
    }
    // example:end
}
