package dev.sluice.style;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.function.BiConsumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** A promise over and over: rounds that are done at once go on in a loop, others where they complete. */
final class Repetition implements BiConsumer<Boolean, @Nullable Throwable> {
    private final Supplier<? extends CompletionStage<Boolean>> round;
    private final ConnectionFuture<Void> done;
    private final CompletableFuture<?>[] current = new CompletableFuture<?>[1];

    /**
     * A repetition that has not begun.
     *
     * @param done is told of the end, and stops the round that is under way
     */
    Repetition(Supplier<? extends CompletionStage<Boolean>> round, ConnectionFuture<Void> done) {
        this.round = round;
        this.done = done;
    }

    @SuppressWarnings("FutureReturnValueIgnored") // done tells
    void run() {
        boolean goesOn = !done.isDone();
        while (goesOn) {
            CompletableFuture<Boolean> now;
            try {
                now = round.get().toCompletableFuture();
            } catch (Throwable e) {
                done.completeExceptionally(e);
                return;
            }
            if (!now.isDone()) {
                current[0] = now;
                done.waitsFor(current);
                now.whenComplete(this);
                return;
            }
            goesOn = goesOnAfter(now);
        }
    }

    private boolean goesOnAfter(CompletableFuture<Boolean> now) {
        if (now.isCompletedExceptionally()) {
            done.completeExceptionally(now.exceptionNow());
            return false;
        }
        return goesOnAfter(now.join());
    }

    private boolean goesOnAfter(boolean again) {
        if (!again) {
            done.complete(null);
        }
        return again;
    }

    @Override
    public void accept(Boolean again, @Nullable Throwable error) {
        if (error != null) {
            boolean wrapped = error instanceof CompletionException && error.getCause() != null;
            done.completeExceptionally(wrapped ? error.getCause() : error);
        } else if (goesOnAfter(again)) {
            run();
        }
    }
}
