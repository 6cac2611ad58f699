package dev.sluice.style.examples;

import dev.sluice.Connection;
import dev.sluice.Service;
import dev.sluice.Session;
import dev.sluice.style.BlockingConnection;
import dev.sluice.style.Scope;
import java.io.EOFException;
import java.io.IOException;
import java.net.SocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeoutException;

/** Asks two back ends each line at once, and answers with what both say, in sequential code. */
public final class FanOutSequential implements Service {
    private final SocketAddress first;
    private final SocketAddress second;
    private final Duration deadline;

    public FanOutSequential(SocketAddress first, SocketAddress second, Duration deadline) {
        this.first = first;
        this.second = second;
        this.deadline = deadline;
    }

    // example:begin
    @Override
    public Session open(Connection connection) {
        return BlockingConnection.session(connection, this::serve);
    }

    private void serve(BlockingConnection client) throws IOException, InterruptedException {
        for (byte[] line = client.readUntil("\n", 1024); line != null; line = client.readUntil("\n", 1024)) {
            client.write(answer(client, new String(line, StandardCharsets.ISO_8859_1)) + "\n");
        }
    }

    private String answer(BlockingConnection client, String question) throws IOException, InterruptedException {
        try (Scope scope = client.scope(deadline)) {
            Scope.Task<String> one = scope.fork(() -> ask(client, first, question));
            Scope.Task<String> other = scope.fork(() -> ask(client, second, question));
            scope.join();
            return one.get() + " " + other.get();
        } catch (ExecutionException e) {
            return "a back end failed";
        } catch (TimeoutException e) {
            return "a back end is slow";
        }
    }

    private static String ask(BlockingConnection client, SocketAddress backEnd, String question) throws IOException {
        try (BlockingConnection server = client.dial(backEnd, Duration.ZERO)) {
            server.write(question + "\n");
            byte[] answer = server.readUntil("\n", 1024);
            if (answer == null) {
                throw new EOFException("the back end ended without an answer");
            }
            return new String(answer, StandardCharsets.ISO_8859_1);
        }
    }
    // example:end
}
