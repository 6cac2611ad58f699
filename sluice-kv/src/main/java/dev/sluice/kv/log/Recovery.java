package dev.sluice.kv.log;

import dev.sluice.os.Errno;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Deque;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Executor;
import java.util.function.Consumer;
import java.util.function.LongConsumer;
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

    private final List<String> names = new ArrayList<>();
    private final List<LogFile> snapshots = new ArrayList<>();
    private final List<LogFile> segments = new ArrayList<>();
    private final List<LogFile> damaged = new ArrayList<>();
    private long identity;
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

    // ---- the files

    void start() {
        files.disk().list(files.path(), names, files.orFail("listing " + files.path(), count -> {
            names.sort(Comparator.comparingInt(LogDirectory::index));
            enterFile(0);
        }));
    }

    private void enterFile(int i) {
        if (i == names.size()) {
            choose();
            return;
        }
        String name = names.get(i);
        boolean isSegment = LogDirectory.isOf(SegmentHeader.Kind.SEGMENT, name);
        if (!isSegment && !LogDirectory.isOf(SegmentHeader.Kind.SNAPSHOT, name)) {
            enterFile(i + 1);
            return;
        }
        files.open(name, LogDirectory.READ, file -> {
            ByteBuffer head = ByteBuffer.allocateDirect(SegmentHeader.BYTES);
            files.read((int) file, name, head, 0, () -> {
                long size = files.disk().size((int) file);
                files.close((int) file, () -> {
                    if (enter(name, size, head.flip(), isSegment)) {
                        enterFile(i + 1);
                    }
                });
            });
        });
    }

    private boolean enter(String name, long size, ByteBuffer head, boolean isSegment) {
        SegmentHeader.Kind kind = isSegment ? SegmentHeader.Kind.SEGMENT : SegmentHeader.Kind.SNAPSHOT;
        SegmentHeader header = SegmentHeader.of(head);
        int version = SegmentHeader.versionOf(head);
        if (header == null && version != 0) {
            fail(name + " has version " + version + ", and this Sluice reads version " + SegmentHeader.VERSION
                    + ": start the one that wrote it");
            return false;
        }
        if (header != null && (header.kind() != kind || header.index() != LogDirectory.index(name))) {
            fail(name + " was another file once (" + LogDirectory.name(header.kind(), header.index())
                    + "): give it its name back");
            return false;
        }
        (isSegment ? segments : snapshots)
                .add(new LogFile(name, size, header));
        return true;
    }

    private void choose() {
        boolean known = false;
        for (List<LogFile> kind : List.of(snapshots, segments)) {
            for (LogFile each : kind) {
                SegmentHeader header = each.header();
                if (header != null && known && header.identity() != identity) {
                    fail(each.name() + " is of another store than the files beside it: put it where it belongs");
                    return;
                }
                if (header != null) {
                    identity = header.identity();
                    known = true;
                }
            }
        }
        if (!known && !(snapshots.isEmpty() && segments.isEmpty())) {
            fail("none of the files in " + files.path() + " has a header that can be read: restore a copy");
        } else if (!known) {
            identity = random.getAsLong();
            createNext();
        } else {
            readSnapshot();
        }
    }

    // ---- the snapshot

    private void readSnapshot() {
        if (snapshots.isEmpty()) {
            readSegment(0);
            return;
        }
        LogFile file = snapshots.getLast();
        SegmentHeader header = file.header();
        if (header == null) {
            fail(file.name() + " has no header that can be read: restore a copy of it");
            return;
        }
        snapshot = file;
        next = header.first();
        copiedFrom = next;
        segments.removeIf(each -> each.index() < header.index());
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
        scan.add(new DamageScan(SegmentHeader.salt(identity, file.index()), file.size(), next, () -> {
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

    // ---- the segment that the log goes on in

    /** Collects what of the last segment is written anew, which is less than a segment's all. */
    private void createNext() {
        LogFile from = lastUsed;
        SegmentHeader header = from == null ? null : from.header();
        Deque<Batch> copies = new ArrayDeque<>();
        copies.add(new Batch());
        if (header != null && damaged.contains(from)) {
            copiedFrom = header.first(); // nothing of it stays where it is
        }
        if (from == null || header == null || copiedFrom == next) {
            create(copies);
            return;
        }
        RecordReader.Sink sink = (number, payload) -> {
            if (number >= copiedFrom) {
                if (!copies.getLast().hasRoom(payload.remaining())) {
                    copies.add(new Batch());
                }
                copies.getLast().add(payload, number);
            }
        };
        ReadAhead.read(
                files,
                from,
                SegmentHeader.BYTES,
                new RecordReader(header.salt(), from.size(), header.first(), next, sink, () -> create(copies)));
    }

    private int nextIndex() {
        int highest = 0;
        for (String name : names) {
            int dot = name.indexOf('.');
            highest = Math.max(highest, LogDirectory.index(dot < 0 ? name : name.substring(0, dot)));
        }
        return highest + 1;
    }

    private void create(Deque<Batch> copies) {
        SegmentHeader header = new SegmentHeader(SegmentHeader.Kind.SEGMENT, identity, nextIndex(), copiedFrom);
        String name = LogDirectory.name(SegmentHeader.Kind.SEGMENT, header.index());
        String unfinished = name + LogDirectory.UNFINISHED;
        files.open(unfinished, LogDirectory.MAKE, file -> {
            Runnable write =
                    () -> copy((int) file, unfinished, header, copies, 0, end -> place((int) file, name, header, end));
            if (options.preallocate()) {
                files.allocate((int) file, unfinished, options.segmentBytes(), write);
            } else {
                write.run();
            }
        });
    }

    private void copy(int file, String name, SegmentHeader header, Deque<Batch> copies, long at, LongConsumer then) {
        Batch batch = copies.poll();
        if (batch == null) {
            files.sync(file, name, () -> then.accept(at));
            return;
        }
        ByteBuffer bytes = batch.seal(header, at == 0, next - 1); // once the file has its name, they are
        long end = at + bytes.remaining();
        files.write(file, name, bytes, at, () -> copy(file, name, header, copies, end, then));
    }

    private void place(int file, String name, SegmentHeader header, long end) {
        files.rename(
                name + LogDirectory.UNFINISHED,
                name,
                () -> files.syncNames(() -> tidy(() -> {
                    RecoveryReport report = new RecoveryReport(
                            snapshot == null ? null : snapshot.name(),
                            snapshotRecords,
                            segmentsRead,
                            segmentRecords,
                            bytesRead,
                            next - 1,
                            endsWithMark && tail == null,
                            tail,
                            damage);
                    if (!failed) {
                        CommitLog log = new CommitLog(files, options, order, header, file, end, next - 1);
                        log.size(segmentBytes, snapshot == null ? 0 : snapshot.size());
                        opening.opened(log, report);
                    }
                })));
    }

    // ---- what isn't needed any more

    /** Sets aside what is damaged, removes what is older than the snapshot, written anew or unfinished. */
    private void tidy(Runnable done) {
        List<LogFile> open = new ArrayList<>(snapshots);
        open.addAll(segments);
        closeAll(
                open,
                0,
                () -> setAside(0, () -> {
                    List<String> old = new ArrayList<>();
                    for (String name : names) {
                        if (isUnneeded(name)) {
                            old.add(name);
                        }
                    }
                    removeAll(old, 0, () -> files.syncNames(done));
                }));
    }

    private boolean isUnneeded(String name) {
        if (damaged.stream().anyMatch(each -> each.name().equals(name))) {
            return false;
        }
        int base = snapshot == null ? 0 : snapshot.index();
        if (LogDirectory.index(name) >= 0) {
            return LogDirectory.index(name) < base
                    || segments.stream().anyMatch(each -> each.name().equals(name) && isStale(each));
        }
        return name.endsWith(LogDirectory.UNFINISHED)
                && LogDirectory.index(name.substring(0, name.length() - LogDirectory.UNFINISHED.length())) >= 0;
    }

    /** Whether nothing of a segment counts beside the new one. */
    private boolean isStale(LogFile segment) {
        SegmentHeader header = segment.header();
        return header == null || header.first() >= copiedFrom;
    }

    private void setAside(int i, Runnable then) {
        if (i == damaged.size()) {
            then.run();
        } else {
            String name = damaged.get(i).name();
            files.rename(name, name + LogDirectory.DAMAGED, () -> setAside(i + 1, then));
        }
    }

    private void removeAll(List<String> old, int i, Runnable then) {
        if (i == old.size()) {
            then.run();
        } else {
            files.remove(old.get(i), () -> removeAll(old, i + 1, then));
        }
    }
}
