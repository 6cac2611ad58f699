package dev.sluice.engine;

import java.nio.ByteBuffer;

/**
 * Receives the datagrams of somebody else's socket, a batch at a time; the socket is its owner's, who closes it after this. Used by one
 * thread.
 */
public interface DatagramInput extends AutoCloseable {
    /** What {@link Watch.Ready} is told where the kernel can't receive in this way: the owner closes it and takes another one. */
    int UNSUPPORTED = Integer.MIN_VALUE;

    /**
     * Says whether datagrams are wanted from now on. While they aren't, what has come stays: here, where it was received already, and
     * else in the kernel's queue.
     *
     * @return what the owner has to watch the socket for, to know when to call {@link #receive}: {@link Poller#IN}, or 0 where nothing
     *     is wanted, or this tells it by itself
     */
    int interest(boolean wanted);

    /**
     * Takes the datagrams that are there, up to a batch, in the place of those before; after {@link #done} only.
     *
     * @return how many, or a negative errno: {@code -EAGAIN} where there are none
     */
    int receive();

    /** The batch was told: its memory is used again. */
    void done();

    /** The bytes of one of the batch, lent until {@link #done}, or until the next call. */
    ByteBuffer bytes(int index);

    /** Whether it was longer than its room, and the rest of it is lost. */
    boolean isTruncated(int index);

    /** Where its sender's address is, until {@link #done}. */
    long address(int index);

    int addressBytes(int index);

    /** System calls that were made for nothing else. */
    long callCount();

    /** Receives nothing more. Closing twice does nothing. */
    @Override
    void close();
}
