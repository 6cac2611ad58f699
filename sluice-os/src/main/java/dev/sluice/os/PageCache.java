package dev.sluice.os;

import java.lang.foreign.MemorySegment;

/** posix_fadvise(2): what the kernel keeps of a file in memory. */
public final class PageCache {
    private static final int POSIX_FADV_RANDOM = 1;
    private static final int POSIX_FADV_DONTNEED = 4; // on every architecture but s390

    private static final MemorySegment FADVISE = Native.function("posix_fadvise");

    private PageCache() {}

    /**
     * Drops a file's pages that nobody has mapped or written since they were last synced.
     *
     * @return 0, or -errno; {@code -ENOSYS} where the system has no such call
     */
    public static int drop(int fd, CallState state) {
        return Native.negated(Native.intCall(FADVISE, state, fd, 0, 0, POSIX_FADV_DONTNEED));
    }

    /**
     * Has reads by this open file bring in what they ask for, and no more: the kernel doesn't read ahead for them.
     *
     * @return as {@link #drop}
     */
    public static int randomAccess(int fd, CallState state) {
        return Native.negated(Native.intCall(FADVISE, state, fd, 0, 0, POSIX_FADV_RANDOM));
    }
}
