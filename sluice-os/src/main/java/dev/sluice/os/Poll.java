package dev.sluice.os;

import static java.lang.foreign.MemoryLayout.PathElement.groupElement;

import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.StructLayout;
import java.lang.foreign.ValueLayout;

/**
 * poll(2) and ppoll(2). An array of entries is the caller's memory, {@link #ENTRY_BYTES} for each; an entry whose
 * descriptor is negative is skipped by the kernel.
 *
 * <pre>struct pollfd { int fd; short events; short revents; };  // 8 bytes, poll.h</pre>
 */
public final class Poll {
    public static final int POLLIN = 0x1;
    public static final int POLLPRI = 0x2;
    public static final int POLLOUT = 0x4;
    public static final int POLLERR = 0x8;
    public static final int POLLHUP = 0x10;
    public static final int POLLNVAL = 0x20;
    /** Linux, and FreeBSD since 13. */
    public static final int POLLRDHUP = Platform.pick(0x2000, 0, 0x4000);

    static final StructLayout POLLFD = MemoryLayout.structLayout(
            ValueLayout.JAVA_INT.withName("fd"),
            ValueLayout.JAVA_SHORT.withName("events"),
            ValueLayout.JAVA_SHORT.withName("revents"));

    /** The size of one entry in an array. */
    public static final int ENTRY_BYTES = (int) POLLFD.byteSize();

    private static final long FD = POLLFD.byteOffset(groupElement("fd"));
    private static final long EVENTS = POLLFD.byteOffset(groupElement("events"));
    private static final long REVENTS = POLLFD.byteOffset(groupElement("revents"));

    private static final MemorySegment POLL = Native.function("poll");
    private static final MemorySegment PPOLL = Native.function("ppoll");

    private Poll() {}

    /** The number of entries with something in {@code revents}; a negative time-out waits for ever. */
    public static int poll(long entries, int count, int timeoutMillis, CallState state) {
        return state.result(Native.intCall(POLL, state, entries, (long) count, timeoutMillis));
    }

    /**
     * As {@link #poll} with a time-out in nanoseconds, and with the thread's signal mask replaced while it waits: a
     * signal blocked before and let in by {@code sigmask} can't arrive between a check and the wait. {@code sigmask} is
     * the address of a sigset_t, or 0 to leave the mask. {@code -ENOSYS} on macOS.
     */
    public static int ppoll(long entries, int count, long timeoutNanos, long sigmask, CallState state) {
        long timeout = Timespec.orForever(state.scratch(), timeoutNanos);
        return state.result(Native.intCall(PPOLL, state, entries, (long) count, timeout, sigmask));
    }

    /** Waits for one descriptor: the bits that are ready, 0 when the time is over, or -errno. */
    public static int pollOne(int fd, int events, int timeoutMillis, CallState state) {
        long entry = state.scratch();
        set(entry, 0, fd, events);
        int result = poll(entry, 1, timeoutMillis, state);
        return result <= 0 ? result : revents(entry, 0);
    }

    /** Fills an entry; its the returned events become 0. */
    public static void set(long entries, int index, int fd, int events) {
        long at = entries + (long) index * ENTRY_BYTES;
        NativeMemory.putInt(at + FD, fd);
        NativeMemory.putShort(at + EVENTS, (short) events);
        NativeMemory.putShort(at + REVENTS, (short) 0);
    }

    public static int fd(long entries, int index) {
        return NativeMemory.getInt(entries + (long) index * ENTRY_BYTES + FD);
    }

    public static int events(long entries, int index) {
        return NativeMemory.getShort(entries + (long) index * ENTRY_BYTES + EVENTS);
    }

    /** What the kernel found, including {@link #POLLERR}, {@link #POLLHUP} and {@link #POLLNVAL} unasked. */
    public static int revents(long entries, int index) {
        return NativeMemory.getShort(entries + (long) index * ENTRY_BYTES + REVENTS);
    }
}
