package dev.sluice.style;

import dev.sluice.Cause;
import dev.sluice.Client;
import dev.sluice.Connection;
import dev.sluice.Session;
import java.io.EOFException;
import java.io.IOException;
import java.net.SocketAddress;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.BiConsumer;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * A connection whose operations are promises. They complete inside the connection's serialization domain, so stages never overlap
 * with one another nor with other callbacks of it. As {@link Connection}'s own methods, these are called from inside only;
 * from elsewhere through {@link #executor}, and what another thread completes comes back by {@link #here} or by an {@code
 * …Async} stage of one of these futures.
 *
 * <p>To cancel a future, or its {@code orTimeout}, stops the operation that it waits for, however many stages are in between: a
 * read gives up its claim and leaves what comes to the next one, a dial is given up, a write is waited for no more. (Other
 * {@code CompletableFuture}s leave what is below alone.) That, too, is for the domain.
 */
public final class AsyncConnection {
    private final Connection connection;
    private final Intake intake = new Intake();
    private final Executor executor;
    private final CompletableFuture<Cause> closed;
    /** What waits for other threads and timers. */
    private final Set<ConnectionFuture<?>> awaited = ConcurrentHashMap.newKeySet(1);

    private @Nullable ConnectionFuture<@Nullable ByteBuffer> reading;
    private final ArrayDeque<ConnectionFuture<Void>> drains = new ArrayDeque<>(1);
    private boolean receiving;
    /** What was offered and left unread. */
    private boolean left;

    private boolean peerEnded;
    /** Reads are at the end where nothing is left: the peer has ended, or the server drains. */
    private boolean ending;

    private volatile boolean over; // read by other threads' here()
    private Cause why = Cause.LOCAL;
    private @Nullable CompletionStage<?> serving;

    private AsyncConnection(Connection connection) {
        this.connection = connection;
        this.executor = task -> {
            if (!connection.execute(task)) {
                throw new RejectedExecutionException("the connection is closed, or too many tasks wait for it");
            }
        };
        this.closed = new ConnectionFuture<>(this, null);
    }

    /**
     * Opens a session that a promise serves.
     *
     * @param handler called when the connection is established; when its stage is done the connection is closed, queued output
     *     first. Where the stage fails with an {@link IOException} that is all; any other exception is the session's
     *     failure, logged and counted. Where the connection closes first, what the stage waits for is stopped
     */
    public static Session session(
            Connection connection, Function<? super AsyncConnection, ? extends CompletionStage<?>> handler) {
        AsyncConnection opened = new AsyncConnection(connection);
        return new AsyncSession(opened, true, () -> {
            CompletionStage<?> served = handler.apply(opened);
            opened.serving = served;
            follow(served, (value, error) -> opened.served(error));
        });
    }

    /**
     * Dials in the owner's domain. The future fails with {@link ConnectionClosedException} where the connection can't be
     * established; to cancel it gives the dial up.
     */
    public static CompletableFuture<AsyncConnection> dial(AsyncConnection owner, SocketAddress remote) {
        ConnectionFuture<AsyncConnection> dialled = new ConnectionFuture<>(owner, Origin.of("dial"));
        Client.dial(owner.connection, remote, connection -> {
            AsyncConnection opened = new AsyncConnection(connection);
            follow(dialled, (value, error) -> {
                if (error != null) {
                    connection.abort(); // given up, or timed out
                }
            });
            follow(opened.closed, (cause, error) -> dialled.fail(new ConnectionClosedException(cause)));
            return new AsyncSession(opened, false, () -> dialled.complete(opened));
        });
        return dialled;
    }

    /** The connection below, for all that needs no promise. */
    public Connection connection() {
        return connection;
    }

    // ---- reading: one at a time

    /** The bytes that come next, a copy; null at the end. */
    public CompletableFuture<@Nullable ByteBuffer> read() {
        ConnectionFuture<@Nullable ByteBuffer> future = claim("read");
        if (future == reading) {
            intake.wantSome(Integer.MAX_VALUE);
            begin(future);
        }
        return future;
    }

    /**
     * All in front of a delimiter, which is taken off; a copy. Null where the end comes first; {@link EOFException} where it comes
     * in the middle; {@link FrameTooLongException} where there is no delimiter behind so many bytes.
     */
    public CompletableFuture<@Nullable ByteBuffer> readUntil(String delimiter, int most) {
        ConnectionFuture<@Nullable ByteBuffer> future = claim("readUntil");
        if (future == reading) {
            intake.wantUntil(delimiter.getBytes(StandardCharsets.ISO_8859_1), most);
            begin(future);
        }
        return future;
    }

