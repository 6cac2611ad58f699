package dev.sluice.engine;

import dev.sluice.FileRegion;
import java.nio.ByteBuffer;

/**
 * Told the results of operations on one {@link Handle}, always from {@link LoopEngine#poll} (on {@code threads}: from the
 * connection's own thread under its lock), never from inside the call that started the operation. A result is a count, or
 * a negative errno.
 */
public interface Completion {
    /** A listener's armed accept: one newcomer, not yet receiving, owned by the callee. */
    default void accepted(Handle peer) {
        throw new IllegalStateException("not a listener");
    }

    /** A listener's accept failed with a negative errno. The accept is still armed; the callee may stop it. */
    default void acceptFailed(int result) {
        throw new IllegalStateException("not a listener");
    }

    /** A listener's newcomer was closed at once because the model can't watch its descriptor (select(2)). */
    default void acceptRefused(int descriptor) {
        throw new IllegalStateException("not a listener");
    }

    /** A connect ended: 0 or a negative errno. */
    void connected(int result);

    /**
     * An armed receive brought bytes (position to limit, at least one), lent until return. May come again after {@link
     * Engine#stopReceiving}, with what was under way (a ring: several times, a turn's worth).
     */
    void received(ByteBuffer bytes);

    /** The same where the bytes stayed in the kernel; the region's file is lent until return, unless it is retained. */
    default void receivedInKernel(FileRegion bytes) {
        throw new IllegalStateException("nobody asked for that");
    }

    /** An armed receive is over: 0 at the end of the stream, else a negative errno. Nothing is received afterwards. */
    void receiveEnded(int result);

    /** A send or sendFile ended: bytes that the kernel took (at least one, perhaps fewer than asked), or a negative errno. */
    void sent(long result);

    /** The handle is closed and nothing of it is in flight: what was given to it can be used again. Always last. */
    void closed();
}
