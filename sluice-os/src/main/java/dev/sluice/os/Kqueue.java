package dev.sluice.os;

import static java.lang.foreign.MemoryLayout.PathElement.groupElement;

import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.StructLayout;
import java.lang.foreign.SymbolLookup;
import java.lang.foreign.ValueLayout;

/**
 * kqueue(2) and kevent(2) of macOS and FreeBSD; on Linux those of libkqueue, where it is installed. Lists of changes
 * and events are the caller's memory, {@link #EVENT_BYTES} for each.
 *
 * <pre>
 * struct kevent { uintptr_t ident; int16_t filter; uint16_t flags; uint32_t fflags;
 *                 intptr_t data; void *udata; };                            // 32 bytes, macOS and libkqueue
 * sys/event.h
 * struct kevent { uintptr_t ident; short filter; unsigned short flags; unsigned int fflags;
 *                 int64_t data; void *udata; uint64_t ext[4]; };            // 64 bytes, FreeBSD 12 sys/event.h
 * </pre>
 */
public final class Kqueue {
    /**
     * Whether this machine has kqueue.
     *
     * @param reason why not; empty if it has
     * @param cure what to do about it; empty if it has
     */
    public record Availability(boolean available, String reason, String cure) {}

    public static final int EVFILT_READ = -1;
    public static final int EVFILT_WRITE = -2;
    public static final int EVFILT_PROC = -5;
    public static final int EVFILT_SIGNAL = -6;
    public static final int EVFILT_TIMER = -7;
    public static final int EVFILT_USER = Platform.pick(-11, -10, -11);

    public static final int EV_ADD = 0x0001;
    public static final int EV_DELETE = 0x0002;
    public static final int EV_ENABLE = 0x0004;
    public static final int EV_DISABLE = 0x0008;
    public static final int EV_ONESHOT = 0x0010;
    public static final int EV_CLEAR = 0x0020;
    /** Each change is answered with an {@link #EV_ERROR} event, whose data is 0 if it succeeded. */
    public static final int EV_RECEIPT = 0x0040;

    public static final int EV_DISPATCH = 0x0080;
    public static final int EV_ERROR = 0x4000;
    public static final int EV_EOF = 0x8000;

    public static final int NOTE_TRIGGER = 0x0100_0000;
    public static final int NOTE_EXIT = 0x8000_0000;

    static final StructLayout KEVENT_32 = MemoryLayout.structLayout(
            ValueLayout.JAVA_LONG.withName("ident"),
            ValueLayout.JAVA_SHORT.withName("filter"),
            ValueLayout.JAVA_SHORT.withName("flags"),
            ValueLayout.JAVA_INT.withName("fflags"),
            ValueLayout.JAVA_LONG.withName("data"),
            ValueLayout.JAVA_LONG.withName("udata"));
    static final StructLayout KEVENT_64 = MemoryLayout.structLayout(
            ValueLayout.JAVA_LONG.withName("ident"),
            ValueLayout.JAVA_SHORT.withName("filter"),
            ValueLayout.JAVA_SHORT.withName("flags"),
            ValueLayout.JAVA_INT.withName("fflags"),
            ValueLayout.JAVA_LONG.withName("data"),
            ValueLayout.JAVA_LONG.withName("udata"),
            MemoryLayout.sequenceLayout(4, ValueLayout.JAVA_LONG).withName("ext"));

    private static final StructLayout KEVENT = Platform.isFreebsd() ? KEVENT_64 : KEVENT_32;

    /** The size of one event in a list. */
    public static final int EVENT_BYTES = (int) KEVENT.byteSize();

    private static final long IDENT = KEVENT.byteOffset(groupElement("ident"));
    private static final long FILTER = KEVENT.byteOffset(groupElement("filter"));
    private static final long FLAGS = KEVENT.byteOffset(groupElement("flags"));
    private static final long FFLAGS = KEVENT.byteOffset(groupElement("fflags"));
    private static final long DATA = KEVENT.byteOffset(groupElement("data"));
    private static final long UDATA = KEVENT.byteOffset(groupElement("udata"));

