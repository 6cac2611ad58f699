package dev.sluice.kv.log;

import dev.sluice.disk.Disk;
import dev.sluice.os.Errno;
import java.nio.ByteBuffer;
import java.util.Objects;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.LongConsumer;
import org.jspecify.annotations.Nullable;

/**
 * Writes and syncs a log's records, with group commit: what is put while a batch is being written and synced is the next batch, and
 * shares one write and one sync. Once it is {@linkplain #stop stopped} it begins nothing more. In the log's domain.
 *
 * <p>A batch lies in one segment. The next segment is made while the current one fills, and the log goes over to it only once all
 * of the current one is synced, under every {@link Sync}: so what can be torn or lost lies in the last segment.
 */
final class LogWriter {
    private static final long SECOND = TimeUnit.SECONDS.toNanos(1);

    private final LogOptions options;
    private final Runnable progressed;
    private final Runnable ended;
    private LogDirectory files;
    private Executor order;
    private boolean attached = true;
    private boolean stopped;
    private final BatchQueue batches = new BatchQueue();
    private final SyncWaiters waitingForSync = new SyncWaiters();
    private final SegmentAhead ahead;
    private final Runnable waitOneMoreTurn = this::waitOneMoreTurn;
    private final Runnable startWhatWaits = this::startWhatWaits;
    private final Runnable startWhatIsFree = this::start;
    private final LongConsumer writtenAndSynced = this::wroteAndSynced;

    private OpenSegment segment;
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
    private long syncs;
    private long batchesWritten;

    /**
     * @param files whose owner {@linkplain #stop stops} this at the first failure
     * @param last the number of the last record that is there; all are durable
     * @param progressed is run once more is written or synced
     * @param ended is run once something has ended that the log's end may wait for
     */
    LogWriter(
            LogDirectory files,
            LogOptions options,
            Executor order,
            OpenSegment segment,
            long last,
            Runnable progressed,
            Runnable ended) {
        this.files = files;
        this.options = options;
        this.order = order;
        this.progressed = progressed;
        this.ended = ended;
        this.segment = segment;
        this.last = last;
        this.written = last;
        this.synced = last;
        ahead = new SegmentAhead(options, this::madeAhead);
    }

    /** See {@link CommitLog#detach}. */
    void detach(Runnable done) {
        attached = false;
        segment.detach(files, done);
    }

    /** See {@link CommitLog#attach}. */
    void attach(Disk to, Executor inOrder) {
        order = inOrder;
        files = files.on(to);
        OpenSegment.reopen(files, options, segment.header(), segment.end(), opened -> {
            segment = opened;
            attached = true;
            zeroAhead();
            start();
        });
    }

    LogDirectory files() {
        return files;
    }

    /** The number of the last record that was put. */
    long last() {
        return last;
    }

    long written() {
        return written;
    }

    long synced() {
        return synced;
    }

    /** See {@link CommitLog#bytes}. */
    long bytes() {
        return bytes;
    }

    void bytes(long value) {
        bytes = value;
    }

    long syncs() {
        return syncs;
    }

    long batches() {
        return batchesWritten;
    }

    // ---- batches

    /** Has a record written with the next batch, and tells its number. */
    long put(ByteBuffer payload) {
        batches.add(payload, ++last);
        startSoon();
        return last;
    }

    /**
     * Has the next batch, if there is one, begun two rounds of tasks from here: whoever is answered in between may ask again, and so be
     * in it. More in a batch makes fewer syncs, each of which costs as much as several writes.
     */
    private void startSoon() {
        boolean nothing = batches.first().isEmpty() && goneOver == null;
        if (!nothing && flying == null && !startIsDue && attached) {
            startIsDue = true;
            order.execute(waitOneMoreTurn);
        }
    }

    private void waitOneMoreTurn() {
        order.execute(startWhatWaits);
    }

    private void startWhatWaits() {
        startIsDue = false;
        start();
    }

    /** Writes the next batch, unless something has to be waited for, at whose end this is called again. */
    private void start() {
        if (stopped || flying != null || !attached || isSyncOverdue()) {
            return;
        }
        Batch batch = batches.first();
        boolean full = !batch.isEmpty() && !segment.hasRoom(batch, options.segmentBytes());
        if ((full || isGoingOver()) && !goOver()) {
            return;
        }
        if (!batch.isEmpty() && segment.isFree(batch)) {
            write(batches.take());
        }
    }

