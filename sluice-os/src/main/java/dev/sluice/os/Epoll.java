package dev.sluice.os;

import static java.lang.foreign.MemoryLayout.PathElement.groupElement;

import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.StructLayout;
import java.lang.foreign.ValueLayout;

/**
 * epoll(7). An array of events is the caller's memory, {@link #EVENT_BYTES} for each.
 *
 * <pre>
 * struct epoll_event { uint32_t events; epoll_data_t data; } EPOLL_PACKED;  // sys/epoll.h
 * </pre>
 *
 * Packed to 12 bytes on x86-64, so that 32-bit programs see the same structure; 16 bytes everywhere else.
 */
public final class Epoll {
    public static final int EPOLLIN = 0x1;
    public static final int EPOLLPRI = 0x2;
    public static final int EPOLLOUT = 0x4;
    public static final int EPOLLERR = 0x8;
    public static final int EPOLLHUP = 0x10;
    public static final int EPOLLRDHUP = 0x2000;
    /** Since Linux 4.5: of several epoll sets that watch one listener, one or a few are woken instead of all. */
    public static final int EPOLLEXCLUSIVE = 1 << 28;

    public static final int EPOLLONESHOT = 1 << 30;
    public static final int EPOLLET = 1 << 31;

    public static final int EPOLL_CTL_ADD = 1;
    public static final int EPOLL_CTL_DEL = 2;
    public static final int EPOLL_CTL_MOD = 3;
    public static final int EPOLL_CLOEXEC = 0x8_0000;

    static final StructLayout EVENT = Platform.ARCH == Platform.Arch.X86_64
            ? MemoryLayout.structLayout(
                    ValueLayout.JAVA_INT_UNALIGNED.withName("events"), ValueLayout.JAVA_LONG_UNALIGNED.withName("data"))
            : MemoryLayout.structLayout(
                    ValueLayout.JAVA_INT.withName("events"),
                    MemoryLayout.paddingLayout(4),
                    ValueLayout.JAVA_LONG.withName("data"));

    /** The size of one event in an array. */
    public static final int EVENT_BYTES = (int) EVENT.byteSize();

    private static final long EVENTS = EVENT.byteOffset(groupElement("events"));
    private static final long DATA = EVENT.byteOffset(groupElement("data"));

    // 441 on every architecture (asm-generic/unistd.h); the C library's own wrapper came in glibc 2.35 only.
    private static final int NR_EPOLL_PWAIT2 = 441;
    private static final long KERNEL_SIGSET_BYTES = 8;

    private static final MemorySegment CREATE1 = Native.function("epoll_create1");
    private static final MemorySegment CTL = Native.function("epoll_ctl");
    private static final MemorySegment WAIT = Native.function("epoll_wait");

    private Epoll() {}

    /** A new epoll set's descriptor; {@code flags} is {@link #EPOLL_CLOEXEC} or 0. */
    public static int create1(int flags, CallState state) {
        return state.result(Native.intCall(CREATE1, state, flags));
    }

    /** epoll_ctl(2): {@code data} comes back with each event of {@code fd}. */
    public static int ctl(int epoll, int operation, int fd, int events, long data, CallState state) {
        long event = state.scratch();
        NativeMemory.putInt(event + EVENTS, events);
        NativeMemory.putLong(event + DATA, data);
        return state.result(Native.intCall(CTL, state, epoll, operation, fd, event));
    }

    /** epoll_wait(2): the number of events written to {@code buffer}; a negative time-out waits for ever. */
    public static int wait(int epoll, long buffer, int maxEvents, int timeoutMillis, CallState state) {
        return state.result(Native.intCall(WAIT, state, epoll, buffer, maxEvents, timeoutMillis));
    }

    /**
     * epoll_pwait2(2) without a mask, since Linux 5.11 ({@code -ENOSYS} before): as {@link #wait}, with a time-out in
     * nanoseconds.
     */
    public static int pwait2(int epoll, long buffer, int maxEvents, long timeoutNanos, CallState state) {
        long timeout = Timespec.orForever(state.scratch(), timeoutNanos);
        return (int) state.result(Native.longCall(
                Native.SYSCALL, state, NR_EPOLL_PWAIT2, epoll, buffer, maxEvents, timeout, 0, KERNEL_SIGSET_BYTES));
    }

    /** The readiness bits of an event that a wait wrote. */
    public static int events(long buffer, int index) {
        return NativeMemory.getInt(buffer + (long) index * EVENT_BYTES + EVENTS);
    }

    /** The data of an event that a wait wrote. */
    public static long data(long buffer, int index) {
        return NativeMemory.getLong(buffer + (long) index * EVENT_BYTES + DATA);
    }
}
