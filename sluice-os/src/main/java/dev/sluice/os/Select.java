package dev.sluice.os;

import static java.lang.foreign.MemoryLayout.PathElement.groupElement;

import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.StructLayout;
import java.lang.foreign.ValueLayout;
import org.jspecify.annotations.Nullable;

/**
 * select(2) and pselect(2) over {@link FdSet}s, which the call leaves with the ready descriptors only.
 *
 * <pre>struct timeval { time_t tv_sec; suseconds_t tv_usec; };  // 16 bytes, sys/time.h</pre>
 *
 * On macOS {@code tv_usec} is an int with padding behind it, which a little-endian long with a small value fills alike.
 */
public final class Select {
    static final StructLayout TIMEVAL = MemoryLayout.structLayout(
            ValueLayout.JAVA_LONG.withName("tv_sec"), ValueLayout.JAVA_LONG.withName("tv_usec"));
    private static final long SEC = TIMEVAL.byteOffset(groupElement("tv_sec"));
    private static final long USEC = TIMEVAL.byteOffset(groupElement("tv_usec"));
    private static final long MICROS_PER_SECOND = 1_000_000;

    private static final MemorySegment SELECT = Native.function("select");
    private static final MemorySegment PSELECT = Native.function("pselect");

    private Select() {}

    /**
     * The number of bits left in the sets, or -errno; {@code count} is the highest descriptor plus one. A set may be
     * null; a negative time-out waits for ever.
     */
    public static int select(
            int count,
            @Nullable FdSet read,
            @Nullable FdSet write,
            @Nullable FdSet except,
            long timeoutMicros,
            CallState state) {
        long timeout = 0;
        if (timeoutMicros >= 0) {
            timeout = state.scratch();
            NativeMemory.putLong(timeout + SEC, timeoutMicros / MICROS_PER_SECOND);
            NativeMemory.putLong(timeout + USEC, timeoutMicros % MICROS_PER_SECOND);
        }
        return state.result(
                Native.intCall(SELECT, state, checked(count), address(read), address(write), address(except), timeout));
    }

    /** As {@link #select} in nanoseconds; {@code sigmask} as for {@link Poll#ppoll}. */
    public static int pselect(
            int count,
            @Nullable FdSet read,
            @Nullable FdSet write,
            @Nullable FdSet except,
            long timeoutNanos,
            long sigmask,
            CallState state) {
        long timeout = Timespec.orForever(state.scratch(), timeoutNanos);
        return state.result(Native.intCall(
                PSELECT, state, checked(count), address(read), address(write), address(except), timeout, sigmask));
    }

    private static int checked(int count) {
        // The kernel takes any count and reads that many bits, past the end of a set.
        if (count < 0 || count > FdSet.FD_SETSIZE) {
            throw new IllegalArgumentException("select takes 0 to " + FdSet.FD_SETSIZE + " descriptors, not " + count);
        }
        return count;
    }

    private static long address(@Nullable FdSet set) {
        return set == null ? 0 : set.address();
    }
}
