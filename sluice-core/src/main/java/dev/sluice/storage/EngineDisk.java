package dev.sluice.storage;

import dev.sluice.EventLog;
import dev.sluice.disk.Disk;
import dev.sluice.disk.DiskOption;
import dev.sluice.disk.DiskOptions;
import dev.sluice.os.Errno;
import dev.sluice.os.FileCalls;
import dev.sluice.storage.Operation.Kind;
import java.lang.System.Logger.Level;
import java.nio.ByteBuffer;
import java.nio.ReadOnlyBufferException;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.function.LongConsumer;
import org.jspecify.annotations.Nullable;

/**
 * What the disks of all engines have in common: the files, what is under way on each, and how results come home. An engine has
 * to carry an operation out, and then to call {@link #completed}, from any thread, or {@link #landed}, at home.
 *
 * <p>Results that come from elsewhere are handed over: the first one calls {@link #announce}, and {@link #tellCompleted} takes them
 * all.
 */
abstract class EngineDisk implements Disk {
    private final int most;
    private final FileTable files = new FileTable();
    private final OperationCalls calls = new OperationCalls();
    private @Nullable Operation free;
    private boolean closed;
    private boolean released;
    private int flying;

    /** Carried out elsewhere. */
    private final HandOver handedBack = new HandOver();

    /** Taken from there, the first one first. */
    private @Nullable Operation ready;

    EngineDisk(DiskOptions options) {
        this.most = options.operations();
    }

    // ---- what an engine does

    /** Starts to carry it out. */
    abstract void submit(Operation op);

    /** There are results to be told: sees to it that {@link #tellCompleted} is called at home. From any thread. */
    abstract void announce();

    /** What it lends. */
    abstract LentMemory memory();

    /** Nothing is under way and no file is open any more. */
    abstract void release();

    // ---- results

    /** It is carried out, and its result in it. From any thread. */
    final void completed(Operation op) {
        if (handedBack.add(op)) {
            try {
                announce();
            } catch (RuntimeException e) {
                EventLog.log(Level.ERROR, "results of a disk can't be told: its executor refuses to run", e);
            }
        }
    }

    /** The same, at home, and not from inside of a call that started it. */
    void landed(Operation op) {
        finish(op);
    }

    final boolean hasCompleted() {
        return !handedBack.isEmpty() || ready != null;
    }

    /** Tells what was carried out elsewhere so far; at home. How many those were. */
    final int tellCompleted() {
        if (ready == null) {
            ready = handedBack.takeAll();
        }
        int count = 0;
        for (Operation op = ready; op != null; op = ready) { // a done may close this, and that takes them from here too
            ready = op.next;
            finish(op);
            count++;
        }
        return count;
    }

    private void finish(Operation op) {
        LongConsumer done = Objects.requireNonNull(op.done);
        DiskFile file = op.file;
        long result = op.kind == Kind.OPEN && op.result >= 0 ? enter(op) : op.result;
        ByteBuffer buffer = op.buffer;
        flying--;
        op.clear();
        op.next = free;
        free = op;
        if (file != null && --file.flying == 0 && file.closing != null) {
            submitClose(file, file.closing);
        }
        if (closed) {
            releaseIfIdle();
        } else {
            tell(done, result, buffer);
        }
    }

    private static void tell(LongConsumer done, long result, @Nullable ByteBuffer buffer) {
        try {
            if (buffer != null && result > 0) {
                buffer.position(buffer.position() + (int) result);
            }
            done.accept(result);
        } catch (RuntimeException | Error e) {
            EventLog.log(Level.ERROR, "a handler of a disk's result (" + result + ") failed", e);
        }
    }

    /** Gives what was opened a number. */
    private long enter(Operation op) {
        int number = files.next();
        DiskFile file = new DiskFile(number, (int) op.result, op.alignment, op.place);
        if (number >= 0) {
            files.enter(file);
        }
        if (number < 0 || closed) {
            startClose(file, EngineDisk::tellNobody);
        }
        return number < 0 ? -Errno.EMFILE : number;
    }

    // ---- operations

    private void requireOpen() {
        if (closed) {
            throw new IllegalStateException("this disk is closed");
        }
    }

    private Operation begin(Kind kind, LongConsumer done) {
        requireOpen();
        return make(kind, done);
    }

    private Operation make(Kind kind, LongConsumer done) {
        Operation op = free;
        if (op == null) {
            op = new Operation(this);
        } else {
            free = op.next;
        }
        op.kind = kind;
        op.done = done;
        op.place = -1;
        flying++;
        return op;
    }

    private Operation begin(Kind kind, int number, LongConsumer done) {
        Operation op = begin(kind, done);
        DiskFile file = files.find(number);
        op.file = file;
        if (file != null) {
            file.flying++;
        }
        return op;
    }

    private static Operation onPath(Operation op, String path) {
        op.path = path;
        return op;
    }

    /** Has it carried out, unless there is a reason against it. */
    private void start(Operation op, boolean onFile, int reason) {
        int refusal = onFile && op.file == null ? Errno.EBADF : flying > most ? Errno.EAGAIN : reason;
        if (refusal == 0) {
            submit(op);
        } else {
            op.result = -refusal;
            completed(op);
        }
    }

