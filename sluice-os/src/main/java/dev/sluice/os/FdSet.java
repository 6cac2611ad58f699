package dev.sluice.os;

import java.lang.foreign.Arena;

/**
 * An {@code fd_set} of sys/select.h: {@link #FD_SETSIZE} bits, 128 bytes, and no room for a higher descriptor. The C
 * macros write past the end for one; this class refuses it. Not thread-safe.
 */
public final class FdSet {
    /** A constant of the C library, not of the kernel; it doesn't grow with the limit on descriptors. */
    public static final int FD_SETSIZE = 1024;

    static final int BYTES = FD_SETSIZE / Byte.SIZE;

    // Words of 64 bits on Linux and FreeBSD and of 32 on macOS: the same bytes on a little-endian machine.
    private final long address;

    /** An empty set that lives as long as the arena does. */
    public FdSet(Arena arena) {
        this.address = arena.allocate(BYTES, Long.BYTES).address();
    }

    /** Whether a set can hold the descriptor. */
    public static boolean fits(int fd) {
        return fd >= 0 && fd < FD_SETSIZE;
    }

    /**
     * Adds a descriptor.
     *
     * @throws IllegalArgumentException if it is {@link #FD_SETSIZE} or more, or negative
     */
    public void set(int fd) {
        long word = word(fd);
        NativeMemory.putLong(word, NativeMemory.getLong(word) | 1L << fd);
    }

    /** Removes a descriptor, with the refusals of {@link #set}. */
    public void clear(int fd) {
        long word = word(fd);
        NativeMemory.putLong(word, NativeMemory.getLong(word) & ~(1L << fd));
    }

    /** Whether the descriptor is in the set, with the refusals of {@link #set}. */
    public boolean isSet(int fd) {
        return (NativeMemory.getLong(word(fd)) & 1L << fd) != 0;
    }

    /** The smallest descriptor in the set that is {@code from} or more, or -1: skips 64 absent ones at a time. */
    public int next(int from) {
        int fd = Math.max(from, 0);
        while (fd < FD_SETSIZE) {
            long rest = NativeMemory.getLong(word(fd)) >>> fd;
            if (rest != 0) {
                return fd + Long.numberOfTrailingZeros(rest);
            }
            fd = (fd | Long.SIZE - 1) + 1;
        }
        return -1;
    }

    /** Makes this set equal to another: select(2) overwrites what it is given. */
    public void copyFrom(FdSet other) {
        NativeMemory.copy(other.address, address, BYTES);
    }

    /** Removes all. */
    public void clear() {
        NativeMemory.clear(address, BYTES);
    }

    long address() {
        return address;
    }

    private long word(int fd) {
        if (!fits(fd)) {
            throw new IllegalArgumentException(
                    "descriptor " + fd + " doesn't fit an fd_set, which holds 0 to " + (FD_SETSIZE - 1));
        }
        return address + (fd >> 6) * (long) Long.BYTES;
    }
}
