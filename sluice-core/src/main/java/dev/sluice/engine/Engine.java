package dev.sluice.engine;

import dev.sluice.OpenFile;
import java.net.SocketAddress;
import org.jspecify.annotations.Nullable;

/**
 * How an operation waits. Completion-shaped: an operation is started, and its result is told to the handle's
 * {@link Completion}. One thread uses an engine, apart from what says otherwise.
 */
public interface Engine extends AutoCloseable {
    /**
     * Opens a listening socket; not accepting yet.
     *
     * @throws dev.sluice.os.SysException where the kernel refuses (EADDRINUSE, EACCES …)
     */
    Handle listen(SocketAddress address, ListenOptions options);

    /** Wraps a listening descriptor that was opened elsewhere (shared between loops or inherited). Closing it closes the descriptor. */
    Handle listenOn(int descriptor);

    /** Accepts until stopped. Newcomers are non-blocking where the engine needs it, with the listener's options. */
    void accept(Handle listener);

    /** Stops accepting; a newcomer under way may still be told. */
    void stopAccepting(Handle listener);

    /**
     * Takes a newcomer who waits in the listener's queue, whether accepting or not, and tells of it before it returns; no failure. For a
     * listener that is about to be closed: whoever is left in its queue is reset, though to the peer the connection was made. Not for a
     * socket that another process waits at: where the engine blocks, it no longer does.
     *
     * @return whether there may be another
     */
    boolean acceptNow(Handle listener);

    /**
     * Takes over a connection of another engine of the same kind: a newcomer that it accepted and that has no operation on it,
     * or one that it {@link #release}d.
     */
    Handle adopt(Handle foreign);

    /**
     * Lets go of a connection without closing it, for another engine to {@link #adopt}. What its peer sends from now on waits in
     * the kernel. Its handle is good for nothing else afterwards.
     *
     * @return false where something of it is armed or in flight, so that it stays; ask again after the next poll
     */
    default boolean release(Handle handle) {
        throw new UnsupportedOperationException("connections of this engine can't move");
    }

    /**
     * Opens a socket and connects it.
     *
     * @return the handle, whose completion must be set before the next poll; failures are told by {@code connected}
     * @throws dev.sluice.os.SysException where no socket can be opened (EMFILE …)
     */
    Handle connect(SocketAddress remote);

    /** The address of a connection's own end. A direct descriptor is asked through its ring. */
    default SocketAddress localAddress(Handle handle) {
        return handle.localAddress();
    }

    /** The address of a connection's peer. */
    default SocketAddress remoteAddress(Handle handle) {
        return handle.remoteAddress();
    }

    /** Arms receiving, until stopped, ended or closed. Arming twice does nothing. */
    void receive(Handle handle);

    /**
     * Has what a connection receives stay in the kernel, told by {@link Completion#receivedInKernel}, where this engine can; or no
     * longer. Where there is no pipe to be had it goes on as usual.
     *
     * @return whether it does from now on
     */
    default boolean receiveInKernel(Handle handle, boolean on) {
        return false;
    }

    /** Disarms receiving. */
    void stopReceiving(Handle handle);

    /**
     * Sends a chain of chunks; at most one send or sendFile is in flight for each handle. The chain belongs to the engine
     * until {@code sent} (or {@code closed}): it must stay put and unchanged.
     */
    void send(Handle handle, Chunk first);

    /** Sends a file's bytes. The file stays retained by the caller until {@code sent} (or {@code closed}). */
    void sendFile(Handle handle, OpenFile file, long position, long count);

    /** Ends the sending side: {@code shutdown(SHUT_WR)}. Not while a send is in flight. */
    void shutdownOutput(Handle handle);

    /**
     * Closes; cancels what is in flight; {@code closed} follows from a later poll.
     *
     * @param reset whether the peer is to see a reset (SO_LINGER 0) rather than an end
     */
    void close(Handle handle, boolean reset);

    /** Whether {@link #watch} works; where not, a {@link SharedWatcher} does the same. */
    default boolean canWatch() {
        return false;
    }

    /**
     * Watches a descriptor of somebody else's, which must not block its reader (or whose reader asks poll(2) first).
     *
     * @throws IllegalStateException where this engine has the descriptor already
     */
    default Watch watch(int fd, Watch.Ready ready) {
        throw new UnsupportedOperationException("this engine can't watch descriptors");
    }

    /**
     * Receives the datagrams of somebody else's socket, where this engine has another way than to {@link #watch} it.
     *
     * @param addressBytes of its peers' addresses
     * @param maxBytes of a datagram: the rest of a longer one is lost
     * @param count datagrams of a batch; memory is held for so many
     * @param ready is told when {@link DatagramInput#receive} has something, or {@link DatagramInput#UNSUPPORTED}
     * @return null where it has none
     */
    default @Nullable DatagramInput datagrams(int fd, int addressBytes, int maxBytes, int count, Watch.Ready ready) {
        return null;
    }

    /** The names of what is active of that which an engine may have or not, for people; empty where there is no choice. */
    default String features() {
        return "";
    }

    /** What this engine has done so far. */
    EngineCounters counters();

    /** Releases everything, after all handles were closed. */
    @Override
    void close();
}
