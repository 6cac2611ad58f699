package dev.sluice.kv.log;

import dev.sluice.os.Errno;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Executor;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Reads what is there: the last snapshot, and the segments from the one of the same index on. A segment counts up to the first
 * number of any behind it. Then it makes the segment that the log goes on in, and writes those records anew that may stand in the
 * page cache only: of a failed sync nobody is told a second time.
 *
 * <p>It changes nothing before all was read and found good, and a crash at any step leaves what can be recovered.
 */
final class Recovery {
    private final LogDirectory files;
    private final LogOptions options;
    private final Executor order;
    private final LongSupplier random;
    private final Consumer<ByteBuffer> apply;
    private final CommitLog.Opening opening;

    private final LogContents contents;
    private final List<LogFile> damaged = new ArrayList<>();
    private List<LogFile> segments = List.of();
    private @Nullable LogFile snapshot;
    private @Nullable LogFile lastUsed;
    /** The last used segment's records from this number on are written anew. */
    private long copiedFrom = 1;

    private long next = 1;
    private long marks;
    private boolean endsWithMark;
    private long snapshotRecords;
    private int segmentsRead;
    private long segmentRecords;
    private long segmentBytes;
    private long bytesRead;
    private RecoveryReport.@Nullable Dropped tail;
    private @Nullable String damage;
    private boolean failed;

    Recovery(
            LogDirectory files,
            LogOptions options,
            Executor order,
            LongSupplier random,
            Consumer<ByteBuffer> apply,
            CommitLog.Opening opening) {
        this.files = files.with((what, errno) -> fail(what + ": " + Errno.describe(errno)));
        this.contents = new LogContents(this.files);
        this.options = options;
        this.order = order;
        this.random = random;
        this.apply = apply;
        this.opening = opening;
    }

    private void fail(String why) {
        if (!failed) {
            failed = true;
            opening.failed(why);
        }
    }

    void start() {
        contents.read(this::fail, this::choose);
    }

    private void choose() {
        segments = contents.segments();
        if (contents.isEmpty()) {
            contents.identity(random.getAsLong());
            createNext();
        } else {
            readSnapshot();
        }
    }

    // ---- the snapshot

    private void readSnapshot() {
        LogFile file = contents.lastSnapshot();
        if (file == null) {
            readSegment(0);
            return;
        }
        SegmentHeader header = file.header();
        if (header == null) {
            fail(file.name() + " has no header that can be read: restore a copy of it");
            return;
        }
        snapshot = file;
        next = header.first();
        copiedFrom = next;
        segments =
                segments.stream().filter(each -> each.index() >= header.index()).toList();
        List<RecordReader> reader = new ArrayList<>(1);
        reader.add(new RecordReader(header.salt(), file.size(), 1, Long.MAX_VALUE, this::applied, () -> {
            RecordReader read = reader.getFirst();
            snapshotRecords = read.next() - 1 - marks;
            bytesRead += read.stoppedAt();
            if (!endsWithMark || read.stoppedAt() != file.size()) {
                fail(where(file, read.stoppedAt(), "the rest of the snapshot can't be read")
                        + ". Nothing was changed. Restore a copy of it: the log that it was made of is gone");
            } else {
                readSegment(0);
            }
        }));
        read(file, SegmentHeader.BYTES, reader.getFirst());
    }

    private void read(LogFile file, long from, ReadAhead.Reader reader) {
        marks = 0;
        endsWithMark = false;
        ReadAhead.read(files, file, from, reader);
    }

    private void applied(long number, ByteBuffer payload) {
        endsWithMark = !payload.hasRemaining();
        if (endsWithMark) {
            marks++;
            return;
        }
        try {
            apply.accept(payload);
        } catch (IllegalArgumentException e) {
            fail("record " + number + " is whole, and not the store's: " + e.getMessage());
        }
    }

    // ---- the segments

    /** The first number of any segment behind this one. */
    private long limitOf(int i) {
        long limit = Long.MAX_VALUE;
        for (LogFile behind : segments.subList(i + 1, segments.size())) {
            SegmentHeader header = behind.header();
            limit = header == null ? limit : Math.min(limit, header.first());
        }
        return limit;
    }

