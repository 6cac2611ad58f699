package dev.sluice.kv.log;

import dev.sluice.disk.Disk;
import java.nio.ByteBuffer;
import java.util.function.Consumer;
import java.util.function.LongConsumer;

/** The segment that a log ends in, open to be written: which one it is, and how far it is filled. */
final class OpenSegment {
    private static final long CLOSED = -1;

    private final SegmentHeader header;
    private final String name;
    private final SegmentFile file;
    private long end;

    private OpenSegment(SegmentHeader header, SegmentFile file, long end) {
        this.header = header;
        this.name = name(header);
        this.file = file;
        this.end = end;
    }

    private static String name(SegmentHeader header) {
        return LogDirectory.name(SegmentHeader.Kind.SEGMENT, header.index());
    }

    /** Opens one that ends there. */
    static void reopen(
            LogDirectory files, LogOptions options, SegmentHeader header, long end, Consumer<OpenSegment> then) {
        SegmentFile.reopen(
                files, name(header), end, options.isDirect(), file -> then.accept(new OpenSegment(header, file, end)));
    }

    /** The one that follows it: in a file that has nothing yet. */
    OpenSegment next(SegmentFile made, long first) {
        SegmentHeader following =
                new SegmentHeader(SegmentHeader.Kind.SEGMENT, header.identity(), header.index() + 1, first);
        return new OpenSegment(following, made, 0);
    }

    SegmentHeader header() {
        return header;
    }

    String name() {
        return name;
    }

    long end() {
        return end;
    }

    /** Whether it has nothing yet, not even its header. */
    boolean isFresh() {
        return end == 0;
    }

    /** Whether it may take a batch and be so long at most; one batch it always may. */
    boolean hasRoom(Batch batch, long most) {
        return isFresh() || end + batch.size() <= most;
    }

    /** Whether a batch may be written now: see {@link SegmentFile#isFree}. */
    boolean isFree(Batch batch) {
        return file.isFree(end + SegmentHeader.BYTES + batch.size());
    }

    /**
     * Writes a batch behind all that is there.
     *
     * @param durable the last record that is
     */
    void write(LogDirectory files, Batch batch, long durable, Runnable then) {
        long position = file.position(end);
        files.write(file.file, name, add(batch, durable), position, then);
    }

    /** As {@link #write}, with a sync of all of it, and a refusal is told as what it is. */
    void writeAndSync(LogDirectory files, Batch batch, long durable, LongConsumer then) {
        long position = file.position(end);
        files.disk().writeAndSync(file.file, add(batch, durable), position, then);
    }

    private ByteBuffer add(Batch batch, long durable) {
        end += batch.seal(header, isFresh(), durable).remaining();
        return file.arrange(batch);
    }

    /** See {@link SegmentFile#zeroAhead}. */
    void zeroAhead(LogDirectory files, long most, Runnable then) {
        file.zeroAhead(files, name, end, most, then);
    }

    void sync(LogDirectory files, Runnable then) {
        files.disk().syncData(file.file, files.orFail("sync of " + name, done -> then.run()));
    }

    /** Closes it as it is, to be opened again by another disk. */
    void detach(LogDirectory files, Runnable then) {
        files.close(file.file, then);
    }

    /** Closes it behind its last record, all of it being synced; another follows. */
    void leave(LogDirectory files) {
        files.disk().close(file.file, result -> {});
    }

    /** Gives back the room that was made for records which never came, and closes it; none follows. */
    void cutAndClose(LogDirectory files, Runnable then) {
        LongConsumer closed = files.orFail("closing " + name, done -> {
            end = CLOSED;
            then.run();
        });
        Disk disk = files.disk();
        disk.truncate(file.file, end, files.orFail("cutting " + name, done -> disk.close(file.file, closed)));
    }

    boolean isClosed() {
        return end == CLOSED;
    }
}