    private static final String LINUX_LIBRARY = "libkqueue.so.0";
    private static final SymbolLookup LIBRARY = library();
    private static final MemorySegment KQUEUE = Native.function(LIBRARY, "kqueue");
    private static final MemorySegment KEVENT_CALL = Native.function(LIBRARY, "kevent");

    private Kqueue() {}

    /** Whether the calls are there; where they aren't, each answers {@code -ENOSYS}. */
    public static Availability availability() {
        if (LIBRARY.find("kqueue").isPresent()) {
            return new Availability(true, "", "");
        }
        return switch (Platform.OS) {
            case LINUX ->
                new Availability(
                        false,
                        "the Linux kernel has no kqueue, and " + LINUX_LIBRARY + " isn't installed",
                        "use epoll, or install libkqueue");
            case MACOS, FREEBSD, OTHER ->
                new Availability(false, "the C library has no kqueue", "use nio, the portable reactor");
        };
    }

    /** A new queue's descriptor, which a child doesn't inherit; or -errno. */
    public static int kqueue(CallState state) {
        return state.result(Native.intCall(KQUEUE, state));
    }

    /**
     * Applies changes, then waits for events. A change that fails becomes an event with {@link #EV_ERROR} while there
     * is room for it, and else the call's own error.
     *
     * @param timeoutNanos how long to wait at most; negative for ever
     * @return the number of events written to {@code events}, or -errno
     */
    public static int kevent(
            int kq, long changes, int changeCount, long events, int maxEvents, long timeoutNanos, CallState state) {
        long timeout = Timespec.orForever(state.scratch(), timeoutNanos);
        return state.result(Native.intCall(KEVENT_CALL, state, kq, changes, changeCount, events, maxEvents, timeout));
    }

    /** Fills an entry of a list of changes, as EV_SET does. */
    public static void set(
            long list, int index, long ident, int filter, int flags, int fflags, long data, long userData) {
        long at = list + (long) index * EVENT_BYTES;
        NativeMemory.clear(at, EVENT_BYTES);
        NativeMemory.putLong(at + IDENT, ident);
        NativeMemory.putShort(at + FILTER, (short) filter);
        NativeMemory.putShort(at + FLAGS, (short) flags);
        NativeMemory.putInt(at + FFLAGS, fflags);
        NativeMemory.putLong(at + DATA, data);
        NativeMemory.putLong(at + UDATA, userData);
    }

    /** The descriptor, process or signal that an event is about. */
    public static long ident(long list, int index) {
        return NativeMemory.getLong(list + (long) index * EVENT_BYTES + IDENT);
    }

    public static int filter(long list, int index) {
        return NativeMemory.getShort(list + (long) index * EVENT_BYTES + FILTER);
    }

    public static int flags(long list, int index) {
        return Short.toUnsignedInt(NativeMemory.getShort(list + (long) index * EVENT_BYTES + FLAGS));
    }

    /** The filter's own flags; with {@link #EV_EOF} of a socket the errno that ended it, or 0. */
    public static int fflags(long list, int index) {
        return NativeMemory.getInt(list + (long) index * EVENT_BYTES + FFLAGS);
    }

    /** The bytes to read, the room to write, or with {@link #EV_ERROR} a positive errno. */
    public static long data(long list, int index) {
        return NativeMemory.getLong(list + (long) index * EVENT_BYTES + DATA);
    }

    /** What was registered with the event. */
    public static long userData(long list, int index) {
        return NativeMemory.getLong(list + (long) index * EVENT_BYTES + UDATA);
    }

    private static SymbolLookup library() {
        return Platform.isLinux() ? Native.library(LINUX_LIBRARY) : Native.libc();
    }
}
