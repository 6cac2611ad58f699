package dev.sluice.os;

import java.lang.foreign.MemorySegment;

/** eventfd(2), Linux and FreeBSD 13: a counter that wakes whoever waits for its descriptor. */
public final class EventFd {
    public static final int EFD_SEMAPHORE = 1;
    public static final int EFD_NONBLOCK = Platform.pick(0x800, 0, 0x4);
    public static final int EFD_CLOEXEC = Platform.pick(0x8_0000, 0, 0x10_0000);

    private static final MemorySegment EVENTFD = Native.function("eventfd");

    private EventFd() {}

    /** A counter's descriptor, or -errno ({@code -ENOSYS} on macOS: use a pipe). */
    public static int eventfd(int initial, int flags, CallState state) {
        return state.result(Native.intCall(EVENTFD, state, initial, flags));
    }

    /**
     * Adds to the counter: 8, or -errno ({@code -EAGAIN} when it is full, which means that a wake is pending anyway).
     */
    public static long add(int fd, long value, CallState state) {
        long at = state.scratch();
        NativeMemory.putLong(at, value);
        return Descriptors.write(fd, at, Long.BYTES, state);
    }

    /** Takes the counter's value and clears it, or -errno: {@code -EAGAIN} if it is 0. */
    public static long take(int fd, CallState state) {
        long at = state.scratch();
        long result = Descriptors.read(fd, at, Long.BYTES, state);
        return result < 0 ? result : NativeMemory.getLong(at);
    }
}
