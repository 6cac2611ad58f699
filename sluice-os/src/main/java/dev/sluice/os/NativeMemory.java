package dev.sluice.os;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;

/**
 * Memory by address: malloc(3), and loads and stores that cost one instruction.
 *
 * <p>Nothing here checks that an address is valid: a wrong one ends the process. It is for structures shared with the
 * kernel; bytes that a user sees belong in segments and buffers with bounds.
 */
@SuppressWarnings("restricted") // Addresses are the subject; the launcher grants native access to the module.
public final class NativeMemory {
    private static final MemorySegment ALL = MemorySegment.NULL.reinterpret(Long.MAX_VALUE);
    private static final ValueLayout.OfShort SHORT = ValueLayout.JAVA_SHORT_UNALIGNED;
    private static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT_UNALIGNED;
    private static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG_UNALIGNED;

    private static final MemorySegment CALLOC = Native.function("calloc");
    private static final MemorySegment FREE = Native.function("free");

    /** Of all threads at once: calloc answers null instead of an errno that matters, and nobody reads it. */
    private static final CallState UNREAD = CallState.global();

    private NativeMemory() {}

    /**
     * Zeroed memory of at least one byte, aligned for any C type, owned by the caller until {@link #free}.
     *
     * @throws OutOfMemoryError if the C library has none
     */
    public static long allocate(long bytes) {
        if (bytes < 0) {
            throw new IllegalArgumentException("a negative size: " + bytes);
        }
        long address = Native.longCall(CALLOC, UNREAD, 1, Math.max(bytes, 1));
        if (address == 0) {
            throw new OutOfMemoryError("calloc(" + bytes + ") found no native memory");
        }
        return address;
    }

    /**
     * Memory with a path in it, in UTF-8 and with its NUL, owned by the caller as that of {@link #allocate} is.
     *
     * @return its address, or {@code -ENAMETOOLONG}, or {@code -EINVAL} for a path with a NUL in it
     */
    public static long allocatePath(String path) {
        if (path.indexOf('\0') >= 0) {
            return -Errno.EINVAL;
        }
        byte[] bytes = path.getBytes(StandardCharsets.UTF_8);
        if (bytes.length >= CallState.PATH_BYTES) {
            return -Errno.ENAMETOOLONG;
        }
        long at = allocate(bytes.length + 1L); // zeroed, so its NUL is there
        copy(bytes, 0, bytes.length, at);
        return at;
    }

    /** Gives back what {@link #allocate} returned; 0 is ignored, as free(3) does. */
    public static void free(long address) {
        Native.longCall(FREE, UNREAD, address);
    }

    /** A view of memory that the caller owns and keeps alive; the view has bounds, and no lifetime of its own. */
    public static MemorySegment segment(long address, long bytes) {
        return MemorySegment.ofAddress(address).reinterpret(bytes);
    }

    /** The same, usable until the arena is closed. The arena doesn't free the memory. */
    public static MemorySegment segment(long address, long bytes, Arena arena) {
        return MemorySegment.ofAddress(address).reinterpret(bytes, arena, null);
    }

    /** memcpy(3): the ranges must not overlap. */
    public static void copy(long from, long to, long bytes) {
        MemorySegment.copy(ALL, from, ALL, to, bytes);
    }

    /** Copies native bytes into a heap array. */
    public static void copy(long from, byte[] to, int offset, int length) {
        MemorySegment.copy(ALL, ValueLayout.JAVA_BYTE, from, to, offset, length);
    }

    /** Copies heap bytes into native memory. */
    public static void copy(byte[] from, int offset, int length, long to) {
        MemorySegment.copy(from, offset, ALL, ValueLayout.JAVA_BYTE, to, length);
    }

    /** Sets every byte of a range to zero. */
    public static void clear(long address, long bytes) {
        ALL.asSlice(address, bytes).fill((byte) 0);
    }

    public static byte getByte(long address) {
        return ALL.get(ValueLayout.JAVA_BYTE, address);
    }

    public static short getShort(long address) {
        return ALL.get(SHORT, address);
    }

    public static int getInt(long address) {
        return ALL.get(INT, address);
    }

    public static long getLong(long address) {
        return ALL.get(LONG, address);
    }

    public static void putByte(long address, byte value) {
        ALL.set(ValueLayout.JAVA_BYTE, address, value);
    }

    public static void putShort(long address, short value) {
        ALL.set(SHORT, address, value);
    }

    public static void putInt(long address, int value) {
        ALL.set(INT, address, value);
    }

    public static void putLong(long address, long value) {
        ALL.set(LONG, address, value);
    }

    /** The whole address space, for the var handles of rings that need ordered access. */
    static MemorySegment all() {
        return ALL;
    }
}
