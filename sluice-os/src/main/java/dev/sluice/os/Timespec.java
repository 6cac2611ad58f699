package dev.sluice.os;

import static java.lang.foreign.MemoryLayout.PathElement.groupElement;

import java.lang.foreign.MemoryLayout;
import java.lang.foreign.StructLayout;
import java.lang.foreign.ValueLayout;

/**
 * Durations as the kernel takes them, {@code time.h} and {@code linux/time_types.h}:
 *
 * <pre>struct timespec { time_t tv_sec; long tv_nsec; };  // 16 bytes; struct __kernel_timespec is the same</pre>
 */
final class Timespec {
    static final StructLayout LAYOUT = MemoryLayout.structLayout(
            ValueLayout.JAVA_LONG.withName("tv_sec"), ValueLayout.JAVA_LONG.withName("tv_nsec"));

    private static final long SEC = LAYOUT.byteOffset(groupElement("tv_sec"));
    private static final long NSEC = LAYOUT.byteOffset(groupElement("tv_nsec"));
    private static final long NANOS_PER_SECOND = 1_000_000_000L;

    private Timespec() {}

    static void put(long address, long nanos) {
        NativeMemory.putLong(address + SEC, nanos / NANOS_PER_SECOND);
        NativeMemory.putLong(address + NSEC, nanos % NANOS_PER_SECOND);
    }

    /** Writes a time-out and returns its address, or 0 (wait for ever) for a negative one. */
    static long orForever(long address, long timeoutNanos) {
        if (timeoutNanos < 0) {
            return 0;
        }
        put(address, timeoutNanos);
        return address;
    }

    static long nanos(long address) {
        return NativeMemory.getLong(address + SEC) * NANOS_PER_SECOND + NativeMemory.getLong(address + NSEC);
    }
}
