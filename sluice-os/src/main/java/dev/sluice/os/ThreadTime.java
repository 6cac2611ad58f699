package dev.sluice.os;

import static dev.sluice.os.Native.INT;
import static dev.sluice.os.Native.LONG;

import java.lang.invoke.MethodHandle;

/** clock_gettime(2): the processor time of a thread. */
public final class ThreadTime {
    /** {@code CLOCK_THREAD_CPUTIME_ID} of each system's {@code time.h}. */
    private static final int CLOCK = Platform.isMacos() ? 16 : Platform.isFreebsd() ? 14 : 3;

    private static final MethodHandle GET = Native.intCall("clock_gettime", INT, LONG);

    private ThreadTime() {}

    /** Nanoseconds that the calling thread has run, in user mode and in the kernel; or -errno. */
    public static long nanos(CallState state) {
        long time = state.scratch();
        int result;
        try {
            result = state.result((int) GET.invokeExact(state.segment(), CLOCK, time));
        } catch (Throwable e) {
            throw Native.unexpected(e);
        }
        return result < 0 ? result : Timespec.nanos(time);
    }
}
