package dev.sluice.engine;

import dev.sluice.os.Descriptors;
import java.util.ArrayDeque;
import org.jspecify.annotations.Nullable;

/**
 * The pipes of one engine. One is lent for as long as it holds bytes, so that idle connections have none, and kept when it is empty
 * again. For the engine's thread.
 */
final class PipePool implements AutoCloseable {
    /** Pipes that are kept without a use; each is two descriptors. */
    private static final int KEPT_MOST = 32;

    private final FdCalls calls;
    private final ArrayDeque<KernelPipe> idle = new ArrayDeque<>();

    PipePool(FdCalls calls) {
        this.calls = calls;
    }

    /** An empty pipe with one user; null where there is none to be had. */
    @Nullable
    KernelPipe take() {
        KernelPipe kept = idle.pollLast();
        if (kept != null) {
            return kept.lent();
        }
        long pair = calls.pipe();
        return pair < 0 ? null : new KernelPipe(this, Descriptors.first(pair), Descriptors.second(pair)).lent();
    }

    /** One that still holds bytes, for a connection that broke, is closed with them. */
    void takeBack(KernelPipe pipe) {
        if (pipe.isEmpty() && idle.size() < KEPT_MOST) {
            idle.addLast(pipe);
        } else {
            close(pipe);
        }
    }

    private void close(KernelPipe pipe) {
        calls.close(pipe.readEnd);
        calls.close(pipe.writeEnd);
    }

    @Override
    public void close() {
        idle.forEach(this::close);
        idle.clear();
    }
}
