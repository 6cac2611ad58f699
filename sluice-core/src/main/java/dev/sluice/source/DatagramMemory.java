package dev.sluice.source;

import dev.sluice.os.DatagramCalls;
import dev.sluice.os.SocketAddresses;
import dev.sluice.os.SocketMessages;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;

/**
 * Memory for so many datagrams in one system call: their headers, addresses and bytes. The collector's, so that a buffer that
 * a handler keeps against the rules can't become another's.
 */
final class DatagramMemory {
    private static final int IOVEC_BYTES = (int) SocketMessages.IOVEC.byteSize();

    private final int maxBytes;
    private final int pieceBytes;
    private final ByteBuffer bytes;
    private final ByteBuffer rest;
    private final long iovecs;
    private final long addresses;
    private final long pieces;
    /** The array for {@link DatagramCalls}. */
    final long entries;

    DatagramMemory(int count, int maxBytes) {
        this.maxBytes = maxBytes;
        this.pieceBytes = (maxBytes + 7) & ~7;
        this.bytes = ByteBuffer.allocateDirect(count * pieceBytes);
        this.rest = ByteBuffer.allocateDirect(
                count * (DatagramCalls.ENTRY_BYTES + IOVEC_BYTES + SocketAddresses.MAX_BYTES));
        this.pieces = MemorySegment.ofBuffer(bytes).address();
        this.entries = MemorySegment.ofBuffer(rest).address();
        this.iovecs = entries + (long) count * DatagramCalls.ENTRY_BYTES;
        this.addresses = iovecs + (long) count * IOVEC_BYTES;
        for (int i = 0; i < count; i++) {
            SocketMessages.iovec(iovecs, i, pieces + (long) i * pieceBytes, maxBytes);
            DatagramCalls.set(entries, i, iovecs + (long) i * IOVEC_BYTES, address(i), SocketAddresses.MAX_BYTES);
        }
    }

    /** Where the address of a datagram is. */
    long address(int index) {
        return addresses + (long) index * SocketAddresses.MAX_BYTES;
    }

    /** The bytes of a datagram that was received. */
    ByteBuffer received(int index) {
        int length = Math.min(DatagramCalls.length(entries, index), maxBytes);
        int at = index * pieceBytes;
        return bytes.clear().position(at).limit(at + length);
    }

    /** Copies the bytes of a datagram that is to be sent. */
    void fill(int index, ByteBuffer from) {
        int length = from.remaining();
        bytes.clear().position(index * pieceBytes).put(from);
        SocketMessages.iovec(iovecs, index, pieces + (long) index * pieceBytes, length);
    }

    /** Makes room for addresses, whose lengths the kernel has overwritten. */
    void makeRoom(int count) {
        for (int i = 0; i < count; i++) {
            DatagramCalls.addressBytes(entries, i, SocketAddresses.MAX_BYTES);
        }
    }
}