    /** So many bytes, a copy; null where the end comes first, {@link EOFException} where it comes in the middle. */
    public CompletableFuture<@Nullable ByteBuffer> readExactly(int count) {
        ConnectionFuture<@Nullable ByteBuffer> future = claim("readExactly");
        if (future == reading) {
            intake.wantExactly(count);
            begin(future);
        }
        return future;
    }

    private ConnectionFuture<@Nullable ByteBuffer> claim(String operation) {
        ConnectionFuture<@Nullable ByteBuffer> future = new ConnectionFuture<>(this, Origin.of(operation));
        if (reading != null && !reading.isDone()) {
            future.fail(new IllegalStateException("a read is under way: one at a time, so chain this one behind it"));
        } else {
            reading = future;
        }
        return future;
    }

    private void begin(ConnectionFuture<@Nullable ByteBuffer> future) {
        if (over) {
            future.fail(new ConnectionClosedException(why));
        } else if (receiving) {
            return; // received() serves it: a chain of reads is a loop there, and no recursion
        } else {
            serve(null);
            if (!future.isDone() && left) {
                connection.resumeReading();
            }
        }
    }

    void received(ByteBuffer input) {
        receiving = true;
        try {
            serve(input);
        } finally {
            receiving = false;
            left = input.hasRemaining();
        }
    }

    /** Gives the read that waits its frame, and the one that this leads to, as long as there is enough. */
    private void serve(@Nullable ByteBuffer input) {
        for (ConnectionFuture<@Nullable ByteBuffer> future = reading; future != null; future = reading) {
            if (future.isDone()) {
                reading = null; // cancelled
                return;
            }
            try {
                ByteBuffer frame = input == null ? intake.take() : intake.take(input);
                if (frame == null) {
                    endIfEnded(future, input);
                    return;
                }
                ByteBuffer copy =
                        ByteBuffer.allocate(frame.remaining()).put(frame).flip();
                if (input != null) {
                    intake.release(input);
                }
                reading = null;
                future.complete(copy);
            } catch (FrameTooLongException e) {
                reading = null;
                future.fail(e);
            }
        }
    }

    private void endIfEnded(ConnectionFuture<@Nullable ByteBuffer> future, @Nullable ByteBuffer input) {
        if (ending && (input == null ? !left : !input.hasRemaining())) {
            reading = null;
            if (intake.hasGathered()) {
                future.fail(new EOFException("the end came in the middle of what was to be read"));
            } else {
                future.complete(null);
            }
        }
    }

    void ended() {
        peerEnded = true;
        endReading();
    }

    private void endReading() {
        ending = true;
        serve(null);
    }

    /** The server drains: a read that has nothing yet is at the end. */
    void stopping() {
        if (!intake.hasGathered()) {
            endReading();
        }
    }

    // ---- writing

    /** Queues bytes, a copy; done when queued output stands below the high-water mark, at once as a rule. */
    public CompletableFuture<Void> write(ByteBuffer bytes) {
        long before = connection.queuedBytes();
        boolean empty = !bytes.hasRemaining();
        return written(connection.write(bytes) && (empty || connection.queuedBytes() > before));
    }

    /** As {@link #write(ByteBuffer)}, for one buffer behind the other. */
    public CompletableFuture<Void> write(ByteBuffer... buffers) {
        long before = connection.queuedBytes();
        boolean empty = true;
        boolean below = true;
        for (ByteBuffer bytes : buffers) {
            empty &= !bytes.hasRemaining();
            below = connection.write(bytes);
        }
        return written(below && (empty || connection.queuedBytes() > before));
    }

    /** As {@link #write(ByteBuffer)}, for a text in ISO 8859-1. */
    public CompletableFuture<Void> write(String text) {
        return write(ByteBuffer.wrap(text.getBytes(StandardCharsets.ISO_8859_1)));
    }

    /**
     * A write's future.
     *
     * @param goesOn false above the high-water mark, and where the connection took nothing: it is about to close, and writes in a
     *     loop must wait for that, or they would hold up its domain for ever
     */
    private CompletableFuture<Void> written(boolean goesOn) {
        ConnectionFuture<Void> future = new ConnectionFuture<>(this, Origin.of("write"));
        if (over) {
            future.fail(new ConnectionClosedException(why));
        } else if (goesOn) {
            future.complete(null);
        } else {
            drains.add(future);
        }
        return future;
    }

    void drained() {
        for (int n = drains.size(); n > 0; n--) {
            drains.remove().complete(null);
        }
    }

