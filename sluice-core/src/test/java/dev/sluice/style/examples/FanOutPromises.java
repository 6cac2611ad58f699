package dev.sluice.style.examples;

import static java.util.concurrent.CompletableFuture.completedFuture;

import dev.sluice.Connection;
import dev.sluice.Service;
import dev.sluice.Session;
import dev.sluice.style.AsyncConnection;
import java.io.EOFException;
import java.net.SocketAddress;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/** Asks two back ends each line at once, and answers with what both say, in promises. */
public final class FanOutPromises implements Service {
    private final SocketAddress first;
    private final SocketAddress second;
    private final Duration deadline;

    public FanOutPromises(SocketAddress first, SocketAddress second, Duration deadline) {
        this.first = first;
        this.second = second;
        this.deadline = deadline;
    }

    // example:begin
    @Override
    public Session open(Connection connection) {
        return AsyncConnection.session(connection, client -> client.repeat(() -> round(client)));
    }

    private CompletableFuture<Boolean> round(AsyncConnection client) {
        return client.readUntil("\n", 1024).thenCompose(line -> {
            if (line == null) {
                return completedFuture(false);
            }
            return answer(client, line)
                    .thenCompose(answer -> client.write(answer + "\n"))
                    .thenApply(written -> true);
        });
    }

    private CompletableFuture<String> answer(AsyncConnection client, ByteBuffer question) {
        CompletableFuture<String> one = ask(client, first, question.duplicate());
        CompletableFuture<String> other = ask(client, second, question.duplicate());
        return client.together(one, other)
                .orTimeout(deadline.toNanos(), TimeUnit.NANOSECONDS)
                .handle((done, error) -> error == null ? one.join() + " " + other.join() : excuse(error));
    }

    private static String excuse(Throwable error) {
        Throwable cause = error instanceof CompletionException ? error.getCause() : error;
        return cause instanceof TimeoutException ? "a back end is slow" : "a back end failed";
    }

    private static CompletableFuture<String> ask(AsyncConnection client, SocketAddress backEnd, ByteBuffer question) {
        return AsyncConnection.dial(client, backEnd)
                .thenCompose(server -> server.write(question, ByteBuffer.wrap(NEWLINE))
                        .thenCompose(written -> server.readUntil("\n", 1024))
                        .thenApply(FanOutPromises::text)
                        .whenComplete((answer, error) -> server.close()));
    }

    private static String text(@Nullable ByteBuffer answer) {
        if (answer == null) {
            throw new CompletionException(new EOFException("the back end ended without an answer"));
        }
        return StandardCharsets.ISO_8859_1.decode(answer).toString();
    }
    // example:end

    private static final byte[] NEWLINE = {'\n'};
}