    private void readSegment(int i) {
        if (failed) {
            return;
        }
        if (i == segments.size()) {
            readTail();
            return;
        }
        LogFile file = segments.get(i);
        SegmentHeader header = file.header();
        long limit = limitOf(i);
        if (header == null || header.first() >= limit) {
            readSegment(i + 1); // not begun yet, or written anew
        } else if (header.first() != next && i > 0 && segments.get(i - 1).header() == null) {
            cutAt(i - 1, 0, "its header can't be read, and later segments follow");
        } else if (header.first() != next) {
            cutAt(i, SegmentHeader.BYTES, "records " + next + " to " + (header.first() - 1) + " are missing before it");
        } else {
            lastUsed = file;
            copiedFrom = next;
            List<RecordReader> reader = new ArrayList<>(1);
            reader.add(new RecordReader(
                    header.salt(),
                    file.size(),
                    next,
                    limit,
                    this::applied,
                    () -> segmentRead(i, limit, reader.getFirst())));
            read(file, SegmentHeader.BYTES, reader.getFirst());
        }
    }

    private void segmentRead(int i, long limit, RecordReader reader) {
        segmentsRead++;
        segmentRecords += reader.next() - next - marks;
        bytesRead += reader.stoppedAt();
        segmentBytes += reader.stoppedAt();
        next = reader.next();
        if (failed) {
            return;
        }
        if (next == limit) {
            readSegment(i + 1);
        } else if (limit != Long.MAX_VALUE) {
            cutAt(i, reader.stoppedAt(), "record " + next + " can't be read, and later segments follow");
        } else {
            copiedFrom = Math.max(copiedFrom, Math.min(reader.durable() + 1, next));
            scan(i, reader.stoppedAt(), new Tail(i, reader.stoppedAt()));
        }
    }

    // ---- what stands behind the last record

    /** What was found behind the last record that can be read, over all files from its own on. */
    private static final class Tail {
        final int segment;
        final long offset;
        long bytes;
        long records;
        boolean wasDurable;

        Tail(int segment, long offset) {
            this.segment = segment;
            this.offset = offset;
        }
    }

    /** There is no segment with a header, or none that is not written anew: those without are looked at all the same. */
    private void readTail() {
        if (segments.isEmpty()) {
            createNext();
        } else {
            scan(0, SegmentHeader.BYTES, new Tail(0, SegmentHeader.BYTES));
        }
    }

    private void scan(int i, long from, Tail found) {
        if (i == segments.size()) {
            judge(found);
            return;
        }
        LogFile file = segments.get(i);
        List<DamageScan> scan = new ArrayList<>(1);
        scan.add(new DamageScan(SegmentHeader.salt(contents.identity(), file.index()), file.size(), next, () -> {
            DamageScan done = scan.getFirst();
            found.bytes += Math.max(0, done.writtenUpTo() - from);
            found.records += done.records();
            found.wasDurable |= done.wasDurable();
            scan(i + 1, SegmentHeader.BYTES, found);
        }));
        ReadAhead.read(files, file, from, scan.getFirst());
    }

    private void judge(Tail found) {
        if (found.wasDurable) {
            cutAt(
                    found.segment,
                    found.offset,
                    "record " + next + " can't be read, and was durable once: of " + found.records
                            + " whole records behind it one says so");
            return;
        }
        if (found.bytes > 0) {
            tail = new RecoveryReport.Dropped(
                    segments.get(found.segment).name(), found.offset, found.bytes, found.records);
        }
        createNext();
    }

    // ---- damage

    private static String where(LogFile file, long offset, String what) {
        return String.format(Locale.ROOT, "%s is damaged at offset %,d: %s", file.name(), offset, what);
    }

    private void cutAt(int i, long offset, String what) {
        String where = where(segments.get(i), offset, what);
        if (!options.repair()) {
            fail(where + ". Nothing was changed. Restore a copy; or start with --repair, which keeps the " + (next - 1)
                    + " records before it and sets the rest aside, as files that end in " + LogDirectory.DAMAGED);
            return;
        }
        damage = where + "; repaired: cut there, and set aside as files that end in " + LogDirectory.DAMAGED;
        damaged.addAll(segments.subList(i, segments.size()));
        createNext();
    }

    // ---- the end

    private void createNext() {
        LogFile from = lastUsed;
        SegmentHeader header = from == null ? null : from.header();
        if (header != null && damaged.contains(from)) {
            copiedFrom = header.first(); // nothing of it stays where it is
        }
        new NextSegment(files, options, contents, from, copiedFrom, next, damaged).make(this::goOn);
    }

    private void goOn(SegmentHeader segment, long end) {
        OpenSegment.reopen(files, options, segment, end, opened -> {
            if (!failed) {
                CommitLog log = new CommitLog(files, options, order, opened, next - 1);
                log.size(segmentBytes, snapshot == null ? 0 : snapshot.size());
                opening.opened(log, report());
            }
        });
    }

    private RecoveryReport report() {
        return new RecoveryReport(
                snapshot == null ? null : snapshot.name(),
                snapshotRecords,
                segmentsRead,
                segmentRecords,
                bytesRead,
                next - 1,
                endsWithMark && tail == null,
                tail,
                damage);
    }
}
