package dev.sluice.os;

import static java.lang.foreign.MemoryLayout.PathElement.groupElement;

import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.StructLayout;
import java.lang.foreign.ValueLayout;

/**
 * What any descriptor can do: close(2), read(2), write(2), readv(2), writev(2), fcntl(2), dup(2), pipe2(2), splice(2), ioctl(2),
 * sendfile(2), and the limit on their number, getrlimit(2).
 *
 * <pre>struct rlimit { rlim_t rlim_cur; rlim_t rlim_max; };  // 16 bytes, sys/resource.h</pre>
 */
public final class Descriptors {
    public static final int F_DUPFD = 0;
    public static final int F_GETFD = 1;
    public static final int F_SETFD = 2;
    public static final int F_GETFL = 3;
    public static final int F_SETFL = 4;
    public static final int F_DUPFD_CLOEXEC = Platform.pick(1030, 67, 17);
    public static final int FD_CLOEXEC = 1;
    public static final int O_NONBLOCK = Platform.pick(0x800, 0x4, 0x4);
    public static final int O_CLOEXEC = Platform.pick(0x8_0000, 0x100_0000, 0x10_0000);
    public static final int FIONREAD = Platform.pick(0x541B, 0x4004_667F, 0x4004_667F);
    /** Linux only: how much a pipe holds, in bytes. */
    public static final int F_SETPIPE_SZ = 1031;

    private static final int SPLICE_F_MOVE = 1;
    private static final int SPLICE_F_NONBLOCK = 2;
    public static final int RLIMIT_NOFILE = Platform.pick(7, 8, 8);

    static final StructLayout RLIMIT = MemoryLayout.structLayout(
            ValueLayout.JAVA_LONG.withName("rlim_cur"), ValueLayout.JAVA_LONG.withName("rlim_max"));
    private static final long RLIM_CUR = RLIMIT.byteOffset(groupElement("rlim_cur"));
    private static final long RLIM_MAX = RLIMIT.byteOffset(groupElement("rlim_max"));

    private static final MemorySegment CLOSE = Native.function("close");
    private static final MemorySegment READ = Native.function("read");
    private static final MemorySegment WRITE = Native.function("write");
    private static final MemorySegment READV = Native.function("readv");
    private static final MemorySegment WRITEV = Native.function("writev");
    private static final MemorySegment FCNTL = Native.function("fcntl");
    private static final MemorySegment IOCTL = Native.function("ioctl");
    private static final MemorySegment DUP = Native.function("dup");
    private static final MemorySegment DUP2 = Native.function("dup2");
    private static final MemorySegment PIPE = Native.function("pipe");
    private static final MemorySegment PIPE2 = Native.function("pipe2");
    private static final MemorySegment GETRLIMIT = Native.function("getrlimit");
    private static final MemorySegment SETRLIMIT = Native.function("setrlimit");
    private static final MemorySegment SPLICE = Native.function("splice");
    private static final MemorySegment SENDFILE = Native.function("sendfile");

    private Descriptors() {}

    /** Two descriptors in one long: {@code first | second << 32}. */
    static long pair(int first, int second) {
        return (first & 0xffff_ffffL) | ((long) second << 32);
    }

    /** The first of a pair: of a pipe the end to read from. */
    public static int first(long pair) {
        return (int) pair;
    }

    /** The second of a pair: of a pipe the end to write to. */
    public static int second(long pair) {
        return (int) (pair >> 32);
    }

    /** Closes. The descriptor is gone after {@code -EINTR} too on Linux and FreeBSD: closing again closes another's. */
    public static int close(int fd, CallState state) {
        return state.result(Native.intCall(CLOSE, state, fd));
    }

    /** The bytes read, 0 at the end, or -errno. */
    public static long read(int fd, long address, long length, CallState state) {
        return state.result(Native.longCall(READ, state, fd, address, length));
    }

    /** The bytes written, perhaps fewer than {@code length}, or -errno. */
    public static long write(int fd, long address, long length, CallState state) {
        return state.result(Native.longCall(WRITE, state, fd, address, length));
    }

    /** read(2) into an array of {@link SocketMessages#IOVEC}, at most IOV_MAX (1024) of them. */
    public static long readv(int fd, long iovecs, int count, CallState state) {
        return state.result(Native.longCall(READV, state, fd, iovecs, count));
    }

    /** write(2) from an array of {@link SocketMessages#IOVEC}, at most IOV_MAX (1024) of them. */
    public static long writev(int fd, long iovecs, int count, CallState state) {
        return state.result(Native.longCall(WRITEV, state, fd, iovecs, count));
    }

    /** fcntl(2) with an int argument, which commands without one ignore. */
    public static int fcntl(int fd, int command, int argument, CallState state) {
        return state.result(Native.variadicCall(FCNTL, state, fd, command, argument));
    }

    public static int setNonBlocking(int fd, boolean nonBlocking, CallState state) {
        int flags = fcntl(fd, F_GETFL, 0, state);
        if (flags < 0) {
            return flags;
        }
        int wanted = nonBlocking ? flags | O_NONBLOCK : flags & ~O_NONBLOCK;
        return wanted == flags ? 0 : fcntl(fd, F_SETFL, wanted, state);
    }

    public static int setCloseOnExec(int fd, boolean closeOnExec, CallState state) {
        return fcntl(fd, F_SETFD, closeOnExec ? FD_CLOEXEC : 0, state);
    }

