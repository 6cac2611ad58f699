package dev.sluice;

import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * A protocol's state for one connection: given bytes, answers with bytes.
 *
 * <p>The callbacks of one session never overlap and each happens-before the next, whichever thread runs them. They must
 * not block, except on the models whose point is that they may ({@code threads}, {@code virtual}, {@code prefork}). An
 * exception from any of them closes the connection with {@link Cause.Kind#FAILURE} and disturbs no other.
 *
 * <p>The order is: {@link #opened} once when the connection is established; then {@link #received}, {@link #drained},
 * tasks and timers in any order; {@link #ended} at most once; {@link #closed} exactly once and last.
 */
public interface Session {
    /** The connection is established: at once for an accepted one, later for one that was dialled. */
    default void opened() throws Exception {}

    /**
     * Lends the bytes that arrived, between the buffer's position and limit, for the length of this call.
     *
     * <p>What is left unread is kept (a copy) and offered again in front of what arrives next. Above the server's input
     * limit receiving stops until the session reads. Nothing is offered while output stands above the high-water mark.
     *
     * @param input lent: neither the buffer nor a slice of it may be used after the call returns
     */
    void received(ByteBuffer input) throws Exception;

    /**
     * Tells of bytes that arrived and stayed in the kernel, since {@link Connection#receiveInKernel} asked for it. They can only be passed
     * on, once, by {@link Connection#transfer} of a connection of the same domain within this call; else they are lost. May come once
     * more after {@link Connection#receiveInKernel} asked for an end of it.
     */
    default void receivedInKernel(FileRegion bytes) throws Exception {
        throw new UnsupportedOperationException("this session did not ask for bytes that stay in the kernel");
    }

    /** Queued output fell below the low-water mark after a write had returned false. */
    default void drained() throws Exception {}

    /**
     * The peer has sent its last byte (half-close) and every byte before it has been offered. The session may still
     * write, and ends its own side with {@link Connection#end}.
     */
    void ended() throws Exception;

    /**
     * The server is draining: finish what is in flight, then {@link Connection#end}. Called at most once. A session that
     * does nothing keeps its connection until the peer ends it or the drain time is over.
     */
    default void stopping() throws Exception {}

    /**
     * What the session is doing now, in a few words for people who look into a running server: of HTTP the request line. Text of a
     * peer's is to be made harmless. May be called on another thread while a callback runs: it reads what it can and changes
     * nothing; what it throws then is taken for null.
     *
     * @return null while it does nothing
     */
    default @Nullable String activity() {
        return null;
    }

    /**
     * What its connection waits for now, in a word of the protocol's: of HTTP as in idle, reading, handling, writing. Asked as {@link
     * #activity} is.
     *
     * @return null of a session that doesn't tell
     */
    default @Nullable String phase() {
        return null;
    }

    /**
     * The connection is gone and holds nothing any more. Called exactly once, last, whatever happened, also where
     * {@link Service#open} returned but the connection was never established.
     */
    default void closed(Cause cause) throws Exception {}
}
