package dev.sluice.cli;

import dev.sluice.Connection;
import dev.sluice.Service;
import dev.sluice.ServiceProvider;
import dev.sluice.Session;
import java.nio.ByteBuffer;
import java.util.List;

/**
 * The echo service. What a slow reader leaves is bounded by the contract: above the high-water mark no more is received.
 */
public final class EchoProvider implements ServiceProvider {
    /** For the runtime, in whichever process. */
    public EchoProvider() {}

    @Override
    public Service service(List<String> arguments) {
        return Echo::new;
    }

    private record Echo(Connection connection) implements Session {
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
}
