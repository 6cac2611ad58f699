package dev.sluice.sim;

import dev.sluice.os.Errno;
import java.nio.ByteBuffer;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Executor;
import java.util.function.IntSupplier;
import java.util.function.LongConsumer;
import org.jspecify.annotations.Nullable;

/**
 * A program's way to its host's {@link SimDisk}: operations are started, and later told their result, a count or a negative
 * errno, through the executor that it was made with; never from inside the call that started them.
 *
 * <p>What is under way is done in any order, so who needs one before another waits for its result. A buffer is lent until
 * then: it is read from, or written to, at some time in between, from its position on, which moves by the count. Reads and
 * writes may be short. Of what was started before the host crashed no result is ever told. Paths are absolute. For the world's
 * thread.
 */
public final class Disk {
    private final SimKernel kernel;
    private final World world;
    private final SimDisk disk;
    private final Executor executor;

    Disk(SimKernel kernel, SimDisk disk, Executor executor) {
        this.kernel = kernel;
        this.world = kernel.world();
        this.disk = disk;
        this.executor = executor;
    }

    private void start(String what, IntSupplier work, LongConsumer done) {
        kernel.requireAlive();
        long nanos = disk.operationNanos();
        long before = world.dice().between(0, nanos);
        world.in(before, () -> {
            if (kernel.isDead()) {
                return;
            }
            int result = work.getAsInt();
            world.in(nanos - before, () -> finish(what, result, done));
        });
    }

    private void finish(String what, int result, LongConsumer done) {
        if (!kernel.isDead()) {
            world.progressed();
            world.tell(kernel.host(), Story.NO_CONNECTION, what, result);
            executor.execute(() -> done.accept(result));
        }
    }

    /**
     * Opens a file or, to sync it, a directory.
     *
     * @param options of READ, WRITE, CREATE, CREATE_NEW and TRUNCATE_EXISTING; others are refused
     * @param done is told the descriptor
     */
    public void open(String path, Set<StandardOpenOption> options, LongConsumer done) {
        for (StandardOpenOption option : options) {
            switch (option) {
                case READ, WRITE, CREATE, CREATE_NEW, TRUNCATE_EXISTING -> {}
                default -> throw new IllegalArgumentException("a world's disk has no " + option);
            }
        }
        start("opens " + path + ": #", () -> openNow(path, options), done);
    }

    private int openNow(String path, Set<StandardOpenOption> options) {
        DiskNode node = disk.paths().find(path);
        boolean makes = options.contains(StandardOpenOption.CREATE_NEW);
        if (node != null && makes) {
            return -Errno.EEXIST;
        }
        if (node == null) {
            DiskPath.Place place = disk.paths().place(path);
            if (place.errno() != 0) {
                return -place.errno();
            }
            if (place.node() != null || !(makes || options.contains(StandardOpenOption.CREATE))) {
                return -Errno.ENOENT; // a link that leads nowhere among them
            }
            int result = disk.create(place);
            if (result < 0) {
                return result;
            }
            node = place.directory().entries.get(place.name());
        }
        if (node instanceof DiskDirectory && options.contains(StandardOpenOption.WRITE)) {
            return -Errno.EISDIR;
        }
        if (node instanceof DiskFile file
                && options.contains(StandardOpenOption.TRUNCATE_EXISTING)
                && file.size() > 0) {
            int result = disk.truncate(file, 0);
            if (result < 0) {
                return result;
            }
        }
        return node == null ? -Errno.ENOENT : kernel.openFile(node);
    }

    /** Closes a descriptor; nothing is synced by that. */
    public void close(int fd, LongConsumer done) {
        start("closes descriptor " + fd + ": #", () -> file(fd) == null ? -Errno.EBADF : kernel.close(fd), done);
    }

    /** Reads from a position on; 0 at the end. */
    public void read(int fd, ByteBuffer into, long position, LongConsumer done) {
        onFile(fd, "reads # bytes", file -> file.read(into, position), done);
    }

    /** Writes at a position. */
    public void write(int fd, ByteBuffer from, long position, LongConsumer done) {
        onFile(fd, "writes # bytes", file -> file.write(from, position), done);
    }

    /** Makes durable what was written to a file, or all names as they are now; see {@link SimDisk}. */
    public void sync(int fd, LongConsumer done) {
        onFile(fd, "syncs descriptor " + fd + ": #", SimFile::sync, done);
    }

    /** Makes room for what will be written there, and the file so long at least. */
    public void allocate(int fd, long position, int length, LongConsumer done) {
        onFile(fd, "allocates: #", file -> file.allocate(position, length), done);
    }

    /** Makes a file that long. */
    public void truncate(int fd, long size, LongConsumer done) {
        onFile(fd, "truncates to " + size + " bytes: #", file -> file.truncate(size), done);
    }

    /** How long an open file is, at once; a negative errno where it isn't open. */
    public long size(int fd) {
        SimFile file = file(fd);
        return file == null ? -Errno.EBADF : file.size();
    }

    /** Renames a file or directory, in the place of a file that has the other name. */
    public void rename(String from, String to, LongConsumer done) {
        start("renames " + from + " to " + to + ": #", () -> disk.rename(from, to), done);
    }

    /** Removes a file, a link or an empty directory. */
    public void remove(String path, LongConsumer done) {
        start("removes " + path + ": #", () -> disk.remove(path), done);
    }

    public void makeDirectory(String path, LongConsumer done) {
        start("makes the directory " + path + ": #", () -> disk.makeDirectory(path), done);
    }

    /** Adds a directory's names to a list, in order; their count is told. */
    public void list(String path, List<String> into, LongConsumer done) {
        start(
                "lists # names of " + path,
                () -> {
                    if (disk.strikes(Faults.Kind.READ_ERROR)) {
                        return -Errno.EIO;
                    }
                    DiskNode node = disk.paths().find(path);
                    if (!(node instanceof DiskDirectory directory)) {
                        return node == null ? -Errno.ENOENT : -Errno.ENOTDIR;
                    }
                    into.addAll(directory.entries.keySet());
                    return directory.entries.size();
                },
                done);
    }

    private interface Work {
        int on(SimFile file);
    }

    private void onFile(int fd, String what, Work work, LongConsumer done) {
        start(
                what,
                () -> {
                    SimFile file = file(fd);
                    return file == null ? -Errno.EBADF : work.on(file);
                },
                done);
    }

    private @Nullable SimFile file(int fd) {
        return kernel.file(fd) instanceof SimFile file ? file : null;
    }
}
