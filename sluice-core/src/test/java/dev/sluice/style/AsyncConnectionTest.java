package dev.sluice.style;

import static dev.sluice.style.StyleServer.read;
import static dev.sluice.style.StyleServer.send;
import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import dev.sluice.Options;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Function;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.MethodSource;

/** What promises of a connection hold. */
@Timeout(30)
@ParameterizedClass
@MethodSource("dev.sluice.style.StyleServer#models")
record AsyncConnectionTest(String model) {
    private StyleServer serve(Function<AsyncConnection, CompletionStage<?>> handler) {
        return new StyleServer(model, c -> AsyncConnection.session(c, handler));
    }

    private static String text(ByteBuffer bytes) {
        return ISO_8859_1.decode(bytes).toString();
    }

    @Test
    void aSecondReadIsRefusedAndTheFirstGoesOn() throws Exception {
        try (StyleServer server = serve(c -> {
                    CompletableFuture<ByteBuffer> first = c.read();
                    Throwable refusal = catchThrowable(() -> c.read().getNow(null));
                    return first.thenCompose(bytes -> c.write(
                            text(bytes) + refusal.getCause().getMessage().substring(0, 22)));
                });
                Socket client = server.connect()) {
            send(client, "x");
            assertThat(read(client, 23)).isEqualTo("xa read is under way: o");
        }
    }

    @Test
    void aCancelledReadLeavesWhatComesToTheNext() throws Exception {
        try (StyleServer server = serve(c -> {
                    CompletableFuture<String> stage = c.readUntil("\n", 100).thenApply(AsyncConnectionTest::text);
                    return c.write("ready")
                            .thenCompose(written -> c.after(Duration.ofMillis(20)))
                            .thenCompose(passed -> {
                                boolean cancelled = stage.cancel(false);
                                return c.readExactly(4)
                                        .thenCompose(bytes -> c.write(text(bytes) + cancelled + stage.isDone()));
                            });
                });
                Socket client = server.connect()) {
            assertThat(read(client, 5)).isEqualTo("ready");
            send(client, "ab");
            send(client, "cd");
            assertThat(read(client, 12)).isEqualTo("abcdtruetrue");
        }
    }

    @Test
    void aTimeoutStopsTheReadBelowInTheDomain() throws Exception {
        try (StyleServer server = serve(c -> c.read()
                        .thenApply(AsyncConnectionTest::text)
                        .orTimeout(20, TimeUnit.MILLISECONDS)
                        .handle((value, error) -> {
                            Throwable cause = error.getCause() == null ? error : error.getCause();
                            return cause instanceof TimeoutException ? "late" : "other";
                        })
                        .thenCompose(word -> c.write(word).thenCompose(written -> c.readExactly(2)))
                        .thenCompose(bytes -> c.write(bytes)));
                Socket client = server.connect()) {
            assertThat(read(client, 4)).isEqualTo("late");
            send(client, "go");
            assertThat(read(client, 2)).isEqualTo("go");
        }
    }

    @Test
    void whatAnotherThreadCompletesComesBackIntoTheDomain() throws Exception {
        AtomicInteger inside = new AtomicInteger();
        AtomicInteger overlaps = new AtomicInteger();
        Runnable guarded = () -> {
            overlaps.addAndGet(inside.getAndIncrement());
            Thread.onSpinWait();
            inside.decrementAndGet();
        };
        try (StyleServer server = serve(c -> {
                    CompletableFuture<?>[] all = new CompletableFuture<?>[50];
                    for (int i = 0; i < all.length; i++) {
                        all[i] =
                                c.here(CompletableFuture.supplyAsync(() -> "x")).thenRun(guarded);
                    }
                    return c.together(all).thenCompose(done -> c.write("done " + overlaps.get()));
                });
                Socket client = server.connect()) {
            assertThat(read(client, 6)).isEqualTo("done 0");
        }
    }

