package dev.sluice.events;

import java.net.InetSocketAddress;
import java.nio.ByteBuffer;

/**
 * A datagram socket (UDP). What is sent in one callback leaves in as few calls as the kernel allows. Nothing queues without a
 * bound: what finds no place is dropped, as datagrams are, and counted. Used inside of its domain.
 */
public interface Datagrams extends Source {
    /** The address that it has, its port being the one that the kernel picked where 0 was asked for. */
    InetSocketAddress localAddress();

    /**
     * Queues a datagram; copies it before it returns and never blocks. Kernels send IPv4 datagrams from a socket of IPv6 too.
     *
     * @return false where the queue is full, and the datagram is dropped: {@link DatagramHandler#sendable} follows when there
     *     is room
     * @throws IllegalArgumentException where it is longer than {@link DatagramOptions#maxBytes}, or {@code to} is of another
     *     family
     */
    boolean send(ByteBuffer bytes, InetSocketAddress to);

    /** The same to the address that the socket is connected to. */
    boolean send(ByteBuffer bytes);

    /** Receives no more until {@link #resume}: the kernel queues what fits into its buffer, and drops the rest. */
    void pause();

    void resume();

    /** What happened so far. */
    Counts counts();

    /**
     * Counts of datagrams.
     *
     * @param received told to the handler, those that were truncated included
     * @param truncated longer than {@link DatagramOptions#maxBytes}
     * @param sent taken by the kernel
     * @param dropped found no place in the queue, or were refused by the kernel for good
     * @param calls system calls for all that; where a ring receives it makes none but its turn's
     */
    record Counts(long received, long truncated, long sent, long dropped, long calls) {}
}
