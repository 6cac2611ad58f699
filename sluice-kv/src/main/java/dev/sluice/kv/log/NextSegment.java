package dev.sluice.kv.log;

import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.function.LongConsumer;
import org.jspecify.annotations.Nullable;

/**
 * Makes the segment that a log goes on in after a recovery. Records that may stand in the page cache only are written anew in it.
 * It takes its name once it is synced; only then is anything else set aside or removed.
 */
final class NextSegment {
    /** Is told the segment, and where its records end. */
    interface Made {
        void made(SegmentHeader segment, long end);
    }

    private final LogDirectory files;
    private final LogOptions options;
    private final LogContents contents;
    private final @Nullable LogFile from;
    private final SegmentHeader segment;
    private final String name;
    private final long next;
    private final List<LogFile> damaged;
    private final Deque<Batch> copies = new ArrayDeque<>();

    /**
     * @param from the segment that records are taken over from
     * @param first the number of the first of them
     * @param next the number behind the last
     * @param damaged what is set aside
     */
    NextSegment(
            LogDirectory files,
            LogOptions options,
            LogContents contents,
            @Nullable LogFile from,
            long first,
            long next,
            List<LogFile> damaged) {
        this.files = files;
        this.options = options;
        this.contents = contents;
        this.from = from;
        this.next = next;
        this.damaged = damaged;
        segment = new SegmentHeader(SegmentHeader.Kind.SEGMENT, contents.identity(), contents.nextIndex(), first);
        name = LogDirectory.name(SegmentHeader.Kind.SEGMENT, segment.index());
        copies.add(new Batch());
    }

    void make(Made then) {
        SegmentHeader header = from == null ? null : from.header();
        if (from == null || header == null || segment.first() == next) {
            create(then);
        } else {
            RecordReader reader = new RecordReader(
                    header.salt(), from.size(), header.first(), next, this::takeOver, () -> create(then));
            ReadAhead.read(files, from, SegmentHeader.BYTES, reader);
        }
    }

    /** Collects what is taken over, which is less than a segment's all. */
    private void takeOver(long number, ByteBuffer payload) {
        if (number >= segment.first()) {
            if (!copies.getLast().hasRoom(payload.remaining())) {
                copies.add(new Batch());
            }
            copies.getLast().add(payload, number);
        }
    }

    private void create(Made then) {
        String unfinished = name + LogDirectory.UNFINISHED;
        files.open(unfinished, LogDirectory.MAKE, opened -> {
            int file = (int) opened;
            LongConsumer place = end -> files.close(
                    file,
                    () -> files.rename(
                            unfinished, name, () -> files.syncNames(() -> tidy(() -> then.made(segment, end)))));
            Runnable write = () -> write(file, unfinished, 0, place);
            if (options.preallocate()) {
                files.allocate(file, unfinished, options.segmentBytes(), write);
            } else {
                write.run();
            }
        });
    }

    private void write(int file, String unfinished, long at, LongConsumer then) {
        Batch batch = copies.poll();
        if (batch == null) {
            files.sync(file, unfinished, () -> then.accept(at));
            return;
        }
        ByteBuffer bytes = batch.seal(segment, at == 0, next - 1); // once the file has its name, they are
        long end = at + bytes.remaining();
        files.write(file, unfinished, bytes, at, () -> write(file, unfinished, end, then));
    }

    private void tidy(Runnable done) {
        List<String> unneeded = contents.unneeded(segment);
        damaged.forEach(each -> unneeded.remove(each.name()));
        setAside(0, () -> files.removeAll(unneeded, () -> files.syncNames(done)));
    }

    private void setAside(int i, Runnable then) {
        if (i == damaged.size()) {
            then.run();
        } else {
            String each = damaged.get(i).name();
            files.rename(each, each + LogDirectory.DAMAGED, () -> setAside(i + 1, then));
        }
    }
}
