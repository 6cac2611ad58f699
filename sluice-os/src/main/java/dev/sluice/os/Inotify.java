package dev.sluice.os;

import static java.lang.foreign.MemoryLayout.PathElement.groupElement;

import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.StructLayout;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;

/**
 * inotify(7), Linux: changes of files and directories, read from a descriptor, many in one read(2).
 *
 * <pre>struct inotify_event { int wd; uint32_t mask, cookie, len; char name[len]; };  // 16 bytes and a name padded with NULs</pre>
 */
public final class Inotify {
    public static final int IN_NONBLOCK = 0x800;
    public static final int IN_CLOEXEC = 0x8_0000;

    public static final int IN_ATTRIB = 0x4;
    public static final int IN_MODIFY = 0x2;
    public static final int IN_CLOSE_WRITE = 0x8;
    public static final int IN_MOVED_FROM = 0x40;
    public static final int IN_MOVED_TO = 0x80;
    public static final int IN_CREATE = 0x100;
    public static final int IN_DELETE = 0x200;
    public static final int IN_DELETE_SELF = 0x400;
    public static final int IN_MOVE_SELF = 0x800;
    /** The queue was full (fs.inotify.max_queued_events): what came then is lost. */
    public static final int IN_Q_OVERFLOW = 0x4000;
    /** The watch is gone, since its file is or since it was removed. */
    public static final int IN_IGNORED = 0x8000;

    public static final int IN_ISDIR = 0x4000_0000;

    static final StructLayout EVENT = MemoryLayout.structLayout(
            ValueLayout.JAVA_INT.withName("wd"),
            ValueLayout.JAVA_INT.withName("mask"),
            ValueLayout.JAVA_INT.withName("cookie"),
            ValueLayout.JAVA_INT.withName("len"));
    /** Of an event, before its name. */
    public static final int EVENT_BYTES = (int) EVENT.byteSize();

    private static final long WATCH = EVENT.byteOffset(groupElement("wd"));
    private static final long MASK = EVENT.byteOffset(groupElement("mask"));
    private static final long LENGTH = EVENT.byteOffset(groupElement("len"));

    private static final MemorySegment INIT = Native.function("inotify_init1");
    private static final MemorySegment ADD = Native.function("inotify_add_watch");
    private static final MemorySegment REMOVE = Native.function("inotify_rm_watch");

    private Inotify() {}

    /** A descriptor, or -errno: {@code -EMFILE} also where the user has fs.inotify.max_user_instances of them. */
    public static int init(int flags, CallState state) {
        return state.result(Native.intCall(INIT, state, flags));
    }

    /**
     * Watches a path, once: the same file twice is the same watch.
     *
     * @return the watch's number, or -errno: {@code -ENOSPC} where the user has fs.inotify.max_user_watches of them
     */
    public static int add(int fd, String path, int mask, CallState state) {
        long at = state.path(path);
        return at < 0 ? (int) at : state.result(Native.intCall(ADD, state, fd, at, mask));
    }

    /** Ends a watch; {@link #IN_IGNORED} follows. */
    public static int remove(int fd, int watch, CallState state) {
        return state.result(Native.intCall(REMOVE, state, fd, watch));
    }

    /** The watch of the event at an address. */
    public static int watch(long event) {
        return NativeMemory.getInt(event + WATCH);
    }

    public static int mask(long event) {
        return NativeMemory.getInt(event + MASK);
    }

    /** Of the event and its name. */
    public static long bytes(long event) {
        return EVENT_BYTES + (NativeMemory.getInt(event + LENGTH) & 0xffff_ffffL);
    }

    /** The name within the directory that is watched; empty where the watched file itself is meant. */
    public static String name(long event) {
        byte[] bytes = new byte[(int) (bytes(event) - EVENT_BYTES)];
        NativeMemory.copy(event + EVENT_BYTES, bytes, 0, bytes.length);
        int length = 0;
        while (length < bytes.length && bytes[length] != 0) {
            length++;
        }
        return new String(bytes, 0, length, StandardCharsets.UTF_8);
    }
}
