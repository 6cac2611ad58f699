package dev.sluice.kv.log;

import dev.sluice.disk.Disk;
import dev.sluice.kv.Journal;
import dev.sluice.os.Errno;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.LongConsumer;
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
 * <p>A batch lies in one segment. The next segment is made while the current one fills, and the log goes over to it only once all
 * of the current one is synced, under every {@link Sync}: so what can be torn or lost lies in the last segment.
 */
public final class CommitLog implements Journal {
    private static final long SECOND = TimeUnit.SECONDS.toNanos(1);
    private static final ByteBuffer MARK = ByteBuffer.allocate(0);
    private static final int SPARES = 2;

    /** A segment that is ready to be gone over to. */
    private record Prepared(int index, SegmentFile file) {}

    private record Waiting(long number, Runnable task) {}

    private final LogOptions options;
    private LogDirectory files;
    private Disk disk;
    private Executor order;
    private boolean attached = true;
    private final long identity;
    private final List<Runnable> listeners = new ArrayList<>();
    private final List<Waiting> waitingForSync = new ArrayList<>();
    private final Deque<Batch> batches = new ArrayDeque<>();
    private final Deque<Batch> spares = new ArrayDeque<>();
    private final Runnable startWhatWaits = this::startWhatWaits;
    private final Runnable startWhatIsFree = this::start;
    private final LongConsumer writtenAndSynced = this::wroteAndSynced;

    private SegmentHeader segment;
    private String name;
    private SegmentFile file;
    private long end;
    private boolean preparing;
    private @Nullable Prepared prepared;
    private @Nullable Consumer<SegmentHeader> goneOver;

    private long last;
    private long written;
    private long synced;
    private @Nullable Batch flying;
    private boolean syncing;
    private boolean startIsDue;
    private long now;
    private long syncStarted;
    private long bytes;
    private long snapshotBytes;
    private long syncs;
    private long batchesWritten;
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
    CommitLog(
            LogDirectory files,
            LogOptions options,
            Executor order,
            SegmentHeader segment,
            SegmentFile file,
            long end,
            long last) {
        this.files = files.with(this::fail);
        this.disk = files.disk();
        this.options = options;
        this.order = order;
        this.identity = segment.identity();
        this.segment = segment;
        this.name = LogDirectory.name(SegmentHeader.Kind.SEGMENT, segment.index());
        this.file = file;
        this.end = end;
        this.last = last;
        this.written = last;
        this.synced = last;
        batches.add(new Batch());
        spares.add(new Batch());
    }

    // ---- where it runs

    /**
     * Leaves its disk, before anything was appended, so that the log can be recovered on one thread and used on another. What is
     * appended from now on waits until it is attached.
     */
    public void detach(Runnable done) {
        attached = false;
        files.close(file.file, done);
    }

    /** Goes on on another disk, whose domain is the log's from now on. */
    public void attach(Disk to, Executor inOrder) {
        disk = to;
        order = inOrder;
        files = files.on(to);
        SegmentFile.reopen(files, name, end, isDirect(options), opened -> {
            file = opened;
            attached = true;
            zeroAhead();
            start();
        });
    }

    /** Whether segments are written past the page cache: where the disk is waited for with each batch anyway. */
    static boolean isDirect(LogOptions options) {
        return options.sync() == Sync.ALWAYS;
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
        return put(effects);
    }

    private long put(ByteBuffer payload) {
        Batch batch = batches.getLast();
        if (!batch.hasRoom(payload.remaining())) {
            batch = spares.isEmpty() ? new Batch() : spares.removeLast();
            batches.add(batch);
        }
        batch.add(payload, ++last);
        if (flying == null && !startIsDue && attached) {
            startIsDue = true;
            order.execute(startWhatWaits); // once all that has arrived with it is there too
        }
        return last;
    }

    @Override
    public long durable() {
        return options.sync() == Sync.ALWAYS ? synced : written;
    }

