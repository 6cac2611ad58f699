package dev.sluice.style.examples;

import dev.sluice.Connection;
import dev.sluice.Service;
import dev.sluice.Session;
import dev.sluice.style.Step;
import dev.sluice.style.Steps;

/** Sends each line back, in callbacks. */
public final class LineEchoCallbacks implements Service {
    // example:begin
    @Override
    public Session open(Connection connection) {
        return new Steps(connection, Step.loop(Step.readUntil("\n", 1024).then(line -> {
            connection.write(line);
            connection.write(NEWLINE, 0, 1);
        })));
    }
    // example:end

    private static final byte[] NEWLINE = {'\n'};
}
