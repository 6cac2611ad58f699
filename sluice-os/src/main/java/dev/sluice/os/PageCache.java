package dev.sluice.os;

import static java.lang.foreign.MemoryLayout.PathElement.groupElement;

import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.StructLayout;
import java.lang.foreign.ValueLayout;

/** What the kernel keeps of a file in memory: posix_fadvise(2) and cachestat(2). */
public final class PageCache {
    private static final int POSIX_FADV_RANDOM = 1;
    private static final int POSIX_FADV_DONTNEED = 4; // on every architecture but s390

    private static final int NR_CACHESTAT = 451; // on every architecture; no C library of 2025 wraps it

    /** struct cachestat_range of linux/mman.h. */
    static final StructLayout RANGE =
            MemoryLayout.structLayout(ValueLayout.JAVA_LONG.withName("off"), ValueLayout.JAVA_LONG.withName("len"));
    /** struct cachestat, in pages. */
    static final StructLayout FOUND = MemoryLayout.structLayout(
            ValueLayout.JAVA_LONG.withName("nr_cache"),
            ValueLayout.JAVA_LONG.withName("nr_dirty"),
            ValueLayout.JAVA_LONG.withName("nr_writeback"),
            ValueLayout.JAVA_LONG.withName("nr_evicted"),
            ValueLayout.JAVA_LONG.withName("nr_recently_evicted"));

    private static final long RANGE_OFF = RANGE.byteOffset(groupElement("off"));
    private static final long RANGE_LEN = RANGE.byteOffset(groupElement("len"));
    private static final long FOUND_NR_CACHE = FOUND.byteOffset(groupElement("nr_cache"));

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

    /**
     * Counts a file's pages that are there, of which some may still be being read. Touches none of them. None is there of a file whose
     * reads need no page cache (DAX), or go to another file beneath it (overlayfs).
     *
     * @param length in bytes, at least 1
     * @return how many of the {@link #pages} there are, or -errno: {@code -ENOSYS} before Linux 6.5, {@code -EPERM} for a file that is
     *     neither ours nor one that we may write
     */
    public static long count(int fd, long offset, long length, CallState state) {
        if (!Platform.isLinux()) {
            return -Errno.ENOSYS;
        }
        long range = state.scratch();
        long found = range + RANGE.byteSize();
        NativeMemory.putLong(range + RANGE_OFF, offset);
        NativeMemory.putLong(range + RANGE_LEN, length);
        long result = state.result(Native.longCall(Native.SYSCALL, state, NR_CACHESTAT, fd, range, found, 0));
        return result < 0 ? result : NativeMemory.getLong(found + FOUND_NR_CACHE);
    }

    /** The pages that hold a part of a file. */
    public static long pages(long offset, long length) {
        long page = Platform.pageBytes();
        return (offset + length - 1) / page - offset / page + 1;
    }
}
