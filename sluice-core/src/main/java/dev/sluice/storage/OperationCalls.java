package dev.sluice.storage;

import dev.sluice.EventLog;
import dev.sluice.disk.DiskOption;
import dev.sluice.os.CallState;
import dev.sluice.os.Descriptors;
import dev.sluice.os.Directories;
import dev.sluice.os.Errno;
import dev.sluice.os.FileCalls;
import dev.sluice.os.FileStatus;
import dev.sluice.os.NativeMemory;
import dev.sluice.os.PageCache;
import dev.sluice.os.Platform;
import java.lang.System.Logger.Level;
import java.lang.foreign.Arena;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Objects;
import java.util.Set;

/** Carries an operation out by system calls that wait for the disk. For one thread. */
final class OperationCalls {
    static final int FILE_MODE = 0666;
    static final int DIRECTORY_MODE = 0777;
    /** Where the system doesn't say what direct access must be aligned to: a page is enough on all there is. */
    private static final int UNKNOWN_ALIGNMENT = 4096;

    /** Its memory lasts as long as this does. */
    private final Arena arena = Arena.ofAuto();

    private final CallState state = new CallState();
    private final FileStatus status = new FileStatus(arena);

    /** The flags of open(2). Non-blocking, or a FIFO would be waited for; {@link #opened} takes that back. */
    static int openFlags(Set<DiskOption> options) {
        boolean writes = options.contains(DiskOption.WRITE);
        if (!writes && !options.contains(DiskOption.READ)) {
            throw new IllegalArgumentException("a file is opened for READ, WRITE or both, not for " + options);
        }
        int flags = FileCalls.O_CLOEXEC | FileCalls.O_NONBLOCK | FileCalls.O_NOCTTY;
        flags |= !writes
                ? FileCalls.O_RDONLY
                : options.contains(DiskOption.READ) ? FileCalls.O_RDWR : FileCalls.O_WRONLY;
        flags |= options.contains(DiskOption.CREATE) ? FileCalls.O_CREAT : 0;
        flags |= options.contains(DiskOption.CREATE_NEW) ? FileCalls.O_CREAT | FileCalls.O_EXCL : 0;
        flags |= options.contains(DiskOption.TRUNCATE) ? FileCalls.O_TRUNC : 0;
        flags |= options.contains(DiskOption.DIRECT) ? FileCalls.O_DIRECT : 0;
        return flags;
    }

    /** Carries it out, and tells its disk. */
    void carryOut(Operation op) {
        try {
            op.result = result(op);
        } catch (RuntimeException | Error e) {
            EventLog.log(Level.ERROR, "an operation on a disk failed in the runtime", e);
            op.result = -Errno.EIO;
        }
        op.disk.completed(op);
    }

    /** A count or a negative errno; a call that a signal ended is made again. */
    private long result(Operation op) {
        long result;
        do {
            result = call(op);
        } while (result == -Errno.EINTR && op.kind != Operation.Kind.CLOSE); // close(2): the descriptor is gone even so
        return result;
    }

    private long call(Operation op) {
        return switch (op.kind) {
            case OPEN -> open(op);
            case CLOSE -> close(op.file().fd);
            case READ -> FileCalls.pread(op.file().fd, op.address, op.length, op.position, state);
            case WRITE -> write(op);
            case WRITE_AND_SYNC -> writeAndSync(op);
            case SYNC -> FileCalls.fsync(op.file().fd, state);
            case SYNC_DATA -> FileCalls.fdatasync(op.file().fd, state);
            case ALLOCATE -> FileCalls.fallocate(op.file().fd, op.position, op.room, state);
            case TRUNCATE -> FileCalls.ftruncate(op.file().fd, op.position, state);
            case RENAME -> FileCalls.renameat(FileCalls.AT_FDCWD, op.path(), FileCalls.AT_FDCWD, op.otherPath(), state);
            case REMOVE -> remove(op.path());
            case MAKE_DIRECTORY -> FileCalls.mkdirat(FileCalls.AT_FDCWD, op.path(), DIRECTORY_MODE, state);
            case LIST -> list(op.path(), Objects.requireNonNull(op.names));
        };
    }

