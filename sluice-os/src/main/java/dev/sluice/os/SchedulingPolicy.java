package dev.sluice.os;

import java.lang.foreign.MemorySegment;

/** sched_setscheduler(2) and sched_getscheduler(2): which threads the kernel lets take a core from others. Linux only. */
public final class SchedulingPolicy {
    /** Ordinary threads: one that wakes up may take the core from one that runs. */
    public static final int SCHED_OTHER = 0;
    /** The same share of a core, but one that wakes up waits until whoever runs there has had its slice, or waits itself. */
    public static final int SCHED_BATCH = 3;

    private static final MemorySegment SET = Native.function("sched_setscheduler");
    private static final MemorySegment GET = Native.function("sched_getscheduler");

    private SchedulingPolicy() {}

    /**
     * Sets the policy of a thread of this process, and of those that it starts from then on; needs no privilege.
     *
     * @param thread its number, as in {@code /proc/self/task}; 0 for the calling one
     * @return 0, or -errno ({@code ESRCH} where it has ended, {@code ENOSYS} where there is no such call, as in musl)
     */
    public static int set(int thread, int policy, CallState state) {
        long parameters = state.scratch(); // struct sched_param: the priority, 0 in both policies
        NativeMemory.putInt(parameters, 0);
        return state.result(Native.intCall(SET, state, thread, policy, parameters));
    }

    /**
     * A thread's policy.
     *
     * @param thread as above
     * @return the policy, or -errno
     */
    public static int get(int thread, CallState state) {
        return state.result(Native.intCall(GET, state, thread));
    }
}
