package dev.sluice.disk;

import java.nio.ByteBuffer;
import java.util.List;
import java.util.Set;
import java.util.function.LongConsumer;

/**
 * A program's way to files: operations are started, and later told their result, a count or a negative errno, by a call of the
 * {@code done} that they were given; never from inside the call that started them. Results are told in the serialization domain
 * that the disk was opened for, and operations are started there.
 *
 * <p>What is under way is done in any order, so who needs one before another waits for its result. A buffer is lent until then:
 * it is read from, or written to, at some time in between, from its position to its limit; its position then moves by the count.
 * It must be direct. Reads and writes may be short. A file is a number that {@link #open} tells, good until its close is started.
 *
 * <p>So many operations are under way at once at most as {@link DiskOptions#operations} says; one more is told {@code EAGAIN},
 * a close apart. A {@code done} that throws is logged, and nothing else comes of it.
 *
 * <p>No operation blocks its caller, with one exception that says so: the engine {@code blocking}.
 */
public interface Disk extends AutoCloseable {
    /** What lent memory is aligned to: no device asks for more. */
    int PAGE_BYTES = 4096;

    /**
     * Opens a file or block device or, to sync it, a directory; anything else (a FIFO, a socket) is EINVAL.
     *
     * @param path absolute
     * @param done is told the file
     */
    void open(String path, Set<DiskOption> options, LongConsumer done);

    /** Closes a file, after what is under way on it; nothing is synced by that. */
    void close(int file, LongConsumer done);

    /** Reads from a position on; 0 at the end. */
    void read(int file, ByteBuffer into, long position, LongConsumer done);

    /** Writes at a position. */
    void write(int file, ByteBuffer from, long position, LongConsumer done);

    /**
     * Writes at a position, and makes that durable, with what it takes to read it back, as a file does that is open with O_DSYNC
     * (open(2)); of what else was written to the file nothing is said. The result is the count written, all of it durable, or the
     * errno of whichever failed; a short write is told as EIO.
     */
    void writeAndSync(int file, ByteBuffer from, long position, LongConsumer done);

    /** Makes a file's bytes and all of its attributes durable, or a directory's names (fsync(2)). */
    void sync(int file, LongConsumer done);

    /** Makes a file's bytes, and what it takes to read them back, durable (fdatasync(2)). */
    void syncData(int file, LongConsumer done);

    /** Makes room for what will be written there, and the file so long at least (fallocate(2)). */
    void allocate(int file, long position, long length, LongConsumer done);

    /** Makes a file that long. */
    void truncate(int file, long size, LongConsumer done);

    /** How long an open file is, at once; a negative errno where it isn't open. */
    long size(int file);

    /**
     * What positions, lengths and addresses of this file's reads and writes must be multiples of, in bytes, or they are EINVAL; 1
     * unless it is DIRECT. A negative errno where it isn't open.
     */
    int alignment(int file);

    /** Renames a file or directory, in the place of a file that has the other name. */
    void rename(String from, String to, LongConsumer done);

    /** Removes a file, a link or an empty directory. */
    void remove(String path, LongConsumer done);

    void makeDirectory(String path, LongConsumer done);

    /**
     * Adds a directory's names to a list, in order, which is lent until then; their count is told. A name that is no UTF-8 is left
     * out, since no string can say it.
     */
    void list(String path, List<String> into, LongConsumer done);

    /**
     * Lends a cleared buffer of so many bytes, at an address that suits every DIRECT file. An engine that has memory registered
     * with the kernel lends of that, which spares the kernel to look its pages up with each operation.
     *
     * @return good until {@link #takeBack}, or until the disk is closed
     */
    default ByteBuffer lend(int bytes) {
        int whole = (bytes + PAGE_BYTES - 1) / PAGE_BYTES * PAGE_BYTES;
        return ByteBuffer.allocateDirect(whole + PAGE_BYTES)
                .alignedSlice(PAGE_BYTES)
                .slice(0, bytes);
    }

    /** Takes a buffer back that was lent, with no operation on it under way. */
    default void takeBack(ByteBuffer lent) {}

    /**
     * Closes the files, and tells no more results. What is under way is waited for; a disk of {@link dev.sluice.events.Events}
     * has that done by its loop, and returns at once. Closing twice does nothing.
     */
    @Override
    void close();
}
