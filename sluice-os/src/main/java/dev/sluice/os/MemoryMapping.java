package dev.sluice.os;

import static dev.sluice.os.Native.INT;
import static dev.sluice.os.Native.LONG;

import java.lang.invoke.MethodHandle;

/** mmap(2) and munmap(2). */
public final class MemoryMapping {
    public static final int PROT_READ = 1;
    public static final int PROT_WRITE = 2;
    public static final int MAP_SHARED = 1;
    public static final int MAP_PRIVATE = 2;
    public static final int MAP_ANONYMOUS = Platform.pick(0x20, 0x1000, 0x1000);
    /** Linux only: the pages are there when the call returns. */
    public static final int MAP_POPULATE = Platform.pick(0x8000, 0, 0);

    private static final long MAP_FAILED = -1;

    private static final MethodHandle MMAP = Native.longCall("mmap", LONG, LONG, INT, INT, INT, LONG);
    private static final MethodHandle MUNMAP = Native.intCall("munmap", LONG, LONG);

    private MemoryMapping() {}

    /** The address of the mapping, which the caller unmaps, or -errno. */
    public static long mmap(long length, int protection, int flags, int fd, long offset, CallState state) {
        try {
            long address = (long) MMAP.invokeExact(state.segment(), 0L, length, protection, flags, fd, offset);
            return address == MAP_FAILED ? -state.errno() : address;
        } catch (Throwable e) {
            throw Native.unexpected(e);
        }
    }

    /** Zeroed pages of this process alone, which are taken when first touched; or -errno. */
    public static long anonymous(long length, CallState state) {
        return mmap(length, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0, state);
    }

    public static int munmap(long address, long length, CallState state) {
        try {
            return state.result((int) MUNMAP.invokeExact(state.segment(), address, length));
        } catch (Throwable e) {
            throw Native.unexpected(e);
        }
    }
}
