package dev.sluice.style;

import dev.sluice.Connection;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.BiConsumer;
import java.util.function.BiFunction;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * A future of a connection, and of what is composed from one. Its stages run where it is completed, inside the connection's
 * domain; the {@code …Async} ones that name no executor do so in a task of their own. Its time-outs are the connection's
 * timers. Where {@link Origin}s are recorded, what a stage throws carries the place where the operation was started.
 */
final class ConnectionFuture<T extends @Nullable Object> extends CompletableFuture<T> {
    private final AsyncConnection owner;
    private final @Nullable Origin origin;

    ConnectionFuture(AsyncConnection owner, @Nullable Origin origin) {
        this.owner = owner;
        this.origin = origin;
    }

    /** Fails, with the place where the operation was started. */
    void fail(Throwable error) {
        Origin.attach(error, origin);
        completeExceptionally(error);
    }

    @Override
    public <U> CompletableFuture<U> newIncompleteFuture() {
        return new ConnectionFuture<>(owner, origin);
    }

    @Override
    public Executor defaultExecutor() {
        return owner.executor();
    }

    @Override
    public CompletableFuture<T> orTimeout(long timeout, TimeUnit unit) {
        if (!isDone()) {
            Connection.Timer timer = owner.connection()
                    .after(
                            unit.toNanos(timeout),
                            () -> fail(new TimeoutException("not done within " + timeout + " " + unit)));
            super.whenComplete((value, error) -> timer.cancel());
        }
        return this;
    }

    @Override
    public CompletableFuture<T> completeOnTimeout(T value, long timeout, TimeUnit unit) {
        if (!isDone()) {
            Connection.Timer timer = owner.connection().after(unit.toNanos(timeout), () -> complete(value));
            super.whenComplete((done, error) -> timer.cancel());
        }
        return this;
    }

    // ---- stages that tell where their operation was started

    @Override
    public <U> CompletableFuture<U> thenApply(Function<? super T, ? extends U> fn) {
        return super.thenApply(told(fn));
    }

    @Override
    public CompletableFuture<Void> thenAccept(Consumer<? super T> action) {
        return super.thenAccept(
                origin == null
                        ? action
                        : value -> told((T v) -> {
                                    action.accept(v);
                                    return v;
                                })
                                .apply(value));
    }

    @Override
    public CompletableFuture<Void> thenRun(Runnable action) {
        return origin == null ? super.thenRun(action) : thenAccept(value -> action.run());
    }

    @Override
    public <U> CompletableFuture<U> thenCompose(Function<? super T, ? extends CompletionStage<U>> fn) {
        return super.thenCompose(told(fn));
    }

    @Override
    public <U> CompletableFuture<U> handle(BiFunction<? super T, Throwable, ? extends U> fn) {
        return super.handle(
                origin == null
                        ? fn
                        : (value, error) -> told((T v) -> fn.apply(v, error)).apply(value));
    }

    @Override
    public CompletableFuture<T> whenComplete(BiConsumer<? super T, ? super Throwable> action) {
        return super.whenComplete(
                origin == null
                        ? action
                        : (value, error) -> told((T v) -> {
                                    action.accept(v, error);
                                    return v;
                                })
                                .apply(value));
    }

    private <A, R> Function<A, R> told(Function<A, R> fn) {
        if (origin == null) {
            return fn;
        }
        return value -> {
            try {
                return fn.apply(value);
            } catch (Throwable e) {
                Origin.attach(e, origin);
                throw e;
            }
        };
    }
}
