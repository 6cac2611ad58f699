package dev.sluice.events;

import java.net.InetSocketAddress;
import java.nio.ByteBuffer;

/** Told of datagrams. */
@FunctionalInterface
public interface DatagramHandler {
    /**
     * A datagram came; it may be empty.
     *
     * @param bytes lent for this call, from position to limit
     * @param from who sent it
     * @param truncated it was longer than {@link DatagramOptions#maxBytes}, and its rest is lost
     */
    void received(ByteBuffer bytes, InetSocketAddress from, boolean truncated) throws Exception;

    /** There is room in the queue again, after a send had returned false. */
    default void sendable() throws Exception {}

    /**
     * The kernel tells of an error: of an earlier send, as where nobody has the peer's port (ECONNREFUSED), or of this
     * one. The socket goes on.
     *
     * @param reason with the errno
     */
    default void failed(String reason) throws Exception {}
}
