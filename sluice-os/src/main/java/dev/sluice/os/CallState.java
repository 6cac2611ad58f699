package dev.sluice.os;

import java.lang.foreign.Arena;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout.PathElement;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.StructLayout;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;

/**
 * Where a downcall leaves {@code errno}, and a little memory for the small structures that a call takes by pointer.
 *
 * <p>One for each loop or thread, made once: allocating one a call costs several times the call. Not thread-safe: two
 * calls with the same state must not overlap.
 */
public final class CallState {
    /** Enough for the largest structure that a binding builds on the way into a call (struct msghdr with one iovec). */
    static final int SCRATCH_BYTES = 256;

    /** PATH_MAX of Linux, with the NUL; macOS and FreeBSD refuse paths above 1024 bytes themselves. */
    static final int PATH_BYTES = 4096;

    private static final StructLayout LAYOUT = Linker.Option.captureStateLayout();
    private static final long ERRNO_OFFSET = LAYOUT.byteOffset(PathElement.groupElement("errno"));
    private static final long SCRATCH_OFFSET = (LAYOUT.byteSize() + 15) & ~15L;

    private final MemorySegment capture;
    private final long scratch;
    private final long errnoAddress;

    /** A state that lives as long as it can be reached: the one for the hot path, as nothing is counted or checked. */
    public CallState() {
        this(Arena.ofAuto(), true);
    }

    /** A state that lives as long as the arena does. Every call holds the arena open, and fails once that is closed. */
    public CallState(Arena arena) {
        this(arena, false);
    }

    private CallState(Arena arena, boolean lasts) {
        MemorySegment whole = arena.allocate(SCRATCH_OFFSET + SCRATCH_BYTES + PATH_BYTES, 16);
        this.capture = whole.asSlice(0, LAYOUT.byteSize());
        this.scratch = whole.address() + SCRATCH_OFFSET;
        this.errnoAddress = lasts && ErrnoStub.isThere() ? whole.address() + ERRNO_OFFSET : 0;
    }

    /** A new state that is never freed: for a thread or loop that lives as long as the process. */
    public static CallState global() {
        return new CallState(Arena.global(), true);
    }

    /** The errno of the last call made with this state; meaningful only when that call failed. */
    public int errno() {
        return capture.get(ValueLayout.JAVA_INT, ERRNO_OFFSET);
    }

    /** The segment that a handle of {@link Native} takes first. */
    MemorySegment segment() {
        return capture;
    }

    /** Where {@link ErrnoStub} leaves errno; 0 where the JDK is to capture it in {@link #segment}. */
    long errnoAddress() {
        return errnoAddress;
    }

    /** The address of {@link #SCRATCH_BYTES} bytes, aligned to 16, whose content lasts until the next call. */
    long scratch() {
        return scratch;
    }

    /**
     * Writes a path behind the scratch memory, in UTF-8 and with its NUL.
     *
     * @return its address, or {@code -ENAMETOOLONG}, or {@code -EINVAL} for a path with a NUL in it, which a call would
     *     cut short
     */
    long path(String path) {
        if (path.indexOf('\0') >= 0) {
            return -Errno.EINVAL;
        }
        byte[] bytes = path.getBytes(StandardCharsets.UTF_8);
        if (bytes.length >= PATH_BYTES) {
            return -Errno.ENAMETOOLONG;
        }
        long at = scratch + SCRATCH_BYTES;
        NativeMemory.copy(bytes, 0, bytes.length, at);
        NativeMemory.putByte(at + bytes.length, (byte) 0);
        return at;
    }

    /** A call's result, or -errno if it is negative. */
    int result(int value) {
        return value >= 0 ? value : -errno();
    }

    /** A call's result, or -errno if it is negative. */
    long result(long value) {
        return value >= 0 ? value : -errno();
    }

    static void setErrno(MemorySegment capture, int errno) {
        capture.set(ValueLayout.JAVA_INT, ERRNO_OFFSET, errno);
    }
}
