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
 */
public final class Compaction implements Snapshots {
    /** Tells all that a store holds. */
    public interface Source {
        /** Tells the next record, lent for the call; false where there is none. Comes back after a bounded time. */
        boolean next(Consumer<ByteBuffer> record);
    }

    /** What is told and written at a time: little, for commands wait meanwhile. */
    private static final int STEP_BYTES = 256 << 10;
    /** What is synced at a time, so that the log's own syncs needn't wait for all of it. */
    private static final int SYNC_BYTES = 4 << 20;

    private static final ByteBuffer MARK = ByteBuffer.allocate(0);

    private final CommitLog log;
    private final Supplier<Source> dump;
    private final LongSupplier clockMillis;
    private LogDirectory files;
    private final Batch batch = new Batch();
    private boolean running;
    private @Nullable Source source;
    private SegmentHeader header;
    private String name = "";
    private int file = -1;
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
    public Compaction(CommitLog log, Supplier<Source> dump, LongSupplier clockMillis) {
        this.log = log;
        this.dump = dump;
        this.clockMillis = clockMillis;
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

    /** Starts it where the log has become long; called now and then. */
    public void tick() {
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
            if (file >= 0) {
                log.files().disk().close(file, closed -> {});
                file = -1;
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
        files.open(name, LogDirectory.MAKE, opened -> {
            file = (int) opened;
            if (running) {
                source = dump.get();
                step();
            }
        });
    }

    private void step() {
        Source from = source;
        if (!running || from == null) {
            return;
        }
        batch.clear();
        boolean more = true;
        while (more && batch.size() < STEP_BYTES) {
            more = from.next(record -> batch.add(record, ++number));
        }
        if (!more) {
            batch.add(MARK, ++number);
        }
        Runnable then = more ? this::written : this::finish;
        ByteBuffer bytes = batch.seal(header, end == 0, number);
        long at = end;
        end += bytes.remaining();
        files.write(file, name, bytes, at, then);
    }

    private void written() {
        if (running && end - syncedEnd >= SYNC_BYTES) {
            syncedEnd = end;
            log.files().disk().syncData(file, files.orFail("sync of " + name, done -> step()));
        } else {
            step();
        }
    }

    // ---- the end

    private void finish() {
        source = null;
        batch.clear();
        if (running) {
            long last = log.last();
            files.sync(file, name, () -> log.whenSynced(last, this::place));
        }
    }

    private void place() {
        if (!running) {
            return;
        }
        String finished = LogDirectory.name(SegmentHeader.Kind.SNAPSHOT, header.index());
        files.close(file, () -> {
            file = -1;
            files.rename(name, finished, () -> files.syncNames(this::removeOld));
        });
    }

    private void removeOld() {
        List<String> names = new ArrayList<>();
        files.list(names, () -> {
            names.removeIf(each -> LogDirectory.index(each) < 0 || LogDirectory.index(each) >= header.index());
            files.removeAll(names, this::succeeded);
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
