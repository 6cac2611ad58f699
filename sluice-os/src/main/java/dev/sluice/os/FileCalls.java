package dev.sluice.os;

import static java.lang.foreign.MemoryLayout.PathElement.groupElement;

import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.StructLayout;
import java.lang.foreign.ValueLayout;

/**
 * Files: openat(2), openat2(2), statx(2), pread(2), pwrite(2), readlinkat(2), fsync(2), and their names: renameat(2),
 * unlinkat(2), mkdirat(2). {@link Directories} lists them.
 *
 * <pre>struct open_how { __u64 flags; __u64 mode; __u64 resolve; };  // 24 bytes, linux/openat2.h</pre>
 */
public final class FileCalls {
    public static final int AT_FDCWD = Platform.pick(-100, -2, -100);
    public static final int AT_SYMLINK_NOFOLLOW = Platform.pick(0x100, 0x20, 0x200);
    public static final int AT_EMPTY_PATH = Platform.pick(0x1000, 0, 0x4000);
    /** Of {@link #unlinkat}: removes an empty directory, as rmdir(2). */
    public static final int AT_REMOVEDIR = Platform.pick(0x200, 0x80, 0x800);

    public static final int O_RDONLY = 0;
    public static final int O_WRONLY = 1;
    public static final int O_RDWR = 2;
    public static final int O_CREAT = Platform.pick(0x40, 0x200, 0x200);
    public static final int O_EXCL = Platform.pick(0x80, 0x800, 0x800);
    public static final int O_TRUNC = Platform.pick(0x200, 0x400, 0x400);
    public static final int O_APPEND = Platform.pick(0x400, 0x8, 0x8);
    public static final int O_DSYNC = Platform.pick(0x1000, 0x40_0000, 0x100_0000);
    /** A FIFO opened for reading would wait for a writer without it. */
    public static final int O_NONBLOCK = Descriptors.O_NONBLOCK;

    /** Opening a terminal doesn't make it this process's. */
    public static final int O_NOCTTY = Platform.pick(0x100, 0x2_0000, 0x8000);

    public static final int O_CLOEXEC = Descriptors.O_CLOEXEC;
    public static final int O_NOATIME = Platform.pick(0x4_0000, 0, 0);
    public static final int O_PATH = Platform.pick(0x20_0000, 0, 0x40_0000);

    // Three flags of which arm and aarch64 have their own (arch/arm64/include/uapi/asm/fcntl.h).
    private static final boolean ARM = Platform.ARCH == Platform.Arch.AARCH64;
    public static final int O_DIRECTORY = Platform.pick(ARM ? 0x4000 : 0x1_0000, 0x10_0000, 0x2_0000);
    public static final int O_NOFOLLOW = Platform.pick(ARM ? 0x8000 : 0x2_0000, 0x100, 0x100);
    public static final int O_DIRECT = Platform.pick(ARM ? 0x1_0000 : 0x4000, 0, 0x1_0000);

    public static final long RESOLVE_NO_XDEV = 0x01;
    /** No link of /proc/PID/fd and its like, which jump anywhere. */
    public static final long RESOLVE_NO_MAGICLINKS = 0x02;

    public static final long RESOLVE_NO_SYMLINKS = 0x04;
    /** The path stays below the directory, whatever is renamed meanwhile: {@code EXDEV} if it would leave. */
    public static final long RESOLVE_BENEATH = 0x08;

    public static final long RESOLVE_IN_ROOT = 0x10;
    public static final long RESOLVE_CACHED = 0x20;

    static final StructLayout OPEN_HOW = MemoryLayout.structLayout(
            ValueLayout.JAVA_LONG.withName("flags"),
            ValueLayout.JAVA_LONG.withName("mode"),
            ValueLayout.JAVA_LONG.withName("resolve"));
    private static final long HOW_FLAGS = OPEN_HOW.byteOffset(groupElement("flags"));
    private static final long HOW_MODE = OPEN_HOW.byteOffset(groupElement("mode"));
    private static final long HOW_RESOLVE = OPEN_HOW.byteOffset(groupElement("resolve"));

    // linux/fs.h
    /** Of a write: it ends once what it wrote is durable, as if the file were open with O_DSYNC (open(2)). */
    public static final int RWF_DSYNC = 2;

