package dev.sluice.storage;

import dev.sluice.engine.RingPort;
import dev.sluice.os.Errno;
import dev.sluice.os.FileCalls;
import dev.sluice.os.NativeMemory;
import dev.sluice.os.Sqe;
import dev.sluice.os.Uring;
import dev.sluice.storage.Operation.Kind;
import java.util.Arrays;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Operations of disks in a ring: entries made of them, and results of their completions. For the ring's thread.
 */
final class RingWork implements RingPort.Guest {
    private final RingPort port;
    private final @Nullable RingFiles files;
    private final LentMemory memory;
    private final OperationCalls calls = new OperationCalls();
    private final boolean truncates;

    private @Nullable Operation[] operations = new Operation[64];
    private int[] free = new int[64];
    private int freeCount;
    private int used;
    /** Operations that the kernel has. */
    private int flying;

    /** @param registers whether the ring's table of registered descriptors is ours */
    RingWork(RingPort port, boolean registers) {
        this.port = port;
        this.files = registers ? RingFiles.open(port) : null;
        this.memory = new LentMemory(port);
        this.truncates = Uring.probe(port.descriptor(), Uring.IORING_OP_FTRUNCATE, port.calls()) == 1;
        port.guest(this);
    }

    /** That of a ring which a loop has for its sockets. */
    static RingWork of(RingPort port) {
        return port.guest() instanceof RingWork work ? work : new RingWork(port, false);
    }

    LentMemory memory() {
        return memory;
    }

    // ---- submissions

    void start(Operation op) {
        if (op.kind == Kind.LIST || op.kind == Kind.TRUNCATE && !truncates) {
            carryElsewhere(op);
            return;
        }
        int refused = op.path == null ? 0 : toNative(op);
        if (refused < 0) {
            op.result = refused;
            op.disk.completed(op); // not from here: it is being started
            return;
        }
        enter(op);
        op.isDirectory = false;
        put(op);
    }

    /** By a thread of its own: no ring has it. They are rare. */
    private static void carryElsewhere(Operation op) {
        PoolCarrier once = new PoolCarrier(1);
        once.carry(op);
        once.release(); // it carries out what it was given, and ends
    }

    private int toNative(Operation op) {
        op.nativeOther = 0;
        op.nativePath = NativeMemory.allocatePath(op.path());
        if (op.nativePath > 0 && op.otherPath != null) {
            op.nativeOther = NativeMemory.allocatePath(op.otherPath());
        }
        int refused = (int) Math.min(0, Math.min(op.nativePath, op.nativeOther));
        if (refused < 0) {
            freePaths(op);
        }
        return refused;
    }

    private static void freePaths(Operation op) {
        NativeMemory.free(Math.max(0, op.nativePath));
        NativeMemory.free(Math.max(0, op.nativeOther));
    }

    private void put(Operation op) {
        if (op.kind == Kind.CLOSE && files != null && op.file().place >= 0) {
            files.leave(op.file().place); // or the ring would keep it open
        }
        long tag = port.tag(op.slot);
        long sqe = port.entry();
        switch (op.kind) {
            case READ -> putRead(sqe, op, tag);
            case WRITE -> putWrite(sqe, op, tag);
            case WRITE_AND_SYNC -> {
                putWrite(sqe, op, tag);
                Sqe.operationFlags(sqe, FileCalls.RWF_DSYNC);
            }
            case SYNC -> putSync(sqe, op, 0, tag);
            case SYNC_DATA -> putSync(sqe, op, Uring.IORING_FSYNC_DATASYNC, tag);
            case ALLOCATE -> Sqe.fallocate(sqe, op.file().fd, op.position, op.room, tag);
            case TRUNCATE -> Sqe.ftruncate(sqe, op.file().fd, op.position, tag);
            case CLOSE -> Sqe.close(sqe, op.file().fd, tag);
            default -> putNamed(sqe, op, tag);
        }
    }

