package dev.sluice.style;

import dev.sluice.Connection;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.BiConsumer;
import java.util.function.BiFunction;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * A future of a connection, and of what is composed from one. Its stages run where it is completed, inside the connection's
 * domain; the {@code …Async} ones that name no executor do so in a task of their own. Its time-outs are the connection's
 * timers. To cancel it, or a time-out, stops the operation that it waits for: that fails, and so does all behind it, from
 * below, so that clean-up stages in between run. Where {@link Origin}s are recorded, what a stage throws carries the place where the
 * operation was started.
 */
final class ConnectionFuture<T extends @Nullable Object> extends CompletableFuture<T> {
    private static final CompletableFuture<?>[] NONE = {};

    private final AsyncConnection owner;
    private final @Nullable Origin origin;
    /** What this is a stage of; null for an operation. */
    private final @Nullable ConnectionFuture<?> source;
    /** What a stage of {@link #thenCompose} waits for once its source is done. */
    private @Nullable Composition<?, ?> composition;

    private CompletableFuture<?>[] parts = NONE;

    ConnectionFuture(AsyncConnection owner, @Nullable Origin origin) {
        this(owner, origin, null);
    }

    private ConnectionFuture(AsyncConnection owner, @Nullable Origin origin, @Nullable ConnectionFuture<?> source) {
        this.owner = owner;
        this.origin = origin;
        this.source = source;
    }

    /** Has it wait for others, which end with it. */
    void waitsFor(CompletableFuture<?>... others) {
        parts = others;
    }

    /** Fails, with the place where the operation was started. */
    void fail(Throwable error) {
        Origin.attach(error, origin);
        completeExceptionally(error);
    }

    /** Fails what it waits for, and by that itself. */
    void stop(Throwable error) {
        if (isDone()) {
            return;
        }
        Composition<?, ?> composed = composition;
        if (source != null && !source.isDone()) {
            source.stop(error);
        } else if (composed != null && composed.inner != null) {
            stop(composed.inner.toCompletableFuture(), error);
        }
        for (CompletableFuture<?> part : parts) {
            stop(part, error);
        }
        fail(error);
    }

    private static void stop(CompletableFuture<?> future, Throwable error) {
        if (future instanceof ConnectionFuture<?> ours) {
            ours.stop(error);
        } else {
            future.completeExceptionally(error);
        }
    }

    @Override
    public boolean cancel(boolean mayInterruptIfRunning) {
        if (!isDone()) {
            stop(new CancellationException());
            return true;
        }
        return isCancelled();
    }

    @Override
    public CompletableFuture<T> orTimeout(long timeout, TimeUnit unit) {
        if (!isDone()) {
            limit(timeout, unit, () -> stop(new TimeoutException("not done within " + timeout + " " + unit)));
        }
        return this;
    }

    @Override
    public CompletableFuture<T> completeOnTimeout(T value, long timeout, TimeUnit unit) {
        if (!isDone()) {
            limit(timeout, unit, () -> complete(value));
        }
        return this;
    }

    @SuppressWarnings("FutureReturnValueIgnored") // to cancel does not fail
    private void limit(long timeout, TimeUnit unit, Runnable onTimeout) {
        Connection.Timer timer = owner.connection().after(unit.toNanos(timeout), onTimeout);
        super.whenComplete((value, error) -> timer.cancel());
    }

    @Override
    public <U> CompletableFuture<U> newIncompleteFuture() {
        return new ConnectionFuture<>(owner, origin, this);
    }

    @Override
    public Executor defaultExecutor() {
        return owner.executor();
    }

    // ---- stages that know what they wait for, and tell where their operation was started

    @Override
    public <U> CompletableFuture<U> thenCompose(Function<? super T, ? extends CompletionStage<U>> fn) {
        Composition<T, U> composed = new Composition<>(fn, origin);
        CompletableFuture<U> stage = super.thenCompose(composed);
        if (stage instanceof ConnectionFuture<U> ours) {
            ours.composition = composed;
        }
        return stage;
    }

    @Override
    public <U, V> CompletableFuture<V> thenCombine(
            CompletionStage<? extends U> other, BiFunction<? super T, ? super U, ? extends V> fn) {
        CompletableFuture<V> stage = super.thenCombine(other, fn);
        if (stage instanceof ConnectionFuture<V> ours) {
            ours.waitsFor(other.toCompletableFuture());
        }
        return stage;
    }

    @Override
    public <U> CompletableFuture<U> thenApply(Function<? super T, ? extends U> fn) {
        return super.thenApply(told(fn));
    }

    @Override
    public CompletableFuture<Void> thenAccept(Consumer<? super T> action) {
        if (origin == null) {
            return super.thenAccept(action);
        }
        return super.thenAccept(value -> tell(() -> {
            action.accept(value);
            return value;
        }));
    }

    @Override
    public CompletableFuture<Void> thenRun(Runnable action) {
        return origin == null ? super.thenRun(action) : thenAccept(value -> action.run());
    }

    @Override
    public <U> CompletableFuture<U> handle(BiFunction<? super T, Throwable, ? extends U> fn) {
        return super.handle(origin == null ? fn : (value, error) -> tell(() -> fn.apply(value, error)));
    }

    @Override
    public CompletableFuture<T> whenComplete(BiConsumer<? super T, ? super Throwable> action) {
        if (origin == null) {
            return super.whenComplete(action);
        }
        return super.whenComplete((value, error) -> tell(() -> {
            action.accept(value, error);
            return value;
        }));
    }

    private <A, R> Function<A, R> told(Function<A, R> fn) {
        return origin == null ? fn : value -> tell(() -> fn.apply(value));
    }

    private <R extends @Nullable Object> R tell(Supplier<R> code) {
        try {
            return code.get();
        } catch (Throwable e) {
            Origin.attach(e, origin);
            throw e;
        }
    }

    /** What a composed stage waits for. */
    private static final class Composition<T extends @Nullable Object, U> implements Function<T, CompletionStage<U>> {
        private final Function<? super T, ? extends CompletionStage<U>> fn;
        private final @Nullable Origin origin;
        private @Nullable CompletionStage<U> inner;

        Composition(Function<? super T, ? extends CompletionStage<U>> fn, @Nullable Origin origin) {
            this.fn = fn;
            this.origin = origin;
        }

        @Override
        public CompletionStage<U> apply(T value) {
            try {
                CompletionStage<U> stage = fn.apply(value);
                inner = stage;
                return stage;
            } catch (Throwable e) {
                Origin.attach(e, origin);
                throw e;
            }
        }
    }
}
