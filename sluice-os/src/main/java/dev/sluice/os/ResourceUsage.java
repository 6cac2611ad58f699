package dev.sluice.os;

import static java.lang.foreign.MemoryLayout.PathElement.groupElement;

import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.StructLayout;
import java.lang.foreign.ValueLayout;

/**
 * getrusage(2): what this process has used, threads that have ended included, which /proc leaves out of its context
 * switches; and processor time to the microsecond, of which /proc tells hundredths of a second.
 *
 * <pre>
 * struct rusage { struct timeval ru_utime, ru_stime; long ru_maxrss, ...; long ru_nvcsw, ru_nivcsw; };  // 144 bytes
 * </pre>
 */
public final class ResourceUsage {
    private static final int RUSAGE_SELF = 0;

    static final StructLayout RUSAGE = MemoryLayout.structLayout(
            MemoryLayout.sequenceLayout(4, ValueLayout.JAVA_LONG).withName("ru_utime_and_ru_stime"),
            MemoryLayout.sequenceLayout(12, ValueLayout.JAVA_LONG).withName("ru_maxrss_and_later"),
            ValueLayout.JAVA_LONG.withName("ru_nvcsw"),
            ValueLayout.JAVA_LONG.withName("ru_nivcsw"));
    private static final long VOLUNTARY = RUSAGE.byteOffset(groupElement("ru_nvcsw"));
    private static final long INVOLUNTARY = RUSAGE.byteOffset(groupElement("ru_nivcsw"));

    private static final long SYSTEM = 2L * Long.BYTES; // behind a struct timeval of two longs
    private static final long MICROS = 1_000_000;

    private static final MemorySegment GETRUSAGE = Native.function("getrusage");

    private ResourceUsage() {}

    /** Context switches of all threads of this process since it started, voluntary and not; or -errno. */
    public static long contextSwitches(CallState state) {
        long usage = state.scratch();
        int result = state.result(Native.intCall(GETRUSAGE, state, RUSAGE_SELF, usage));
        return result < 0
                ? result
                : NativeMemory.getLong(usage + VOLUNTARY) + NativeMemory.getLong(usage + INVOLUNTARY);
    }

    /**
     * Processor time of all threads of this process since it started, those that the kernel runs for its rings included.
     *
     * @param into its first two become user and system time, in microseconds
     * @return 0, or -errno
     */
    public static int processorMicros(CallState state, long[] into) {
        long usage = state.scratch();
        int result = state.result(Native.intCall(GETRUSAGE, state, RUSAGE_SELF, usage));
        if (result == 0) {
            into[0] = micros(usage);
            into[1] = micros(usage + SYSTEM);
        }
        return result;
    }

    private static long micros(long time) {
        return NativeMemory.getLong(time) * MICROS + NativeMemory.getInt(time + Long.BYTES);
    }
}
