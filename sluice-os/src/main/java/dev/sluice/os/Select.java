package dev.sluice.os;

import static dev.sluice.os.Native.INT;
import static dev.sluice.os.Native.LONG;
import static java.lang.foreign.MemoryLayout.PathElement.groupElement;

import java.lang.foreign.MemoryLayout;
import java.lang.foreign.StructLayout;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
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

    private static final MethodHandle SELECT = Native.intCall("select", INT, LONG, LONG, LONG, LONG);
    private static final MethodHandle PSELECT = Native.intCall("pselect", INT, LONG, LONG, LONG, LONG, LONG);

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
        try {
            return state.result((int) SELECT.invokeExact(
                    state.segment(), checked(count), address(read), address(write), address(except), timeout));
        } catch (Throwable e) {
            throw Native.unexpected(e);
        }
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
        try {
            return state.result((int) PSELECT.invokeExact(
                    state.segment(), checked(count), address(read), address(write), address(except), timeout, sigmask));
        } catch (Throwable e) {
            throw Native.unexpected(e);
        }
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
