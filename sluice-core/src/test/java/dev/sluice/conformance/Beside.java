package dev.sluice.conformance;

import dev.sluice.sim.Blocking;
import dev.sluice.sim.Strand;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** What goes on beside a test, in blocking calls: on a thread, and in a world on one that takes turns with it. */
final class Beside implements AutoCloseable {
    private final @Nullable Strand strand;
    private final CompletableFuture<Void> done = new CompletableFuture<>();

    private Beside(Strand.Body body) {
        if (Blocking.inWorld()) {
            strand = Strand.start(body);
            return;
        }
        strand = null;
        Thread.ofVirtual().start(() -> {
            try {
                body.run();
                done.complete(null);
            } catch (Throwable e) {
                done.completeExceptionally(e);
            }
        });
    }

    static Beside start(Strand.Body body) {
        return new Beside(body);
    }

    private boolean hasEnded() {
        return strand == null ? done.isDone() : strand.hasEnded();
    }

    /** Waits for its end. */
    void join() {
        Await.until("the end of what goes on beside the test", this::hasEnded);
        Throwable failure =
                strand != null ? strand.failure() : done.isCompletedExceptionally() ? done.exceptionNow() : null;
        if (failure != null) {
            throw new AssertionError("beside the test: " + failure, failure);
        }
    }

    /** A world can't end before all that takes turns with it; a thread ends with its sockets. */
    @Override
    public void close() {
        if (strand != null) {
            strand.abandon();
        }
    }
}
