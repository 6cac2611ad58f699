package dev.sluice.kv.log;

import dev.sluice.disk.Disk;
import dev.sluice.disk.DiskOption;
import java.nio.ByteBuffer;
import java.util.EnumSet;

/**
 * A segment or snapshot that is open to be written. Where every batch is synced by itself, it is written past the page cache if the file system
 * can: then a batch takes one write of whole blocks, and the block that it ends in is written again, with the same bytes in front,
 * by the next one. A page of the cache would be, too.
 *
 * <p>Room that fallocate(2) made is unwritten: a write there has the file system note in its journal that it no longer is, which a
 * sync waits for. So zeros are written ahead of the batches, and a batch goes where something was written before.
 */
final class SegmentFile {
    /** What is written at once past the page cache; no device asks for more. */
    static final int BLOCK_BYTES = Disk.PAGE_BYTES;

    /** So much is overwritten with zeros at once: some hundred batches, in the time of two or three. */
    private static final int AHEAD_BYTES = 256 << 10;

    private static final ByteBuffer ZEROS = blocks(AHEAD_BYTES / BLOCK_BYTES);

    /** Is told a segment that is open. */
    interface Opened {
        void opened(SegmentFile file);
    }

    final int file;
    private final boolean inBlocks;
    /** The bytes of the block that the segment ends in, up to its position. */
    private final ByteBuffer last;
    /** Zeros were written up to here, or are being. */
    private long zeros;
    /** Where those begin that are being written, or none. */
    private long zeroing = Long.MAX_VALUE;

    private SegmentFile(int file, boolean inBlocks) {
        this.file = file;
        this.inBlocks = inBlocks;
        last = blocks(inBlocks ? 1 : 0);
    }

    /** Whether it is written past the page cache. */
    boolean isDirect() {
        return inBlocks;
    }

    /** Memory that can be written to a direct file. */
    static ByteBuffer blocks(int count) {
        int bytes = count * BLOCK_BYTES;
        return ByteBuffer.allocateDirect(bytes + BLOCK_BYTES)
                .alignedSlice(BLOCK_BYTES)
                .slice(0, bytes);
    }

    /** Makes one. */
    static void make(LogDirectory files, String name, boolean direct, Opened next) {
        open(files, name, LogDirectory.MAKE, direct, next);
    }

    /** Opens one that has bytes already. */
    static void reopen(LogDirectory files, String name, long end, boolean direct, Opened next) {
        open(files, name, LogDirectory.CHANGE, direct, segment -> {
            int used = (int) (end % BLOCK_BYTES);
            if (!segment.inBlocks || used == 0) {
                next.opened(segment);
            } else {
                files.readBlock(segment.file, name, segment.last, end - used, used, () -> {
                    segment.last.position(used);
                    next.opened(segment);
                });
            }
        });
    }

    private static void open(
            LogDirectory files, String name, EnumSet<DiskOption> options, boolean direct, Opened next) {
        if (!direct) {
            openCached(files, name, options, next);
            return;
        }
        EnumSet<DiskOption> past = EnumSet.copyOf(options);
        past.add(DiskOption.DIRECT);
        files.tryToOpen(name, past, file -> {
            if (file < 0) {
                openCached(files, name, options, next); // no such access here; or it fails again, and is told
            } else if (files.disk().alignment((int) file) > BLOCK_BYTES) {
                files.close((int) file, () -> openCached(files, name, options, next));
            } else {
                next.opened(new SegmentFile((int) file, true));
            }
        });
    }

    private static void openCached(LogDirectory files, String name, EnumSet<DiskOption> options, Opened next) {
        files.open(name, options, file -> next.opened(new SegmentFile((int) file, false)));
    }

    /**
     * Writes zeros ahead, where they are wanted and none are on their way.
     *
     * @param end of all batches, with the one that is being written
     * @param most how long the segment is
     * @param then is run once they are written
     */
    void zeroAhead(LogDirectory files, String name, long end, long most, Runnable then) {
        if (!inBlocks || zeroing != Long.MAX_VALUE || zeros - end >= AHEAD_BYTES) {
            return;
        }
        long from = Math.max(zeros, Math.ceilDiv(end, BLOCK_BYTES) * BLOCK_BYTES);
        int count = (int) Math.min(AHEAD_BYTES, (most - from) / BLOCK_BYTES * BLOCK_BYTES);
        if (count > 0) {
            zeroing = from;
            zeros = from + count;
            files.write(file, name, ZEROS.slice(0, count), from, () -> {
                zeroing = Long.MAX_VALUE;
                then.run();
            });
        }
    }

    /** Whether a batch may be written that ends there: zeros that are on their way could come after it. */
    boolean isFree(long end) {
        return end <= zeroing;
    }

    /** Where a batch has to be written that follows an end. */
    long position(long end) {
        return end - last.position();
    }

    /** What is written there for a sealed batch: lent until {@link Batch#clear}. */
    ByteBuffer arrange(Batch sealed) {
        return inBlocks ? sealed.inBlocks(last) : sealed.bytes();
    }
}