    @Test
    void aWriteIsDoneWhenTheReaderCaughtUp() throws Exception {
        Options options = Options.builder().outputMarks(8 * 1024, 32 * 1024).build();
        int rounds = 400;
        AtomicInteger left = new AtomicInteger(rounds);
        try (StyleServer server = new StyleServer(
                        model,
                        options,
                        connection -> AsyncConnection.session(
                                connection,
                                c -> c.repeat(() -> {
                                    byte[] some = new byte[10_000];
                                    if (connection.queuedBytes() > 48 * 1024) {
                                        throw new IllegalStateException("unbounded");
                                    }
                                    return c.write(ByteBuffer.wrap(some))
                                            .thenApply(written -> left.decrementAndGet() > 0);
                                })));
                Socket client = server.connect()) {
            assertThat(client.getInputStream().readAllBytes()).hasSize(rounds * 10_000);
            assertThat(server.stats().failures()).isZero();
        }
    }

    @Test
    void aLoopOfWritesEndsWithItsConnection() throws Exception {
        AtomicReference<StyleServer> here = new AtomicReference<>();
        try (StyleServer server = serve(c -> c.read().thenCompose(bytes -> {
                    c.connection().abort(); // closing, and not told yet
                    return c.repeat(() -> c.write("x").thenApply(written -> true))
                            .whenComplete((done, error) -> here.get().said.add("ended"));
                }));
                Socket client = server.connect()) {
            here.set(server);
            send(client, "\n");
            assertThat(server.next()).isEqualTo("ended");
        }
    }

    @Test
    void aReadFailsWhenThePeerVanishesAndCleanUpRuns() throws Exception {
        AtomicReference<StyleServer> here = new AtomicReference<>();
        try (StyleServer server = serve(c -> c.write("x")
                        .thenCompose(written -> c.read())
                        .whenComplete((bytes, error) -> here.get().said.add(String.valueOf(error))));
                Socket client = server.connect()) {
            here.set(server);
            assertThat(read(client, 1)).isEqualTo("x");
            client.setSoLinger(true, 0);
            client.close();
            assertThat(server.next()).contains("ConnectionClosedException", "RESET");
        }
    }

    @Test
    void aCancelledDialLeavesNoConnection() throws Exception {
        AtomicReference<StyleServer> here = new AtomicReference<>();
        try (StyleServer target = new StyleServer(model, c -> AsyncConnection.session(c, AsyncConnection::read));
                StyleServer server = serve(c -> {
                    CompletableFuture<AsyncConnection> dial = AsyncConnection.dial(c, target.address());
                    CompletableFuture<String> asked =
                            dial.thenCompose(far -> far.read().thenApply(AsyncConnectionTest::text));
                    asked.cancel(false);
                    return c.write(dial.isDone() + " "
                            + catchThrowable(dial::join).getClass().getSimpleName());
                });
                Socket client = server.connect()) {
            here.set(server);
            assertThat(read(client, 26)).isEqualTo("true " + CancellationException.class.getSimpleName());
            client.shutdownOutput();
            assertThat(client.getInputStream().read()).isEqualTo(-1);
        }
    }

    @Test
    void anExceptionInALaterStageTellsWhereItsOperationWasStartedByOption() throws Exception {
        assertThat(failureWithOrigins(false).getSuppressed()).isEmpty();
        Throwable told = failureWithOrigins(true);
        assertThat(told).hasMessage("planned");
        assertThat(told.getSuppressed()).hasSize(1);
        assertThat(told.getSuppressed()[0]).isInstanceOf(Origin.class).hasMessage("readUntil was started here");
        assertThat(told.getSuppressed()[0].getStackTrace())
                .anyMatch(frame -> frame.getMethodName().equals("startTheRead"));
    }

    private Throwable failureWithOrigins(boolean recorded) throws Exception {
        CompletableFuture<Throwable> failure = new CompletableFuture<>();
        Origin.record(recorded);
        try (StyleServer server = serve(c -> startTheRead(c).handle((value, error) -> {
                    failure.complete(error.getCause());
                    return null;
                }));
                Socket client = server.connect()) {
            send(client, "x\n");
            return failure.get(15, TimeUnit.SECONDS);
        } finally {
            Origin.record(false);
        }
    }

    private static CompletableFuture<String> startTheRead(AsyncConnection c) {
        return c.readUntil("\n", 10).thenApply(AsyncConnectionTest::text).thenApply(line -> {
            throw new IllegalStateException("planned");
        });
    }
}
