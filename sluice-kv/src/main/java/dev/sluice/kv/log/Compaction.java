package dev.sluice.kv.log;

import dev.sluice.kv.Snapshots;
import dev.sluice.os.Errno;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Takes a snapshot of what a log comes to, in the background, and removes the segments that it makes superfluous. The log goes over
 * to a new segment; then the store tells all that it holds, a piece at a time, while it goes on being written to. The snapshot and
 * that segment give the store. In the log's domain.
 *
 * <p>A key is told as it is when its turn comes, so a snapshot may hold what was appended after it was begun, and isn't durable. It
 * takes its name only once all that was appended by its end is: otherwise a power cut could leave a later write and not an earlier
 * one. In order: the file is synced, the log is, the file is renamed, the names are synced, and the old files are removed.
 *
 * <p>It is written past the page cache where the file system can: so no sync, of the log's neither, finds megabytes to be written
 * first.
 */
public final class Compaction implements Snapshots {
    /** Tells all that a store holds. */
    public interface Source {
        /** Tells the next record, lent for the call; false where there is none. Comes back after a bounded time. */
        boolean next(Consumer<ByteBuffer> record);
    }

    /** What the page cache may hold, so that the log's own syncs needn't wait for all of it. */
    private static final int CACHED_BYTES = 1 << 20;

    private static final ByteBuffer MARK = ByteBuffer.allocate(0);

    private final CommitLog log;
    private final Supplier<Source> dump;
    private final LongSupplier clockMillis;
    private final Pace pace;
    private final Runnable step = this::step;
    private final Runnable rested = this::rested;
    private LogDirectory files;
    private final Batch batch = new Batch();
    private boolean running;
    private @Nullable Source source;
    private SegmentHeader header;
    private String name = "";
    private @Nullable SegmentFile file;
    /** What comes after the rest that is under way. */
    private @Nullable Runnable resting;

    private long end;
    private long syncedEnd;
    private long number;
    private long logBytesAtStart;
    private long lastSuccessMillis;
    private @Nullable String lastFailure;

    /**
     * @param dump begins to tell what the store holds from then on
     * @param clockMillis the wall clock, since the epoch
     */
    public Compaction(CommitLog log, Supplier<Source> dump, LongSupplier clockMillis, Pace pace) {
        this.log = log;
        this.dump = dump;
        this.clockMillis = clockMillis;
        this.pace = pace;
        this.files = log.files().with(this::fail);
        this.header = new SegmentHeader(SegmentHeader.Kind.SNAPSHOT, 0, 0, 0);
        lastSuccessMillis = clockMillis.getAsLong();
        log.onProgress(this::giveUpWithLog);
    }

    @Override
    public boolean start() {
        if (running || log.refusal() != null) {
            return false;
        }
        running = true;
        log.goOver(this::begin);
        return true;
    }

    @Override
    public boolean isRunning() {
        return running;
    }

    @Override
    public long lastSuccessMillis() {
        return lastSuccessMillis;
    }

    @Override
    public @Nullable String lastFailure() {
        return lastFailure;
    }

    /** Starts it where the log has become long, and goes on with it where its timer was dropped; called now and then. */
    public void tick() {
        rested();
        long most = log.options().compactBytes();
        if (!running && most > 0 && log.bytes() - logBytesAtStart > Math.max(most, log.snapshotBytes())) {
            start();
        }
    }

    private void giveUpWithLog() {
        String why = log.refusal();
        if (running && why != null) {
            running = false;
            source = null;
            lastFailure = why;
        }
    }

    private void fail(String what, int errno) {
        if (running) {
            running = false;
            source = null;
            lastFailure = what + ": " + Errno.describe(errno);
            SegmentFile unfinished = file;
            if (unfinished != null) {
                log.files().disk().close(unfinished.file, closed -> {});
                file = null;
                log.files().disk().remove(files.path() + "/" + name, removed -> {}); // or else by the next recovery
            }
        }
    }

    // ---- writing

    private void begin(SegmentHeader segment) {
        files = log.files().with(this::fail);
        logBytesAtStart = log.bytes();
        header = new SegmentHeader(SegmentHeader.Kind.SNAPSHOT, segment.identity(), segment.index(), segment.first());
        name = LogDirectory.name(SegmentHeader.Kind.SNAPSHOT, segment.index()) + LogDirectory.UNFINISHED;
        end = 0;
        syncedEnd = 0;
        number = 0;
        SegmentFile.make(files, name, true, opened -> {
            file = opened;
            if (running) {
                source = dump.get();
                step();
            }
        });
    }

    private void step() {
        Source from = source;
        SegmentFile to = file;
        if (!running || from == null || to == null) {
            return;
        }
        pace.begin();
        batch.clear();
        boolean more;
        do {
            more = from.next(record -> batch.add(record, ++number));
        } while (more && !pace.isOver(batch.size()));
        if (!more) {
            batch.add(MARK, ++number);
        }
        int size = batch.seal(header, end == 0, number).remaining();
        long at = to.position(end);
        end += size;
        files.write(to.file, name, to.arrange(batch), at, more ? () -> written(to) : () -> finish(to));
    }

    private void written(SegmentFile to) {
        if (to.isDirect() || end - syncedEnd < CACHED_BYTES) {
            rest(step);
        } else {
            syncedEnd = end;
            log.files().disk().syncData(to.file, files.orFail("sync of " + name, done -> rest(step)));
        }
    }

    private void rest(Runnable next) {
        if (running) {
            resting = next;
            pace.rest(hurry(), rested);
        }
    }

    private void rested() {
        Runnable next = resting;
        resting = null;
        if (next != null && running) {
            next.run();
        }
    }

    /** How much of half of what the log may grow by, before it has to be compacted again, it has grown by already. */
    private double hurry() {
        long most = Math.max(log.options().compactBytes(), log.snapshotBytes()) / 2;
        return (log.bytes() - logBytesAtStart) / (double) Math.max(most, 1);
    }

    // ---- the end

    private void finish(SegmentFile to) {
        source = null;
        batch.clear();
        if (running) {
            long last = log.last();
            Runnable sync = () -> files.sync(to.file, name, () -> log.whenSynced(last, () -> place(to)));
            log.files().disk().truncate(to.file, end, files.orFail("cutting " + name, done -> sync.run()));
        }
    }

    private void place(SegmentFile made) {
        if (!running) {
            return;
        }
        String finished = LogDirectory.name(SegmentHeader.Kind.SNAPSHOT, header.index());
        files.close(made.file, () -> {
            file = null;
            files.rename(name, finished, () -> files.syncNames(this::removeOld));
        });
    }

    private void removeOld() {
        List<String> names = new ArrayList<>();
        files.list(names, () -> {
            names.removeIf(each -> LogDirectory.index(each) < 0 || LogDirectory.index(each) >= header.index());
            new Removal(files, pace::begin, this::rest).remove(names, this::succeeded);
        });
    }

    private void succeeded() {
        if (running) {
            running = false;
            lastFailure = null;
            lastSuccessMillis = clockMillis.getAsLong();
            log.size(log.bytes() - logBytesAtStart, end);
            logBytesAtStart = 0;
        }
    }
}