    @Override
    public final void open(String path, Set<DiskOption> options, LongConsumer done) {
        requireAbsolute(path);
        int flags = OperationCalls.openFlags(options);
        Operation op = onPath(begin(Kind.OPEN, done), path);
        op.openFlags = flags;
        op.direct = options.contains(DiskOption.DIRECT);
        op.random = options.contains(DiskOption.RANDOM);
        start(op, false, op.direct && FileCalls.O_DIRECT == 0 ? Errno.EINVAL : 0);
    }

    private static void requireAbsolute(String path) {
        if (!path.startsWith("/")) {
            throw new IllegalArgumentException("not an absolute path: " + path);
        }
    }

    @Override
    public final void close(int number, LongConsumer done) {
        DiskFile file = files.find(number);
        if (file == null) {
            start(begin(Kind.CLOSE, done), true, 0);
        } else {
            startClose(file, done);
        }
    }

    private void startClose(DiskFile file, LongConsumer done) {
        if (file.number >= 0) {
            files.remove(file);
        }
        Operation op = make(Kind.CLOSE, done);
        op.file = file;
        if (file.flying == 0) {
            submitClose(file, op);
        } else {
            file.closing = op;
        }
    }

    private void submitClose(DiskFile file, Operation op) {
        file.closing = null;
        file.flying++;
        submit(op);
    }

    @Override
    public final void read(int file, ByteBuffer into, long position, LongConsumer done) {
        if (into.isReadOnly()) {
            throw new ReadOnlyBufferException();
        }
        transfer(Kind.READ, file, into, position, done);
    }

    @Override
    public final void write(int file, ByteBuffer from, long position, LongConsumer done) {
        transfer(Kind.WRITE, file, from, position, done);
    }

    @Override
    public final void writeAndSync(int file, ByteBuffer from, long position, LongConsumer done) {
        transfer(Kind.WRITE_AND_SYNC, file, from, position, done);
    }

    private void transfer(Kind kind, int number, ByteBuffer buffer, long position, LongConsumer done) {
        if (!buffer.isDirect()) {
            throw new IllegalArgumentException("a buffer on the heap, which the collector may move: use a direct one");
        }
        Operation op = begin(kind, number, done);
        op.buffer = buffer;
        op.address = memory().address(buffer);
        op.length = buffer.remaining();
        op.position = position;
        start(op, true, position < 0 || isMisaligned(op) ? Errno.EINVAL : 0);
    }

    private static boolean isMisaligned(Operation op) {
        DiskFile file = op.file;
        return file != null && ((op.position | op.length | op.address) & file.alignment - 1) != 0;
    }

    @Override
    public final ByteBuffer lend(int bytes) {
        requireOpen(); // its ring may be gone, and another have the number of that
        return memory().lend(bytes);
    }

    @Override
    public final void takeBack(ByteBuffer lent) {
        memory().takeBack(lent);
    }

    @Override
    public final void sync(int file, LongConsumer done) {
        start(begin(Kind.SYNC, file, done), true, 0);
    }

    @Override
    public final void syncData(int file, LongConsumer done) {
        start(begin(Kind.SYNC_DATA, file, done), true, 0);
    }

    @Override
    public final void allocate(int file, long position, long length, LongConsumer done) {
        Operation op = begin(Kind.ALLOCATE, file, done);
        op.position = position;
        op.room = length;
        start(op, true, position < 0 || length <= 0 ? Errno.EINVAL : 0);
    }

    @Override
    public final void truncate(int file, long size, LongConsumer done) {
        Operation op = begin(Kind.TRUNCATE, file, done);
        op.position = size;
        start(op, true, size < 0 ? Errno.EINVAL : 0);
    }

    @Override
    public final long size(int number) {
        DiskFile file = files.find(number);
        return file == null ? -Errno.EBADF : calls.size(file.fd);
    }

    @Override
    public final int alignment(int number) {
        DiskFile file = files.find(number);
        return file == null ? -Errno.EBADF : file.alignment;
    }

    @Override
    public final void rename(String from, String to, LongConsumer done) {
        requireAbsolute(from);
        requireAbsolute(to);
        Operation op = onPath(begin(Kind.RENAME, done), from);
        op.otherPath = to;
        start(op, false, 0);
    }

    @Override
    public final void remove(String path, LongConsumer done) {
        requireAbsolute(path);
        start(onPath(begin(Kind.REMOVE, done), path), false, 0);
    }

    @Override
    public final void makeDirectory(String path, LongConsumer done) {
        requireAbsolute(path);
        start(onPath(begin(Kind.MAKE_DIRECTORY, done), path), false, 0);
    }

    @Override
    public final void list(String path, List<String> into, LongConsumer done) {
        requireAbsolute(path);
        Operation op = onPath(begin(Kind.LIST, done), path);
        op.names = into;
        start(op, false, 0);
    }

    // ---- the end

    private static void tellNobody(long result) {}

    /** Tells nothing any more, and closes the files once nothing is under way on them; {@link #release} follows. */
    final void end() {
        if (!closed) {
            closed = true;
            files.forEach(file -> startClose(file, EngineDisk::tellNobody));
            releaseIfIdle();
        }
    }

    final boolean isReleased() {
        return released;
    }

    private void releaseIfIdle() {
        if (flying == 0 && !released) {
            released = true;
            release();
        }
    }
}