    private static final int RWF_NOWAIT = 8;

    private static final int STATX_BASIC_STATS = 0x7ff;
    /** Since Linux 6.1: what O_DIRECT must be aligned to. */
    static final int STATX_DIOALIGN = 0x2000;

    private static final int NR_OPENAT2 = 437; // on every architecture; no C library of 2022 wraps it
    // Intel Macs keep the structure with 32-bit inode numbers under the plain names.
    private static final String INODE64 = Platform.isMacos() && !ARM ? "$INODE64" : "";

    private static final MemorySegment OPENAT = Native.function("openat");
    private static final MemorySegment STATX = Native.function("statx");
    private static final MemorySegment FSTATAT = Native.function("fstatat" + INODE64);
    private static final MemorySegment FSTAT = Native.function("fstat" + INODE64);
    private static final MemorySegment PREAD = Native.function("pread");
    private static final MemorySegment PREADV2 = Native.function("preadv2");
    private static final MemorySegment PWRITE = Native.function("pwrite");
    private static final MemorySegment PWRITEV2 = Native.function("pwritev2");
    private static final MemorySegment READLINKAT = Native.function("readlinkat");
    private static final MemorySegment FSYNC = Native.function("fsync");
    private static final MemorySegment FDATASYNC = Native.function("fdatasync");
    private static final MemorySegment FTRUNCATE = Native.function("ftruncate");
    private static final MemorySegment FALLOCATE = Native.function("fallocate");
    private static final MemorySegment RENAMEAT = Native.function("renameat");
    private static final MemorySegment UNLINKAT = Native.function("unlinkat");
    private static final MemorySegment MKDIRAT = Native.function("mkdirat");

    private FileCalls() {}

    /** A descriptor, or -errno; {@code mode} counts only with {@link #O_CREAT}. {@code dirFd} may be AT_FDCWD. */
    public static int openat(int dirFd, String path, int flags, int mode, CallState state) {
        long at = state.path(path);
        if (at < 0) {
            return (int) at;
        }
        return state.result(Native.variadicCall(OPENAT, state, dirFd, at, flags, mode));
    }

    /**
     * As {@link #openat} with {@code RESOLVE_} flags, since Linux 5.6; {@code -ENOSYS} elsewhere and {@code -EPERM} in
     * some sandboxes, {@code -EAGAIN} if a rename raced with {@link #RESOLVE_BENEATH}: try again.
     */
    public static int openat2(int dirFd, String path, int flags, int mode, long resolve, CallState state) {
        if (!Platform.isLinux()) {
            return -Errno.ENOSYS;
        }
        long at = state.path(path);
        if (at < 0) {
            return (int) at;
        }
        long how = state.scratch();
        NativeMemory.putLong(how + HOW_FLAGS, Integer.toUnsignedLong(flags));
        NativeMemory.putLong(how + HOW_MODE, mode);
        NativeMemory.putLong(how + HOW_RESOLVE, resolve);
        return (int)
                state.result(Native.longCall(Native.SYSCALL, state, NR_OPENAT2, dirFd, at, how, OPEN_HOW.byteSize()));
    }

    /** Fills {@code status} for an open file. */
    public static int fstat(int fd, FileStatus status, CallState state) {
        if (Platform.isLinux()) {
            return stat(fd, "", AT_EMPTY_PATH, status, state);
        }
        return state.result(Native.intCall(FSTAT, state, fd, status.address()));
    }

    /** As {@link #fstat}, with {@link FileStatus#directAlignment} where the system tells it. */
    public static int fstatDirect(int fd, FileStatus status, CallState state) {
        if (!Platform.isLinux()) {
            return fstat(fd, status, state);
        }
        int asked = STATX_BASIC_STATS | STATX_DIOALIGN;
        long at = state.path("");
        return state.result(Native.intCall(STATX, state, fd, at, AT_EMPTY_PATH, asked, status.address()));
    }