    private static void putNamed(long sqe, Operation op, long tag) {
        int here = FileCalls.AT_FDCWD; // paths are absolute
        switch (op.kind) {
            case OPEN -> Sqe.openat(sqe, here, op.nativePath, op.openFlags, OperationCalls.FILE_MODE, tag);
            case RENAME -> Sqe.renameat(sqe, here, op.nativePath, here, op.nativeOther, tag);
            case REMOVE -> Sqe.unlinkat(sqe, here, op.nativePath, op.isDirectory ? FileCalls.AT_REMOVEDIR : 0, tag);
            case MAKE_DIRECTORY -> Sqe.mkdirat(sqe, here, op.nativePath, OperationCalls.DIRECTORY_MODE, tag);
            default -> throw new IllegalStateException("no ring has " + op.kind);
        }
    }

    private static int descriptor(Operation op) {
        DiskFile file = op.file();
        return file.place >= 0 ? file.place : file.fd;
    }

    private static void markFixed(long sqe, Operation op) {
        if (op.file().place >= 0) {
            Sqe.addFlags(sqe, Sqe.IOSQE_FIXED_FILE);
        }
    }

    private void putRead(long sqe, Operation op, long tag) {
        int buffer = memory.registration(op.address, op.length);
        if (buffer >= 0) {
            Sqe.readFixed(sqe, descriptor(op), op.address, op.length, op.position, buffer, tag);
        } else {
            Sqe.read(sqe, descriptor(op), op.address, op.length, op.position, tag);
        }
        markFixed(sqe, op);
    }

    private void putWrite(long sqe, Operation op, long tag) {
        int buffer = memory.registration(op.address, op.length);
        if (buffer >= 0) {
            Sqe.writeFixed(sqe, descriptor(op), op.address, op.length, op.position, buffer, tag);
        } else {
            Sqe.write(sqe, descriptor(op), op.address, op.length, op.position, tag);
        }
        markFixed(sqe, op);
    }

    private static void putSync(long sqe, Operation op, int flags, long tag) {
        Sqe.fsync(sqe, descriptor(op), flags, tag);
        markFixed(sqe, op);
    }

    // ---- completions

    @Override
    public void completed(int number, int result) {
        Operation op = Objects.requireNonNull(operations[number]);
        if (isAgain(op, result)) {
            put(op);
            return;
        }
        op.result = switch (op.kind) {
            case OPEN -> result >= 0 ? opened(op, result) : result;
            case WRITE_AND_SYNC -> OperationCalls.inFull(op, result);
            default -> result;
        };
        land(op);
    }

    private void land(Operation op) {
        leave(op);
        if (op.path != null) {
            freePaths(op);
        }
        op.disk.landed(op);
    }

    /** Whether it must be submitted once more: a signal ended it, or it is unlink(2) and found a directory. */
    private static boolean isAgain(Operation op, int result) {
        boolean again = op.kind == Kind.REMOVE && !op.isDirectory && OperationCalls.isDirectory(result);
        op.isDirectory |= again;
        return again || result == -Errno.EINTR && op.kind != Kind.CLOSE;
    }

    private int opened(Operation op, int fd) {
        int result = calls.opened(op, fd);
        if (result >= 0 && files != null) {
            op.place = files.enter(fd);
        }
        return result;
    }

    /** The ring is broken: what was in flight fails, though the kernel may still do it. */
    void fail() {
        for (int i = 0; i < used; i++) {
            Operation op = operations[i];
            if (op != null) {
                op.result = -Errno.EIO;
                land(op);
            }
        }
    }

    @Override
    public void closed() {
        if (flying == 0) { // else the kernel may still write to it: rather lose it
            memory.close();
        }
    }

    // ---- numbers

    private void enter(Operation op) {
        if (freeCount == 0 && used == operations.length) {
            operations = Arrays.copyOf(operations, used * 2);
            free = Arrays.copyOf(free, used * 2);
        }
        op.slot = freeCount > 0 ? free[--freeCount] : used++;
        operations[op.slot] = op;
        flying++;
    }

    private void leave(Operation op) {
        operations[op.slot] = null;
        free[freeCount++] = op.slot;
        flying--;
    }
}
