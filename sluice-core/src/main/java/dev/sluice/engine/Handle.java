package dev.sluice.engine;

import java.net.SocketAddress;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * An engine's own record of one socket. Opaque above the engine. Used on the engine's thread only.
 *
 * <p>{@link #completion} is set by whoever adopts the handle, before the first operation is started on it.
 */
public abstract class Handle {
    private @Nullable Completion completion;

    public final void completion(Completion completion) {
        this.completion = completion;
    }

    public final Completion completion() {
        return Objects.requireNonNull(completion, "an operation was started on a handle that has no completion");
    }

    public abstract SocketAddress localAddress();

    public abstract SocketAddress remoteAddress();

    /** As {@link #remoteAddress}, from any thread; null where only the engine's may ask, or a descriptor tells. */
    public @Nullable SocketAddress remoteAddressFromOutside() {
        return null;
    }

    /** The kernel's descriptor, or -1 where the engine holds none (JDK channels, direct descriptors). */
    public abstract int descriptor();
}
