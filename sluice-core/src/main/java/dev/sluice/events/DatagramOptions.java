package dev.sluice.events;

import java.net.InetSocketAddress;
import org.jspecify.annotations.Nullable;

/**
 * What a datagram socket is like.
 *
 * @param local the address that it is bound to; port 0 lets the kernel pick one
 * @param remote the only peer that it talks to, or null for any
 * @param maxBytes of a datagram, up to 65,507; longer ones come truncated. Memory is held for {@code batch} of them, once for each
 *     direction
 * @param batch datagrams received or sent by one system call, and the length of the queue of those that wait to be sent
 */
public record DatagramOptions(
        InetSocketAddress local, @Nullable InetSocketAddress remote, int maxBytes, int batch) {
    /** The most that UDP over IPv4 carries. */
    public static final int MOST_BYTES = 65_507;

    private static final int USUAL_BYTES = 2048;
    private static final int USUAL_BATCH = 64;
    private static final int MOST_BATCH = 1024;

    public DatagramOptions {
        if (local.getAddress() == null || remote != null && remote.getAddress() == null) {
            throw new IllegalArgumentException("an address is not resolved: " + local + ", " + remote);
        }
        if (maxBytes < 1 || maxBytes > MOST_BYTES) {
            throw new IllegalArgumentException("a datagram has 1 to " + MOST_BYTES + " bytes, not " + maxBytes);
        }
        if (batch < 1 || batch > MOST_BATCH) {
            throw new IllegalArgumentException("a call takes 1 to " + MOST_BATCH + " datagrams, not " + batch);
        }
    }

    /** Bound to an address, and talks to anyone: datagrams of up to 2,048 bytes, 64 a call. */
    public static DatagramOptions on(InetSocketAddress local) {
        return new DatagramOptions(local, null, USUAL_BYTES, USUAL_BATCH);
    }

    /** The same, connected: the kernel drops what comes from others, and tells where nobody has the peer's port. */
    public DatagramOptions connectedTo(InetSocketAddress peer) {
        return new DatagramOptions(local, peer, maxBytes, batch);
    }

    public DatagramOptions maxBytes(int bytes) {
        return new DatagramOptions(local, remote, bytes, batch);
    }

    public DatagramOptions batch(int count) {
        return new DatagramOptions(local, remote, maxBytes, count);
    }
}