    /** ioctl(2) with a pointer argument. */
    public static int ioctl(int fd, long request, long argument, CallState state) {
        return state.result(Native.variadicCall(IOCTL, state, fd, request, argument));
    }

    /** The bytes that can be read without waiting, or -errno. */
    public static int bytesReadable(int fd, CallState state) {
        long at = state.scratch();
        NativeMemory.putInt(at, 0);
        int result = ioctl(fd, FIONREAD, at, state);
        return result < 0 ? result : NativeMemory.getInt(at);
    }

    /** A duplicate without close-on-exec; {@code fcntl(fd, F_DUPFD_CLOEXEC, 0)} makes one with it. */
    public static int dup(int fd, CallState state) {
        return state.result(Native.intCall(DUP, state, fd));
    }

    public static int dup2(int fd, int newFd, CallState state) {
        return state.result(Native.intCall(DUP2, state, fd, newFd));
    }

    /**
     * A pipe's ends as a pair (read first), or -errno; {@code flags} are {@link #O_NONBLOCK} and {@link #O_CLOEXEC}.
     */
    public static long pipe2(int flags, CallState state) {
        long at = state.scratch();
        int result = state.result(
                Platform.isMacos() ? Native.intCall(PIPE, state, at) : Native.intCall(PIPE2, state, at, flags));
        if (result < 0) {
            return result;
        }
        int readEnd = NativeMemory.getInt(at);
        int writeEnd = NativeMemory.getInt(at + Integer.BYTES);
        if (Platform.isMacos()) {
            setPipeFlags(readEnd, flags, state);
            setPipeFlags(writeEnd, flags, state);
        }
        return pair(readEnd, writeEnd);
    }

    /**
     * Moves bytes between two descriptors of which one is a pipe, without user memory; never waits for the pipe. Linux only.
     *
     * @return bytes moved, 0 at the end of what is read, or -errno
     */
    public static long splice(int from, int to, long count, CallState state) {
        return state.result(Native.longCall(SPLICE, state, from, 0, to, 0, count, SPLICE_F_MOVE | SPLICE_F_NONBLOCK));
    }

    /** The soft limit on descriptors, or -errno; {@link Long#MAX_VALUE} for none. */
    public static long softDescriptorLimit(CallState state) {
        return descriptorLimit(RLIM_CUR, state);
    }

    /** The hard limit, up to which this process may raise its own, or -errno; {@link Long#MAX_VALUE} for none. */
    public static long hardDescriptorLimit(CallState state) {
        return descriptorLimit(RLIM_MAX, state);
    }

    /** Sets the soft limit and leaves the hard one. */
    public static int setSoftDescriptorLimit(long limit, CallState state) {
        long at = state.scratch();
        int result = state.result(Native.intCall(GETRLIMIT, state, RLIMIT_NOFILE, at));
        if (result < 0) {
            return result;
        }
        NativeMemory.putLong(at + RLIM_CUR, limit);
        return state.result(Native.intCall(SETRLIMIT, state, RLIMIT_NOFILE, at));
    }

    /**
     * Sends a file's bytes to a socket without copying them through this process. The file's own position is left
     * alone.
     *
     * @return the bytes sent, 0 at or behind the file's end, or -errno ({@code -EINVAL} and {@code -ENOSYS} mean: read
     *     and write instead)
     */
    public static long sendfile(int socket, int file, long offset, long count, CallState state) {
        long at = state.scratch();
        if (Platform.isMacos()) {
            // int sendfile(int fd, int s, off_t offset, off_t *len, struct sf_hdtr *, int flags)
            NativeMemory.putLong(at, count);
            int result = state.result(Native.intCall(SENDFILE, state, file, socket, offset, at, 0, 0));
            return sentOr(result, at);
        }
        if (Platform.isFreebsd()) {
            // int sendfile(int fd, int s, off_t offset, size_t n, struct sf_hdtr *, off_t *sbytes, int flags)
            NativeMemory.putLong(at, 0);
            int result = state.result((int) Native.longCall(SENDFILE, state, file, socket, offset, count, 0, at, 0));
            return sentOr(result, at);
        }
        NativeMemory.putLong(at, offset);
        return state.result(Native.longCall(SENDFILE, state, socket, file, at, count));
    }

    /** The BSDs answer -1 with EAGAIN or EINTR though a part was sent: that part is the result. */
    private static long sentOr(int result, long sentAddress) {
        long sent = NativeMemory.getLong(sentAddress);
        boolean partly = result == -Errno.EAGAIN || result == -Errno.EINTR;
        return result == 0 || (partly && sent > 0) ? sent : result;
    }

    private static long descriptorLimit(long offset, CallState state) {
        long at = state.scratch();
        int result = state.result(Native.intCall(GETRLIMIT, state, RLIMIT_NOFILE, at));
        long limit = NativeMemory.getLong(at + offset);
        return result < 0 ? result : limit < 0 ? Long.MAX_VALUE : limit; // RLIM_INFINITY is all ones on Linux.
    }

    private static void setPipeFlags(int fd, int flags, CallState state) {
        setNonBlocking(fd, (flags & O_NONBLOCK) != 0, state);
        setCloseOnExec(fd, (flags & O_CLOEXEC) != 0, state);
    }
}