    // ---- the end

    /** Sends what was written, ends this side, and closes; done when the connection is gone, with the reason. */
    public CompletableFuture<Cause> close() {
        connection.close();
        return closed();
    }

    /** Done when the connection is gone, with the reason. */
    public CompletableFuture<Cause> closed() {
        return closed.copy();
    }

    void closed(Cause cause) {
        why = cause;
        over = true;
        ConnectionFuture<@Nullable ByteBuffer> read = reading;
        reading = null;
        if (read != null) {
            read.fail(new ConnectionClosedException(cause));
        }
        while (!drains.isEmpty()) {
            drains.remove().fail(new ConnectionClosedException(cause));
        }
        if (serving instanceof ConnectionFuture<?> stage) {
            stage.stop(new ConnectionClosedException(cause)); // whatever it waits for, though it be another connection
        }
        for (ConnectionFuture<?> future : awaited) {
            future.fail(new ConnectionClosedException(cause));
        }
        closed.complete(cause);
    }

    /** The handler's stage is done, on whatever thread. */
    private void served(@Nullable Throwable error) {
        Throwable cause = error == null ? null : unwrapped(error);
        DomainTasks.enter(connection, () -> {
            if (cause == null || cause instanceof IOException) {
                finish();
            } else {
                DomainTasks.fail(connection, cause);
            }
        });
    }

    private void finish() {
        if (peerEnded) {
            connection.end();
        } else {
            connection.close();
        }
    }

    // ---- other threads, other futures

    /** Runs tasks inside the connection's domain, from any thread; refuses them where {@link Connection#execute} does. */
    public Executor executor() {
        return executor;
    }

    /**
     * A future that follows a stage that is completed anywhere, but completes inside the connection's domain; from any
     * thread. Fails with {@link ConnectionClosedException} where the connection closes first.
     */
    public <T> CompletableFuture<T> here(CompletionStage<T> elsewhere) {
        ConnectionFuture<T> future = awaited("here");
        follow(
                elsewhere,
                (value, error) -> DomainTasks.enter(connection, () -> {
                    if (error == null) {
                        future.complete(value);
                    } else {
                        future.fail(error);
                    }
                }));
        return future;
    }

    /**
     * Done when all are. The first that fails stops the rest, and is what it fails with at once.
     *
     * @param all of this connection, of what it dialled, or any others
     */
    public CompletableFuture<Void> together(CompletableFuture<?>... all) {
        ConnectionFuture<Void> future = new ConnectionFuture<>(this, Origin.of("together"));
        future.waitsFor(all);
        int[] missing = {all.length};
        for (CompletableFuture<?> one : all) {
            follow(one, (value, error) -> {
                if (error != null) {
                    future.stop(unwrapped(error));
                } else if (--missing[0] == 0) {
                    future.complete(null);
                }
            });
        }
        if (all.length == 0) {
            future.complete(null);
        }
        return future;
    }

    private static Throwable unwrapped(Throwable error) {
        return error instanceof CompletionException && error.getCause() != null ? error.getCause() : error;
    }

    @SuppressWarnings("FutureReturnValueIgnored") // what follows does not fail
    private static <T> void follow(CompletionStage<T> stage, BiConsumer<? super T, ? super Throwable> then) {
        stage.whenComplete(then);
    }

    /** Done after a time. Fails with {@link ConnectionClosedException} where the connection closes first. */
    public CompletableFuture<Void> after(Duration delay) {
        ConnectionFuture<Void> future = awaited("after");
        Connection.Timer timer = connection.after(delay.toNanos(), () -> future.complete(null));
        follow(future, (value, error) -> timer.cancel());
        return future;
    }

    /** A future that waits for something else than the connection, but no longer than that lives. */
    private <T> ConnectionFuture<T> awaited(String operation) {
        ConnectionFuture<T> future = new ConnectionFuture<>(this, Origin.of(operation));
        awaited.add(future);
        follow(future, (value, error) -> awaited.remove(future));
        if (over) {
            future.fail(new ConnectionClosedException(why));
        }
        return future;
    }

    /**
     * Repeats a promise as long as it gives true; done when it gives false. A chain that calls itself would grow with each
     * round, on the stack or on the heap; this does not.
     */
    public CompletableFuture<Void> repeat(Supplier<? extends CompletionStage<Boolean>> round) {
        ConnectionFuture<Void> done = new ConnectionFuture<>(this, Origin.of("repeat"));
        new Repetition(round, done).run();
        return done;
    }
}