    /** Fills {@code status} for a path; {@code flags} may be {@link #AT_SYMLINK_NOFOLLOW}. */
    public static int stat(int dirFd, String path, int flags, FileStatus status, CallState state) {
        long at = state.path(path);
        if (at < 0) {
            return (int) at;
        }
        long to = status.address();
        return Platform.isLinux()
                ? state.result(Native.intCall(STATX, state, dirFd, at, flags, STATX_BASIC_STATS, to))
                : state.result(Native.intCall(FSTATAT, state, dirFd, at, to, flags));
    }

    /** The bytes read at an offset, 0 at the file's end, or -errno; the file's position is left alone. */
    public static long pread(int fd, long address, long length, long offset, CallState state) {
        return state.result(Native.longCall(PREAD, state, fd, address, length, offset));
    }

    /**
     * Looks whether the page cache has what stands at an offset, without waiting for it (preadv2(2) with RWF_NOWAIT): 1, 0 behind
     * the file's end, or {@code -EAGAIN} where a read would wait; another -errno where the file system or the system can't tell.
     */
    public static long preadNow(int fd, long offset, CallState state) {
        long vector = state.scratch();
        SocketMessages.iovec(vector, 0, vector + SocketMessages.IOVEC.byteSize(), 1);
        return state.result(Native.longCall(PREADV2, state, fd, vector, 1, offset, RWF_NOWAIT));
    }

    /** The bytes written at an offset, perhaps fewer than {@code length}, or -errno. */
    public static long pwrite(int fd, long address, long length, long offset, CallState state) {
        return state.result(Native.longCall(PWRITE, state, fd, address, length, offset));
    }

    /** As {@link #pwrite}, and what it wrote is durable then (pwritev2(2) with {@link #RWF_DSYNC}); {@code -ENOSYS} on other systems. */
    public static long pwriteDurably(int fd, long address, long length, long offset, CallState state) {
        if (!Platform.isLinux()) {
            return -Errno.ENOSYS;
        }
        long vector = state.scratch();
        SocketMessages.iovec(vector, 0, address, length);
        return state.result(Native.longCall(PWRITEV2, state, fd, vector, 1, offset, RWF_DSYNC));
    }

    /** The length of a symbolic link's target, written without a NUL and cut at {@code length}; or -errno. */
    public static long readlinkat(int dirFd, String path, long address, long length, CallState state) {
        long at = state.path(path);
        if (at < 0) {
            return at;
        }
        return state.result(Native.longCall(READLINKAT, state, dirFd, at, address, length));
    }

    /** Writes content and metadata to the device; on macOS only as far as the drive's cache. */
    public static int fsync(int fd, CallState state) {
        return state.result(Native.intCall(FSYNC, state, fd));
    }

    /** As {@link #fsync}, without metadata that reading doesn't need, such as the time of modification. */
    public static int fdatasync(int fd, CallState state) {
        return state.result(Native.intCall(FDATASYNC, state, fd));
    }

    public static int ftruncate(int fd, long size, CallState state) {
        return state.result(Native.intCall(FTRUNCATE, state, fd, size));
    }

    /** Room for a range, which the file then reaches to the end of: fallocate(2) of Linux; {@code -ENOSYS} elsewhere. */
    public static int fallocate(int fd, long position, long length, CallState state) {
        return state.result(Native.intCall(FALLOCATE, state, fd, 0, position, length));
    }

    /** Renames, in the place of a file that has the other name. */
    public static int renameat(int fromFd, String from, int toFd, String to, CallState state) {
        long at = state.path(from);
        if (at < 0) {
            return (int) at;
        }
        long other = NativeMemory.allocatePath(to);
        if (other < 0) {
            return (int) other;
        }
        try {
            return state.result(Native.intCall(RENAMEAT, state, fromFd, at, toFd, other));
        } finally {
            NativeMemory.free(other);
        }
    }

    /** Removes a name; with {@link #AT_REMOVEDIR} an empty directory's. */
    public static int unlinkat(int dirFd, String path, int flags, CallState state) {
        long at = state.path(path);
        return at < 0 ? (int) at : state.result(Native.intCall(UNLINKAT, state, dirFd, at, flags));
    }

    public static int mkdirat(int dirFd, String path, int mode, CallState state) {
        long at = state.path(path);
        return at < 0 ? (int) at : state.result(Native.intCall(MKDIRAT, state, dirFd, at, mode));
    }
}
