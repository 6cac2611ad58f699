package dev.sluice.kv.log;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** What is in a log's directory: its files in the order of their indexes, with their headers. */
final class LogContents {
    private final LogDirectory files;
    private final List<String> names = new ArrayList<>();
    private final List<LogFile> snapshots = new ArrayList<>();
    private final List<LogFile> segments = new ArrayList<>();
    private long identity;
    private boolean identified;

    LogContents(LogDirectory files) {
        this.files = files;
    }

    /**
     * Reads all headers.
     *
     * @param failed is told what there shouldn't be
     */
    void read(Consumer<String> failed, Runnable then) {
        files.list(names, () -> {
            names.sort(Comparator.comparingInt(LogDirectory::index));
            enter(0, failed, then);
        });
    }

    private void enter(int i, Consumer<String> failed, Runnable then) {
        if (i == names.size()) {
            if (identified || isEmpty()) {
                then.run();
            } else {
                failed.accept(
                        "none of the files in " + files.path() + " has a header that can be read: restore a copy");
            }
            return;
        }
        String name = names.get(i);
        if (LogDirectory.index(name) < 0) {
            enter(i + 1, failed, then);
            return;
        }
        files.open(name, LogDirectory.READ, file -> {
            ByteBuffer head = ByteBuffer.allocateDirect(SegmentHeader.BYTES);
            files.read((int) file, name, head, 0, () -> {
                long size = files.disk().size((int) file);
                files.close((int) file, () -> {
                    String wrong = enter(name, size, head.flip());
                    if (wrong != null) {
                        failed.accept(wrong);
                    } else {
                        enter(i + 1, failed, then);
                    }
                });
            });
        });
    }

    /** Enters a file; says what is wrong with it, or null. */
    private @Nullable String enter(String name, long size, ByteBuffer head) {
        boolean isSegment = LogDirectory.isOf(SegmentHeader.Kind.SEGMENT, name);
        SegmentHeader.Kind kind = isSegment ? SegmentHeader.Kind.SEGMENT : SegmentHeader.Kind.SNAPSHOT;
        SegmentHeader header = SegmentHeader.of(head);
        int version = SegmentHeader.versionOf(head);
        if (header == null && version != 0) {
            return name + " has version " + version + ", and this Sluice reads version " + SegmentHeader.VERSION
                    + ": start the one that wrote it";
        }
        if (header != null && (header.kind() != kind || header.index() != LogDirectory.index(name))) {
            return name + " was another file once (" + LogDirectory.name(header.kind(), header.index())
                    + "): give it its name back";
        }
        if (header != null && identified && header.identity() != identity) {
            return name + " is of another store than the files beside it: put it where it belongs";
        }
        if (header != null) {
            identity(header.identity());
        }
        (isSegment ? segments : snapshots).add(new LogFile(name, size, header));
        return null;
    }

    boolean isEmpty() {
        return snapshots.isEmpty() && segments.isEmpty();
    }

    long identity() {
        return identity;
    }

    void identity(long of) {
        identity = of;
        identified = true;
    }

    List<LogFile> segments() {
        return segments;
    }

    @Nullable
    LogFile lastSnapshot() {
        return snapshots.isEmpty() ? null : snapshots.getLast();
    }

    /** An index that no file has or had, whatever became of its name. */
    int nextIndex() {
        int highest = 0;
        for (String name : names) {
            int dot = name.indexOf('.');
            highest = Math.max(highest, LogDirectory.index(dot < 0 ? name : name.substring(0, dot)));
        }
        return highest + 1;
    }

    /** The files that a store doesn't need whose log goes on with a segment: older, written anew in it, or unfinished. */
    List<String> unneeded(SegmentHeader next) {
        LogFile snapshot = lastSnapshot();
        int base = snapshot == null ? 0 : snapshot.index();
        List<String> unneeded = new ArrayList<>();
        for (String name : names) {
            boolean isUnfinished = name.endsWith(LogDirectory.UNFINISHED)
                    && LogDirectory.index(name.substring(0, name.length() - LogDirectory.UNFINISHED.length())) >= 0;
            boolean isOld = LogDirectory.index(name) >= 0 && LogDirectory.index(name) < base;
            if (isUnfinished || isOld) {
                unneeded.add(name);
            }
        }
        for (LogFile segment : segments) {
            SegmentHeader header = segment.header();
            if (segment.index() >= base && (header == null || header.first() >= next.first())) {
                unneeded.add(segment.name());
            }
        }
        return unneeded;
    }
}
