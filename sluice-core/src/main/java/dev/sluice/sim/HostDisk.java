package dev.sluice.sim;

import dev.sluice.disk.Disk;
import dev.sluice.disk.DiskOption;
import dev.sluice.os.Errno;
import java.nio.ByteBuffer;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Executor;
import java.util.function.IntSupplier;
import java.util.function.LongConsumer;
import org.jspecify.annotations.Nullable;

/**
 * A program's way to its host's {@link SimDisk}. Each operation takes a while, is done at some moment of it, and so in any order;
 * of what was started before the host crashed no result is ever told. Buffers may be on the heap. For the world's thread.
 */
final class HostDisk implements Disk {
    /** An open file: what stands behind its number. */
    private static final class Open {
        final int fd;
        final int alignment;
        int flying;

        @Nullable
        Runnable closing;

        Open(int fd, int alignment) {
            this.fd = fd;
            this.alignment = alignment;
        }
    }

    private final SimKernel kernel;
    private final World world;
    private final SimDisk disk;
    private final Executor executor;
    private final Runnable over;
    private final Map<Integer, Open> files = new LinkedHashMap<>();
    /** Those of them, and those whose close is to come. */
    private final Set<Integer> descriptors = new LinkedHashSet<>();

    private int lastNumber;
    private int flying;
    private boolean closed;

    /** @param over runs once all is closed */
    HostDisk(SimKernel kernel, SimDisk disk, Executor executor, Runnable over) {
        this.kernel = kernel;
        this.world = kernel.world();
        this.disk = disk;
        this.executor = executor;
        this.over = over;
    }

    // ---- how an operation goes

    private void start(String what, IntSupplier work, LongConsumer done) {
        kernel.requireAlive();
        if (closed) {
            throw new IllegalStateException("this disk is closed");
        }
        flying++;
        carryOut(work, result -> finish(what, result, done));
    }

    /** Does something at some moment of a while, and goes on at its end. */
    private void carryOut(IntSupplier work, LongConsumer next) {
        long nanos = disk.operationNanos();
        long before = world.dice().between(0, nanos);
        world.in(before, () -> {
            if (!kernel.isDead()) {
                int result = work.getAsInt();
                world.in(nanos - before, () -> {
                    if (!kernel.isDead()) {
                        next.accept(result);
                    }
                });
            }
        });
    }

    private void finish(String what, long result, LongConsumer done) {
        world.progressed();
        world.tell(kernel.host(), Story.NO_CONNECTION, what, result);
        executor.execute(() -> {
            flying--;
            if (!closed) {
                done.accept(result); // what it throws is for the executor
            } else {
                endIfIdle();
            }
        });
    }

    private interface Work {
        int on(SimFile file);
    }

    /** On an open file, whose close waits for it. */
    private void onFile(int number, String what, Work work, LongConsumer done) {
        Open open = files.get(number);
        if (open == null) {
            start(what, () -> -Errno.EBADF, done);
            return;
        }
        open.flying++;
        start(what, () -> onOpen(open, work), result -> {
            landed(open);
            done.accept(result);
        });
    }

    private int onOpen(Open open, Work work) {
        return kernel.file(open.fd) instanceof SimFile file ? work.on(file) : -Errno.EBADF;
    }

    private static void landed(Open open) {
        Runnable closing = open.closing;
        if (--open.flying == 0 && closing != null) {
            open.closing = null;
            closing.run();
        }
    }

    // ---- files

    @Override
    public void open(String path, Set<DiskOption> options, LongConsumer done) {
        if (!options.contains(DiskOption.READ) && !options.contains(DiskOption.WRITE)) {
            throw new IllegalArgumentException("a file is opened for READ, WRITE or both, not for " + options);
        }
        int alignment = options.contains(DiskOption.DIRECT) ? DiskFile.SECTOR_BYTES : 1;
        start("opens " + path + ": #", () -> enter(openNow(path, options), alignment), done);
    }

    private int enter(int fd, int alignment) {
        if (fd < 0) {
            return fd;
        }
        if (closed) {
            kernel.close(fd);
            return -Errno.EBADF; // nobody is told
        }
        descriptors.add(fd);
        files.put(++lastNumber, new Open(fd, alignment));
        return lastNumber;
    }

    private int openNow(String path, Set<DiskOption> options) {
        DiskNode node = disk.paths().find(path);
        boolean makes = options.contains(DiskOption.CREATE_NEW);
        if (node != null && makes) {
            return -Errno.EEXIST;
        }
        if (node == null) {
            DiskPath.Place place = disk.paths().place(path);
            if (place.errno() != 0) {
                return -place.errno();
            }
            if (place.node() != null || !(makes || options.contains(DiskOption.CREATE))) {
                return -Errno.ENOENT; // a link that leads nowhere among them
            }
            int result = disk.create(place);
            if (result < 0) {
                return result;
            }
            node = place.directory().entries.get(place.name());
        }
        if (node instanceof DiskDirectory && options.contains(DiskOption.WRITE)) {
            return -Errno.EISDIR;
        }
        if (node instanceof DiskFile file && options.contains(DiskOption.TRUNCATE) && file.size() > 0) {
            int result = disk.truncate(file, 0);
            if (result < 0) {
                return result;
            }
        }
        return node == null ? -Errno.ENOENT : kernel.openFile(node);
    }

