package dev.sluice.http;

import dev.sluice.EventLog;
import dev.sluice.FileRegion;
import dev.sluice.OpenFile;
import dev.sluice.disk.Disk;
import dev.sluice.disk.DiskException;
import dev.sluice.disk.DiskOption;
import java.io.IOException;
import java.lang.System.Logger.Level;
import java.nio.ByteBuffer;
import java.util.EnumSet;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.LongConsumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Sends a file window by window, so that its connection's loop never waits for the disk: what is not in the page cache is first
 * read by a disk engine. Two ways ({@link FileIo#copies}): from the page cache, where the read only brings it there, and its
 * bytes are dropped; or from a buffer, into which it is read.
 *
 * <p>A read that fails, or finds the file shorter than promised, ends the body. One response's; in its session's domain.
 */
final class FileReading {
    /** From the page cache: what is sent before others get their turn, some 50 µs. Each send has a price beside that of its bytes. */
    private static final int WINDOW_BYTES = 512 * 1024;
    /** The same of what was read first: a turn with a read in it is longer. */
    private static final int FETCHED_WINDOW_BYTES = 128 * 1024;
    /**
     * What is read into the page cache at a time, the next while this is sent. The kernel makes room for all of a read before it
     * waits, and few kernels preempt that: on the loop's core it takes 10 to 70 µs, and for the kernel's own read ahead a millisecond
     * and more where that is 8 MiB. So it is told not to.
     */
    private static final int AHEAD_BYTES = 256 * 1024;
    /** What a buffer holds: the output queue takes a copy of all of it. */
    private static final int BUFFER_BYTES = 128 * 1024;
    /** Responses that have a buffer at once, in the process: 64 MiB. The next ones go by the page cache. */
    private static final int MOST_BUFFERS = 512;

    private static final int CLOSED = -1;

    /** Where reads go whose bytes nobody wants: all of them at the same time. Made with the first. */
    private static final class Dropped {
        static final ByteBuffer BYTES = ByteBuffer.allocateDirect(AHEAD_BYTES);

        private Dropped() {}
    }

    private static final AtomicInteger BUFFERS = new AtomicInteger();
    private static final AtomicBoolean REFUSAL_TOLD = new AtomicBoolean();

    private final OpenFile file;
    private final Supplier<Disk> disks;
    private boolean direct;
    private boolean copies;
    private @Nullable BodyWriter writer;
    private Runnable goOn = () -> {};
    private @Nullable Disk disk;
    /** The disk's number of the file. */
    private int number = CLOSED;

    private @Nullable FileRegion region;
    private long position;
    private long end;
    private boolean underWay;
    private boolean over;
    /** What was read into the page cache, and isn't looked at again: a cache that is too small must not read for ever. */
    private long fetchedFrom;

    private long fetchedTo;
    private boolean fetching;
    /** Nothing can be read first. */
    private boolean unread;

    private @Nullable ByteBuffer buffer;
    /** Of the buffer, what is still to be sent. */
    private @Nullable ByteBuffer filled;

    private FileReading(OpenFile file, FileIo io, Supplier<Disk> disks) {
        this.file = file;
        this.disks = disks;
        this.direct = io == FileIo.DIRECT;
        this.copies = io.copies() && BUFFERS.incrementAndGet() <= MOST_BUFFERS;
        if (io.copies() && !copies) {
            BUFFERS.decrementAndGet();
            direct = false;
        }
    }

    /** For a response's parts; null where the model reads the file itself as it sends it. */
    static @Nullable FileReading of(Content.Parts parts, Supplier<Disk> disks) {
        OpenFile file = parts.owned();
        boolean reads = file != null && file.descriptor() >= 0 && parts.io() != FileIo.SENDFILE;
        return reads ? new FileReading(Objects.requireNonNull(file), parts.io(), disks) : null;
    }

    /** Responses that have a buffer now, in the process. */
    static int buffers() {
        return BUFFERS.get();
    }

    /** @param pump runs when a read is over */
    void start(BodyWriter to, Runnable pump) {
        writer = to;
        goOn = pump;
    }

    /** Whether nothing can be sent: a read is under way, or all is over. */
    boolean isWaiting() {
        return underWay || over;
    }

    /** Whether all of the last region was sent. */
    boolean isAtEnd() {
        return region == null;
    }

    /** Sends what comes next of a region, or reads it first: whether more can be sent at once. */
    boolean send(FileRegion next) {
        if (region == null) {
            region = next;
            position = next.position();
            end = position + next.count();
            if (!copies && end - position > FETCHED_WINDOW_BYTES) {
                // Before the first look: what that finds missing, the kernel begins to read, and whatever it reads
                // ahead then has a mark at which it goes on, each time with more, advice or not
                // (page_cache_async_ra() asks for none).
                file.randomAccess();
            }
        }
        BodyWriter to = Objects.requireNonNull(writer);
        boolean more = copies ? sendFilled(to) : sendCached(to);
        if (position == end) {
            region = null;
        }
        return more;
    }

    // ---- from the page cache

    private boolean sendCached(BodyWriter to) {
        boolean fetched = position >= fetchedFrom && position < fetchedTo;
        long window = fetched ? Math.min(FETCHED_WINDOW_BYTES, fetchedTo - position) : WINDOW_BYTES;
        long count = Math.min(window, end - position);
        if (count > 0 && !fetched && !unread && !file.isCached(position, count)) {
            withFile(this::fetchNext);
            return false;
        }
        position += count;
        if (fetched && !fetching && fetchedTo < end && fetchedTo - position < AHEAD_BYTES) {
            fetch(fetchedTo); // without a look, which would begin to read a page where one is missing
        }
        return to.transfer(new FileRegion(file, position - count, count));
    }

    /** Reads what comes next, unless that is being done. */
    private void fetchNext() {
        if (!fetching) {
            fetch(position);
        }
    }

    private void fetch(long from) {
        int count = (int) Math.min(AHEAD_BYTES, end - from);
        ByteBuffer dropped = Dropped.BYTES.duplicate().limit(count);
        fetching = true;
        // An error is the sending's to find: it asks for the same bytes.
        disk().read(number, dropped, from, result -> resume(() -> fetched(from, from + count)));
    }

    private void fetched(long from, long to) {
        fetching = false;
        fetchedFrom = from == fetchedTo ? fetchedFrom : from;
        fetchedTo = to;
    }

    // ---- from a buffer

    private boolean sendFilled(BodyWriter to) {
        ByteBuffer bytes = filled;
        if (bytes == null) {
            if (position < end) {
                withFile(this::readBuffer);
            }
            return position == end;
        }
        filled = null;
        position += bytes.remaining();
        return to.write(bytes);
    }

    private void readBuffer() {
        ByteBuffer into = buffer;
        if (into == null) {
            into = disk().lend(BUFFER_BYTES);
            buffer = into;
        }
        long from = position - position % disk().alignment(number);
        ByteBuffer bytes = into.clear();
        disk().read(number, bytes, from, result -> resume(() -> fill(bytes, from, result)));
    }

    private void fill(ByteBuffer bytes, long from, long result) {
        if (from + result <= position) {
            if (result > 0 && disk().size(number) > position) {
                return; // a short read, of less than lies before what is wanted: once more
            }
            Objects.requireNonNull(writer)
                    .fail(
                            result < 0
                                    ? new DiskException("reading a file", result)
                                    : new IOException("a file became shorter while it was sent"));
            return;
        }
        bytes.limit((int) (Math.min(from + result, end) - from));
        bytes.position((int) (position - from));
        filled = bytes;
    }

    // ---- the file

    private Disk disk() {
        Disk d = disk;
        if (d == null) {
            d = disks.get();
            disk = d;
        }
        return d;
    }

    /**
     * Goes on once the disk has the file open: by its descriptor's link in /proc, which leads to that very file, whatever has its
     * name now.
     */
    private void withFile(Runnable next) {
        if (number != CLOSED) {
            underWay = true;
            next.run();
            return;
        }
        Set<DiskOption> options = EnumSet.of(DiskOption.READ);
        if (direct) {
            options.add(DiskOption.DIRECT);
        } else if (!copies) {
            options.add(DiskOption.RANDOM);
        }
        underWay = true;
        LongConsumer opened = result -> resume(() -> opened(result));
        disk().open("/proc/self/fd/" + file.descriptor(), options, opened);
    }

    private void opened(long result) {
        if (result >= 0) {
            number = (int) result;
        } else if (direct) {
            direct = false;
            giveBuffer();
            if (REFUSAL_TOLD.compareAndSet(false, true)) {
                EventLog.log(
                        Level.WARNING,
                        "files are read through the page cache, not past it as --file-io direct says: that needs a file"
                                + " system that knows O_DIRECT",
                        new DiskException("opening " + file + " with O_DIRECT", result));
            }
        } else {
            giveBuffer();
            unread = true; // no descriptor is left, perhaps: it is sent all the same, however long that takes
        }
    }

    /** Goes on inside of one of the session's callbacks, if it waits; it is in its domain here. */
    private void resume(Runnable task) {
        if (over) {
            return; // all was sent meanwhile: others had read it
        }
        BodyWriter to = Objects.requireNonNull(writer);
        boolean queued = to.execute(() -> {
            boolean waited = underWay;
            underWay = false;
            task.run();
            if (waited) {
                goOn.run();
            }
        });
        if (!queued) {
            to.fail(new IOException("so many of the connection's tasks wait that it can't go on after a read"));
        }
    }

    // ---- the end

    /** All is sent. */
    void end() {
        ByteBuffer lent = buffer;
        if (disk != null && lent != null) {
            disk.takeBack(lent);
        }
        if (disk != null && number != CLOSED) {
            disk.close(number, result -> {});
        }
        number = CLOSED;
        drop();
    }

    /** The connection is gone, or about to be, and its disk with it, which closes what it has open. */
    void drop() {
        over = true;
        giveBuffer();
    }

    private void giveBuffer() {
        if (copies) {
            copies = false;
            buffer = null;
            filled = null;
            BUFFERS.decrementAndGet();
        }
    }
}
