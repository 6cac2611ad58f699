package dev.sluice.os;

import java.lang.foreign.MemorySegment;
import java.util.BitSet;

/** sched_setaffinity(2) and sched_getaffinity(2): on which cores the calling thread may run. Linux only. */
public final class Affinity {
    /** {@code sizeof(cpu_set_t)}: 1,024 cores, as the C library's own type. */
    private static final int SET_BYTES = 128;

    private static final int THIS_THREAD = 0;

    private static final MemorySegment SET = Native.function("sched_setaffinity");
    private static final MemorySegment GET = Native.function("sched_getaffinity");

    private Affinity() {}

    /**
     * The numbers of the cores that the calling thread may use, in order.
     *
     * @throws SysException where the kernel doesn't say ({@code ENOSYS} where there is no such call)
     */
    public static int[] cores(CallState state) {
        long set = state.scratch();
        int result = state.result(Native.intCall(GET, state, THIS_THREAD, SET_BYTES, set));
        SysException.check(result, "sched_getaffinity", "");
        long[] words = new long[SET_BYTES / Long.BYTES];
        for (int i = 0; i < words.length; i++) {
            words[i] = NativeMemory.getLong(set + (long) i * Long.BYTES);
        }
        return BitSet.valueOf(words).stream().toArray();
    }

    /**
     * Has the calling thread run on one core only; threads that it starts inherit that.
     *
     * @param core below 1,024
     * @return 0, or -errno ({@code EINVAL} where this thread may not use the core)
     */
    public static int pin(int core, CallState state) {
        long set = state.scratch();
        for (int i = 0; i < SET_BYTES / Long.BYTES; i++) {
            NativeMemory.putLong(set + (long) i * Long.BYTES, i == core / Long.SIZE ? 1L << core % Long.SIZE : 0);
        }
        return state.result(Native.intCall(SET, state, THIS_THREAD, SET_BYTES, set));
    }
}
