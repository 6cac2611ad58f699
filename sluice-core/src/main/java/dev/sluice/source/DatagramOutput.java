package dev.sluice.source;

import dev.sluice.events.DatagramOptions;
import dev.sluice.os.CallState;
import dev.sluice.os.DatagramCalls;
import dev.sluice.os.Errno;
import dev.sluice.os.NativeMemory;
import dev.sluice.os.SocketAddresses;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/** The datagrams of one socket that wait to be sent: a batch at most. */
final class DatagramOutput {
    private final int fd;
    private final int family;
    private final DatagramOptions options;
    /** Made with the first that is sent. */
    private @Nullable DatagramMemory memory;

    private int first;
    private int count;
    /** The kernel has no room: what is queued waits for it. */
    private boolean waiting;
    /** A send was refused, which is to be told of when there is room. */
    private boolean refused;

    private int failure;
    private long sent;
    private long dropped;
    private long calls;

    /** Who is answered most: the sender of the datagram that is being told, and its address as the kernel gave it. */
    private @Nullable InetSocketAddress peer;

    private long peerAddress;

    DatagramOutput(int fd, int family, DatagramOptions options) {
        this.fd = fd;
        this.family = family;
        this.options = options;
    }

    void peer(InetSocketAddress from, long address) {
        peer = from;
        peerAddress = address;
    }

    void noPeer() {
        peer = null;
    }

    boolean isFull() {
        return count == options.batch();
    }

    boolean isWaiting() {
        return waiting;
    }

    long sentCount() {
        return sent;
    }

    long droppedCount() {
        return dropped;
    }

    long callCount() {
        return calls;
    }

    /** The errno, negative, of what failed since this was last asked, or 0. */
    int takeFailure() {
        int taken = failure;
        failure = 0;
        return taken;
    }

    /** Queues a copy; false where it finds no room and is dropped. */
    boolean add(ByteBuffer bytes, @Nullable InetSocketAddress to) {
        if (bytes.remaining() > options.maxBytes()) {
            throw new IllegalArgumentException("a datagram of " + bytes.remaining()
                    + " bytes, where this socket's have up to " + options.maxBytes() + " (DatagramOptions.maxBytes)");
        }
        if (isFull()) {
            bytes.position(bytes.limit());
            dropped++;
            refused = true;
            return false;
        }
        DatagramMemory m = memory;
        if (m == null) {
            m = new DatagramMemory(options.batch(), options.maxBytes());
            memory = m;
        }
        int addressBytes = to == null ? 0 : encode(to, m.address(count));
        m.fill(count, bytes);
        DatagramCalls.addressBytes(m.entries, count, addressBytes);
        count++;
        return true;
    }

    private int encode(InetSocketAddress to, long at) {
        if (to == peer) {
            int length = SocketAddresses.internetBytes(family);
            NativeMemory.copy(peerAddress, at, length);
            return length;
        }
        return SocketAddresses.encode(to, family, at);
    }

    /** Sends what the kernel takes; whether there is room again, after a send was refused. */
    boolean flush(CallState state) {
        DatagramMemory m = memory;
        waiting = false;
        while (m != null && first < count && !waiting) {
            calls++;
            int n = DatagramCalls.send(fd, m.entries, first, count - first, state);
            if (n > 0) {
                sent += n;
                first += n;
            } else if (n == -Errno.EAGAIN) {
                waiting = true;
            } else if (n != -Errno.EINTR) {
                failure = n; // the first one's: it is dropped
                dropped++;
                first++;
            }
        }
        if (first < count) {
            return false;
        }
        first = 0;
        count = 0;
        boolean room = refused;
        refused = false;
        return room;
    }
}
