package dev.sluice.os;

import java.lang.foreign.MemorySegment;

/** mmap(2) and munmap(2). */
public final class MemoryMapping {
    public static final int PROT_READ = 1;
    public static final int PROT_WRITE = 2;
    static final int PROT_EXEC = 4;
    public static final int MAP_SHARED = 1;
    public static final int MAP_PRIVATE = 2;
    public static final int MAP_ANONYMOUS = Platform.pick(0x20, 0x1000, 0x1000);
    /** Linux only: the pages are there when the call returns. */
    public static final int MAP_POPULATE = Platform.pick(0x8000, 0, 0);

    private static final long MAP_FAILED = -1;

    private static final MemorySegment MMAP = Native.function("mmap");
    private static final MemorySegment MUNMAP = Native.function("munmap");

    private MemoryMapping() {}

    /** The address of the mapping, which the caller unmaps, or -errno. */
    public static long mmap(long length, int protection, int flags, int fd, long offset, CallState state) {
        long address = Native.longCall(MMAP, state, 0L, length, protection, flags, fd, offset);
        return address == MAP_FAILED ? -state.errno() : address;
    }

    /** Zeroed pages of this process alone, which are taken when first touched; or -errno. */
    public static long anonymous(long length, CallState state) {
        return mmap(length, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0, state);
    }

    public static int munmap(long address, long length, CallState state) {
        return state.result(Native.intCall(MUNMAP, state, address, length));
    }
}