    private void write(Batch batch) {
        flying = batch;
        long begin = segment.end();
        if (options.sync() == Sync.ALWAYS) {
            syncs++;
            segment.writeAndSync(files, batch, synced, writtenAndSynced);
        } else {
            segment.write(files, batch, synced, this::wrote);
        }
        bytes += segment.end() - begin;
        batchesWritten++;
        zeroAhead();
    }

    private void zeroAhead() {
        if (options.preallocate()) {
            segment.zeroAhead(files, options.segmentBytes(), startWhatIsFree);
        }
    }

    private void wroteAndSynced(long result) {
        if (result < 0) {
            boolean cut = result == -Errno.EIO; // so a disk tells of a short write as well
            files.fail("write or sync of " + segment.name() + (cut ? " (or the disk is full)" : ""), (int) -result);
        } else {
            wrote();
        }
    }

    private void wrote() {
        Batch batch = Objects.requireNonNull(flying);
        flying = null;
        if (stopped) {
            return;
        }
        written = batch.last();
        batches.giveBack(batch);
        if (options.sync() == Sync.ALWAYS) {
            synced = written;
        }
        told();
    }

    /** What was written or synced may let something go on. */
    private void told() {
        if (waitingForSync.want(written, synced)) {
            sync();
        }
        progressed.run();
        waitingForSync.run(synced);
        if (segment.end() > options.segmentBytes() / 2) {
            makeAhead();
        }
        startSoon();
    }

    // ---- syncs

    /** See {@link CommitLog#tick}. */
    void tick(long nanos) {
        now = nanos;
        if (options.sync() == Sync.EVERYSEC && written > synced && nanos - syncStarted >= SECOND) {
            sync();
        }
    }

    /** A sync that takes too long holds up what would else be lost with what it is for. */
    private boolean isSyncOverdue() {
        return options.sync() == Sync.EVERYSEC && syncing && now - syncStarted > SECOND;
    }

    private void sync() {
        if (syncing || stopped) {
            return;
        }
        syncing = true;
        syncStarted = now;
        syncs++;
        long upTo = written;
        segment.sync(files, () -> {
            syncing = false;
            if (!stopped) {
                synced = upTo;
                told();
            }
        });
    }

    /** Runs a task once a record is synced, whatever was asked for; never where the log fails. */
    void whenSynced(long number, Runnable task) {
        waitingForSync.add(number, task);
        if (written >= number && written > synced && options.sync() != Sync.ALWAYS) {
            sync();
        }
        waitingForSync.run(synced);
    }

    // ---- segments

    /** See {@link CommitLog#goOver}. */
    void goOver(Consumer<SegmentHeader> then) {
        goneOver = then;
        start();
    }

    /** Whether it is to go over, and can: batches don't wait for a segment that is only being made. */
    private boolean isGoingOver() {
        if (goneOver != null && !ahead.isMade() && !segment.isFresh()) {
            makeAhead();
            return false;
        }
        return goneOver != null;
    }

    /** Goes over to the next segment; false where something has to be waited for, at whose end it is tried again. */
    private boolean goOver() {
        if (!segment.isFresh()) {
            if (written > synced || syncing) {
                sync();
                return false;
            }
            SegmentFile next = ahead.take();
            if (next == null) {
                makeAhead();
                return false;
            }
            segment.leave(files);
            segment = segment.next(next, written + 1);
        }
        Consumer<SegmentHeader> then = goneOver;
        if (then != null) {
            goneOver = null;
            then.accept(segment.header());
        }
        return true;
    }

    private void makeAhead() {
        if (!stopped) {
            ahead.make(files, segment.header().index() + 1);
        }
    }

    private void madeAhead() {
        start();
        ended.run();
    }

    // ---- the end

    /** Closes the segment once all that was put is synced. */
    void close() {
        whenSynced(last, () -> segment.cutAndClose(files, ended));
    }

    /** Whether that is done. */
    boolean isClosed() {
        return segment.isClosed();
    }

    /** Whether the next segment is being made, which the log's end waits for. */
    boolean isMakingAhead() {
        return ahead.isMaking();
    }

    /** The log has failed: writes and syncs no more. */
    void stop() {
        stopped = true;
        waitingForSync.clear();
    }
}