    /** The number of the last record that is synced, whatever was asked for. */
    public long synced() {
        return synced;
    }

    /** The number of the last record that was appended. */
    public long last() {
        return last;
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
        return bytes;
    }

    /** How long the last snapshot is; 0 where there is none. */
    public long snapshotBytes() {
        return snapshotBytes;
    }

    void size(long behindSnapshot, long ofSnapshot) {
        bytes = behindSnapshot;
        snapshotBytes = ofSnapshot;
    }

    /** How often the log was synced since it was opened, and how many batches were written. */
    public long syncs() {
        return syncs;
    }

    /** See {@link #syncs}. */
    public long batches() {
        return batchesWritten;
    }

    LogOptions options() {
        return options;
    }

    LogDirectory files() {
        return files;
    }

    /**
     * Tells the time, ten times a second or so; what is due every second is done then.
     *
     * @param nanos of any clock that never goes back
     */
    public void tick(long nanos) {
        now = nanos;
        if (options.sync() == Sync.EVERYSEC && written > synced && nanos - syncStarted >= SECOND) {
            sync();
        }
    }

    private void progress() {
        for (Runnable listener : listeners) {
            listener.run();
        }
    }

    private void fail(String what, int errno) {
        if (failure == null) {
            failure = what + ": " + Errno.describe(errno);
            waitingForSync.clear();
            progress();
            finishClose();
        }
    }

    // ---- batches

    private void startWhatWaits() {
        startIsDue = false;
        start();
    }

    /** Writes the next batch, unless something has to be waited for, at whose end this is called again. */
    private void start() {
        if (failure != null || flying != null || !attached || isSyncOverdue()) {
            return;
        }
        Batch batch = batches.getFirst();
        boolean full = !batch.isEmpty() && !isFresh() && end + batch.size() > options.segmentBytes();
        if ((full || isGoingOver()) && !goOver()) {
            return;
        }
        if (!batch.isEmpty() && file.isFree(end + SegmentHeader.BYTES + batch.size())) {
            write(batch);
        }
    }

    /** Whether it is to go over, and can: batches don't wait for a segment that is only being made. */
    private boolean isGoingOver() {
        if (goneOver != null && prepared == null && !isFresh()) {
            prepare();
            return false;
        }
        return goneOver != null;
    }

    /** A sync that takes too long holds up what would else be lost with what it is for. */
    private boolean isSyncOverdue() {
        return options.sync() == Sync.EVERYSEC && syncing && now - syncStarted > SECOND;
    }

    /** Whether the segment has nothing yet, not even its header. */
    private boolean isFresh() {
        return end == 0;
    }

    private void write(Batch batch) {
        flying = batch;
        batches.removeFirst();
        if (batches.isEmpty()) {
            batches.add(spares.isEmpty() ? new Batch() : spares.removeLast());
        }
        int size = batch.seal(segment, isFresh(), synced).remaining();
        long position = file.position(end);
        ByteBuffer arranged = file.arrange(batch);
        end += size;
        bytes += size;
        batchesWritten++;
        if (options.sync() == Sync.ALWAYS) {
            syncs++;
            disk.writeAndSync(file.file, arranged, position, writtenAndSynced);
        } else {
            files.write(file.file, name, arranged, position, this::wrote);
        }
        zeroAhead();
    }

    private void zeroAhead() {
        if (options.preallocate()) {
            file.zeroAhead(files, name, end, options.segmentBytes(), startWhatIsFree);
        }
    }

    private void wroteAndSynced(long result) {
        if (result < 0) {
            boolean cut = result == -Errno.EIO; // so a disk tells of a short write as well
            fail("write or sync of " + name + (cut ? " (or the disk is full)" : ""), (int) -result);
        } else {
            wrote();
        }
    }