    @Override
    public void close(int number, LongConsumer done) {
        Open open = files.remove(number);
        String what = "closes file " + number + ": #";
        if (open == null) {
            start(what, () -> -Errno.EBADF, done);
        } else if (open.flying == 0) {
            start(what, () -> closeNow(open.fd), done);
        } else {
            open.closing = () -> start(what, () -> closeNow(open.fd), done);
        }
    }

    private int closeNow(int fd) {
        descriptors.remove(fd);
        return kernel.close(fd);
    }

    @Override
    public void read(int file, ByteBuffer into, long position, LongConsumer done) {
        transfer(file, "reads # bytes", into, position, open -> open.read(into, position), done);
    }

    @Override
    public void write(int file, ByteBuffer from, long position, LongConsumer done) {
        transfer(file, "writes # bytes", from, position, open -> open.write(from, position), done);
    }

    private void transfer(int number, String what, ByteBuffer buffer, long position, Work work, LongConsumer done) {
        Open open = files.get(number);
        boolean misaligned = open != null && ((position | buffer.remaining()) & open.alignment - 1) != 0;
        onFile(number, what, misaligned ? file -> -Errno.EINVAL : work, done);
    }

    /** Two steps, as on every disk: a crash may come between them. */
    @Override
    public void writeAndSync(int file, ByteBuffer from, long position, LongConsumer done) {
        int length = from.remaining();
        Open open = files.get(file);
        if (open != null) {
            open.flying++; // until the second step
        }
        write(file, from, position, written -> {
            if (open != null && written == length && !closed) {
                start("syncs what was written: #", () -> onOpen(open, SimFile::sync), synced -> {
                    landed(open);
                    done.accept(synced < 0 ? synced : written);
                });
                return;
            }
            if (open != null) {
                landed(open);
            }
            done.accept(written < 0 ? written : -Errno.EIO);
        });
    }

    /** Makes durable what was written to a file, or all names as they are now; see {@link SimDisk}. */
    @Override
    public void sync(int file, LongConsumer done) {
        onFile(file, "syncs file " + file + ": #", SimFile::sync, done);
    }

    @Override
    public void syncData(int file, LongConsumer done) {
        sync(file, done);
    }

    @Override
    public void allocate(int file, long position, long length, LongConsumer done) {
        Work work = length > Integer.MAX_VALUE
                ? open -> -Errno.EFBIG
                : open -> open.allocate(position, (int) Math.max(0, length));
        onFile(file, "allocates: #", work, done);
    }

    @Override
    public void truncate(int file, long size, LongConsumer done) {
        onFile(file, "truncates to " + size + " bytes: #", open -> open.truncate(size), done);
    }

    @Override
    public long size(int number) {
        Open open = files.get(number);
        return open != null && kernel.file(open.fd) instanceof SimFile file ? file.size() : -Errno.EBADF;
    }

    @Override
    public int alignment(int number) {
        Open open = files.get(number);
        return open == null ? -Errno.EBADF : open.alignment;
    }

    // ---- names

    @Override
    public void rename(String from, String to, LongConsumer done) {
        start("renames " + from + " to " + to + ": #", () -> disk.rename(from, to), done);
    }

    @Override
    public void remove(String path, LongConsumer done) {
        start("removes " + path + ": #", () -> disk.remove(path), done);
    }

    @Override
    public void makeDirectory(String path, LongConsumer done) {
        start("makes the directory " + path + ": #", () -> disk.makeDirectory(path), done);
    }

    @Override
    public void list(String path, List<String> into, LongConsumer done) {
        start("lists # names of " + path, () -> listNow(path, into), done);
    }

    private int listNow(String path, List<String> into) {
        if (disk.strikes(Faults.Kind.READ_ERROR)) {
            return -Errno.EIO;
        }
        DiskNode node = disk.paths().find(path);
        if (!(node instanceof DiskDirectory directory)) {
            return node == null ? -Errno.ENOENT : -Errno.ENOTDIR;
        }
        into.addAll(directory.entries.keySet());
        return directory.entries.size();
    }

    // ---- the end

    /** Waits for nothing: the world goes on with what is under way, and then the files are closed. */
    @Override
    public void close() {
        if (!closed) {
            closed = true;
            endIfIdle();
        }
    }

    private void endIfIdle() {
        if (flying == 0) {
            if (!kernel.isDead()) {
                descriptors.forEach(kernel::close);
            }
            descriptors.clear();
            files.clear();
            over.run();
        }
    }
}
