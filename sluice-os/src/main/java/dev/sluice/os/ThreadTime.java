package dev.sluice.os;

import java.lang.foreign.MemorySegment;

/** clock_gettime(2): the processor time of a thread. */
public final class ThreadTime {
    /** {@code CLOCK_THREAD_CPUTIME_ID} of each system's {@code time.h}. */
    private static final int CLOCK = Platform.isMacos() ? 16 : Platform.isFreebsd() ? 14 : 3;

    private static final MemorySegment GET = Native.function("clock_gettime");

    private ThreadTime() {}

    /** Nanoseconds that the calling thread has run, in user mode and in the kernel; or -errno. */
    public static long nanos(CallState state) {
        long time = state.scratch();
        int result = state.result(Native.intCall(GET, state, CLOCK, time));
        return result < 0 ? result : Timespec.nanos(time);
    }
}