    private void wrote() {
        Batch batch = Objects.requireNonNull(flying);
        flying = null;
        if (failure != null) {
            return;
        }
        written = batch.last();
        batch.clear();
        if (spares.size() < SPARES) {
            spares.add(batch);
        }
        if (options.sync() == Sync.ALWAYS) {
            synced = written;
        } else if (isSyncWanted()) {
            sync();
        }
        told();
    }

    /** What was written or synced may let something go on. */
    private void told() {
        progress();
        runWaiting();
        if (prepared == null && end > options.segmentBytes() / 2) {
            prepare();
        }
        start();
    }

    // ---- syncs

    private boolean isSyncWanted() {
        for (Waiting waiting : waitingForSync) {
            if (waiting.number > synced && waiting.number <= written) {
                return true;
            }
        }
        return false;
    }

    private void sync() {
        if (syncing || failure != null) {
            return;
        }
        syncing = true;
        syncStarted = now;
        syncs++;
        long upTo = written;
        disk.syncData(file.file, files.orFail("sync of " + name, done -> {
            syncing = false;
            if (failure != null) {
                return;
            }
            synced = upTo;
            if (isSyncWanted()) {
                sync();
            }
            told();
        }));
    }

    /** Runs a task once a record is synced, whatever was asked for; never where the log fails. */
    void whenSynced(long number, Runnable task) {
        waitingForSync.add(new Waiting(number, task));
        if (written >= number && written > synced && options.sync() != Sync.ALWAYS) {
            sync();
        }
        runWaiting();
    }

    private void runWaiting() {
        for (int i = 0; i < waitingForSync.size(); i++) {
            Waiting waiting = waitingForSync.get(i);
            if (waiting.number <= synced) {
                waitingForSync.remove(i--);
                waiting.task.run();
            }
        }
    }

    // ---- segments

    /** Has the log begin a new segment, and tells its header: its records, and no others, are appended from then on. */
    void goOver(Consumer<SegmentHeader> then) {
        goneOver = then;
        start();
    }

    /** Goes over to the next segment; false where something has to be waited for, at whose end it is tried again. */
    private boolean goOver() {
        if (!isFresh()) {
            Prepared next = prepared;
            if (written > synced || syncing) {
                sync();
                return false;
            }
            if (next == null) {
                prepare();
                return false;
            }
            disk.close(file.file, result -> {}); // all of it is synced
            prepared = null;
            file = next.file;
            end = 0;
            segment = new SegmentHeader(SegmentHeader.Kind.SEGMENT, identity, next.index, written + 1);
            name = LogDirectory.name(SegmentHeader.Kind.SEGMENT, next.index);
        }
        Consumer<SegmentHeader> then = goneOver;
        if (then != null) {
            goneOver = null;
            then.accept(segment);
        }
        return true;
    }

    private void prepare() {
        if (preparing || prepared != null || failure != null) {
            return;
        }
        preparing = true;
        int index = segment.index() + 1;
        String made = LogDirectory.name(SegmentHeader.Kind.SEGMENT, index);
        SegmentFile.make(files, made, isDirect(options), opened -> {
            Runnable ready = () -> {
                preparing = false;
                prepared = new Prepared(index, opened);
                start();
                finishClose();
            };
            Runnable names = () -> files.syncNames(ready);
            if (options.preallocate()) {
                files.allocate(opened.file, made, options.segmentBytes(), names);
            } else {
                names.run();
            }
        });
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
            put(MARK);
        }
        closed = done;
        if (failure == null) {
            whenSynced(last, this::cutAndClose);
        } else {
            finishClose();
        }
    }

    /** Gives back the room that was made for records which never came. */
    private void cutAndClose() {
        disk.truncate(
                file.file,
                end,
                files.orFail(
                        "cutting " + name,
                        done -> disk.close(file.file, files.orFail("closing " + name, closing -> {
                            end = -1;
                            finishClose();
                        }))));
    }

    private void finishClose() {
        Runnable done = closed;
        if (done != null && !preparing && (failure != null || end < 0)) {
            closed = () -> {};
            done.run();
        }
    }
}
