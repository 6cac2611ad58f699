package dev.sluice.kv.log;

import dev.sluice.disk.Disk;
import dev.sluice.kv.Journal;
import dev.sluice.os.Errno;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * An append-only log of records in segments, with group commit: what is appended while a batch is being written and synced is the
 * next batch, and shares one write and one sync. All of it is used in one serialization domain, the disk's, which is the store's
 * own order. Appending copies the record and allocates nothing; it never waits.
 *
 * <p>Once anything fails, nothing is appended any more ({@link #refusal}). A failed sync above all is not tried again: the kernel
 * may have dropped what it could not write, and says so once (fsync(2)). What was not durable then is never told to be; a restart
 * looks what is there.
 *
 * <p>This is the log as others see it, and how it ends; {@link LogWriter} writes it.
 */
public final class CommitLog implements Journal {
    private static final ByteBuffer MARK = ByteBuffer.allocate(0);

    private final LogOptions options;
    private final LogWriter writer;
    private final List<Runnable> listeners = new ArrayList<>();
    private long snapshotBytes;
    private @Nullable String failure;
    private @Nullable Runnable closed;

    /** Is told once how opening ended; inside the log's domain. */
    public interface Opening {
        /** Each record has been applied, and the log takes more. */
        void opened(CommitLog log, RecoveryReport report);

        /** Why not, and what helps, in a sentence or two. What was applied until then is to be forgotten. */
        void failed(String why);
    }

    /**
     * Opens the log in a directory, and makes one where there is none. In the disk's domain.
     *
     * @param directory absolute; no other log may be open in it ({@link DirectoryLock})
     * @param order runs tasks in the disk's domain, and soon: those of the turn that it is called in may go first
     * @param random draws the identity of a new log
     * @param apply is told each record that is there, in order, lent for the call; an IllegalArgumentException says that it is none
     */
    public static void open(
            Disk disk,
            String directory,
            LogOptions options,
            Executor order,
            LongSupplier random,
            Consumer<ByteBuffer> apply,
            Opening opening) {
        LogDirectory files = new LogDirectory(disk, directory, (what, errno) -> {});
        new Recovery(files, options, order, random, apply, opening).start();
    }

    /** Goes on in a segment that recovery has made, whose records are all durable. */
    CommitLog(LogDirectory files, LogOptions options, Executor order, OpenSegment segment, long last) {
        this.options = options;
        writer =
                new LogWriter(files.with(this::fail), options, order, segment, last, this::progress, this::finishClose);
    }

    // ---- where it runs

    /**
     * Leaves its disk, before anything was appended, so that the log can be recovered on one thread and used on another. What is
     * appended from now on waits until it is attached.
     */
    public void detach(Runnable done) {
        writer.detach(done);
    }

    /** Goes on on another disk, whose domain is the log's from now on. */
    public void attach(Disk to, Executor inOrder) {
        writer.attach(to, inOrder);
    }

    // ---- what the store sees

    @Override
    public long append(ByteBuffer effects) {
        if (refusal() != null) {
            throw new IllegalStateException("nothing can be appended: " + refusal());
        }
        if (!effects.hasRemaining() || effects.remaining() > RecordFormat.PAYLOAD_MOST) {
            throw new IllegalArgumentException("a record of " + effects.remaining() + " bytes, where 1 to "
                    + RecordFormat.PAYLOAD_MOST + " can be");
        }
        return writer.put(effects);
    }

    @Override
    public long durable() {
        return options.sync() == Sync.ALWAYS ? writer.synced() : writer.written();
    }

    /** The number of the last record that is synced, whatever was asked for. */
    public long synced() {
        return writer.synced();
    }

    /** The number of the last record that was appended. */
    public long last() {
        return writer.last();
    }

    @Override
    public void onProgress(Runnable listener) {
        listeners.add(listener);
    }

    @Override
    public @Nullable String refusal() {
        return failure != null ? failure : closed != null ? "the log is closed" : null;
    }

    @Override
    public @Nullable String failure() {
        return failure;
    }

    /** How many bytes a recovery would read, behind the snapshot. */
    public long bytes() {
        return writer.bytes();
    }

    /** How long the last snapshot is; 0 where there is none. */
    public long snapshotBytes() {
        return snapshotBytes;
    }

    void size(long behindSnapshot, long ofSnapshot) {
        writer.bytes(behindSnapshot);
        snapshotBytes = ofSnapshot;
    }

    /** How often the log was synced since it was opened, and how many batches were written. */
    public long syncs() {
        return writer.syncs();
    }

    /** See {@link #syncs}. */
    public long batches() {
        return writer.batches();
    }

    LogOptions options() {
        return options;
    }

    LogDirectory files() {
        return writer.files();
    }

    /**
     * Tells the time, ten times a second or so; what is due every second is done then.
     *
     * @param nanos of any clock that never goes back
     */
    public void tick(long nanos) {
        writer.tick(nanos);
    }

    private void progress() {
        for (Runnable listener : listeners) {
            listener.run();
        }
    }

    private void fail(String what, int errno) {
        if (failure == null) {
            failure = what + ": " + Errno.describe(errno);
            writer.stop();
            progress();
            finishClose();
        }
    }

    // ---- what a compaction asks

    /** Has the log begin a new segment, and tells its header: its records, and no others, are appended from then on. */
    void goOver(Consumer<SegmentHeader> then) {
        writer.goOver(then);
    }

    /** Runs a task once a record is synced, whatever was asked for; never where the log fails. */
    void whenSynced(long number, Runnable task) {
        writer.whenSynced(number, task);
    }

    // ---- the end

    /**
     * Writes what was appended, and a mark behind it that says so, and syncs it, under every {@link Sync}. Nothing can be appended
     * any more. The disk is its owner's to close.
     *
     * @param done is run when that is done, or once the log has failed
     */
    public void close(Runnable done) {
        if (closed != null) {
            throw new IllegalStateException("the log is closed already");
        }
        if (failure == null) {
            writer.put(MARK);
        }
        closed = done;
        if (failure == null) {
            writer.close();
        } else {
            finishClose();
        }
    }

    private void finishClose() {
        Runnable done = closed;
        if (done != null && !writer.isMakingAhead() && (failure != null || writer.isClosed())) {
            closed = () -> {};
            done.run();
        }
    }
}