    private long open(Operation op) {
        int fd = FileCalls.openat(FileCalls.AT_FDCWD, op.path(), op.openFlags, FILE_MODE, state);
        return fd < 0 ? fd : opened(op, fd);
    }

    /** Looks at what was opened: the descriptor, with what is known of it in the operation; or a negative errno, and it is closed. */
    int opened(Operation op, int fd) {
        int result = op.direct ? FileCalls.fstatDirect(fd, status, state) : FileCalls.fstat(fd, status, state);
        if (result == 0) {
            result = look(op);
        }
        if (result == 0) {
            result = Descriptors.setNonBlocking(fd, false, state);
        }
        if (result < 0) {
            close(fd);
            return result;
        }
        if (op.random) {
            PageCache.randomAccess(fd, state); // an advice: where it isn't taken, nothing is lost but time
        }
        return fd;
    }

    private int look(Operation op) {
        if (!status.isRegularFile() && !status.isDirectory() && !status.isBlockDevice()) {
            return -Errno.EINVAL;
        }
        op.alignment = 1;
        if (op.direct) {
            int alignment = status.directAlignment();
            op.alignment = alignment == FileStatus.UNKNOWN ? UNKNOWN_ALIGNMENT : alignment;
        }
        return op.alignment == 0 ? -Errno.EINVAL : 0; // the file system goes through the page cache whatever is asked
    }

    int close(int fd) {
        return Descriptors.close(fd, state);
    }

    /** How long an open file is, or a negative errno. */
    long size(int fd) {
        int result = FileCalls.fstat(fd, status, state);
        return result < 0 ? result : status.size();
    }

    private long write(Operation op) {
        return FileCalls.pwrite(op.file().fd, op.address, op.length, op.position, state);
    }

    private long writeAndSync(Operation op) {
        int fd = op.file().fd;
        long written = FileCalls.pwriteDurably(fd, op.address, op.length, op.position, state);
        if (written == -Errno.ENOSYS) {
            written = write(op);
            int synced = written < op.length ? 0 : FileCalls.fdatasync(fd, state);
            written = synced < 0 ? synced : written;
        }
        return inFull(op, written);
    }

    /** The result of a write that is to be durable: a short one is a disk that is full, most of all. */
    static long inFull(Operation op, long written) {
        return written >= 0 && written < op.length ? -Errno.EIO : written;
    }

    private int remove(String path) {
        int result = FileCalls.unlinkat(FileCalls.AT_FDCWD, path, 0, state);
        return isDirectory(result)
                ? FileCalls.unlinkat(FileCalls.AT_FDCWD, path, FileCalls.AT_REMOVEDIR, state)
                : result;
    }

    /** Whether that is unlink(2)'s answer for a directory: POSIX has EPERM for it, Linux EISDIR. */
    static boolean isDirectory(int result) {
        return result == -Errno.EISDIR || result == -Errno.EPERM && !Platform.isLinux();
    }

    private long list(String path, List<String> into) {
        int flags = FileCalls.O_RDONLY | FileCalls.O_DIRECTORY | FileCalls.O_CLOEXEC;
        int fd = FileCalls.openat(FileCalls.AT_FDCWD, path, flags, 0, state);
        if (fd < 0) {
            return fd;
        }
        long stream = Directories.fdopendir(fd, state);
        if (stream < 0) {
            close(fd);
            return stream;
        }
        List<String> found = new ArrayList<>();
        int result;
        try {
            result = read(stream, found);
        } finally {
            Directories.closedir(stream, state);
        }
        if (result < 0) {
            return result;
        }
        Collections.sort(found);
        into.addAll(found);
        return found.size();
    }

    private int read(long stream, List<String> found) {
        long entry = NativeMemory.allocate(Directories.ENTRY_BYTES);
        try {
            int result = Directories.read(stream, entry, state);
            for (; result == Directories.ENTRY; result = Directories.read(stream, entry, state)) {
                String name = Directories.name(entry);
                if (name != null && !name.equals(".") && !name.equals("..")) {
                    found.add(name);
                }
            }
            return result;
        } finally {
            NativeMemory.free(entry);
        }
    }
}
