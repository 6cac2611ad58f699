package dev.sluice.kv.log;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * What was found when a log was opened.
 *
 * @param snapshot the file that was begun with, or null
 * @param snapshotRecords of it
 * @param segments that were read
 * @param records of theirs, without marks
 * @param bytes that were read in all
 * @param last the number of the last record
 * @param closed whether the log had been closed, so that nothing can be missing at its end
 * @param tail what was dropped behind the last record, or null
 * @param damage what was cut away by a repair, or null
 */
public record RecoveryReport(
        @Nullable String snapshot,
        long snapshotRecords,
        int segments,
        long records,
        long bytes,
        long last,
        boolean closed,
        @Nullable Dropped tail,
        @Nullable String damage) {
    /**
     * A torn tail: a batch that was under way when the machine or the process stopped.
     *
     * @param offset of the first record that is not whole
     * @param bytes from there on, to the end of what was written
     * @param records whole ones among them, behind the torn one
     */
    public record Dropped(String file, long offset, long bytes, long records) {
        @Override
        public String toString() {
            return String.format(
                    Locale.ROOT,
                    "%s ends in a torn record at offset %,d: up to %,d bytes dropped, %,d whole records among them, of a batch"
                            + " whose sync had not ended",
                    file,
                    offset,
                    bytes,
                    records);
        }
    }

    /** The same for people, a line each. */
    public List<String> lines() {
        List<String> lines = new ArrayList<>();
        lines.add(String.format(
                Locale.ROOT,
                "recovered %,d records (%,d bytes) of %s%d log segments, up to record %,d%s",
                snapshotRecords + records,
                bytes,
                snapshot == null ? "" : snapshot + " and ",
                segments,
                last,
                closed ? "; the log had been closed" : ""));
        if (tail != null) {
            lines.add(tail.toString());
        }
        if (damage != null) {
            lines.add(damage);
        }
        return lines;
    }
}
