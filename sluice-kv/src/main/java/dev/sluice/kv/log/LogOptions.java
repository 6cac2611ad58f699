package dev.sluice.kv.log;

/**
 * Settings of a log; immutable. {@link #standard} has good values for all of them.
 *
 * @param sync when a record counts as durable
 * @param segmentBytes a segment takes no further batch that would make it longer; one batch may be longer by itself
 * @param preallocate whether room for a whole segment is made when it is created (fallocate(2)): then a sync needn't write the
 *     file's length, and a disk that is full is met when a segment is made, not in the midst of a batch
 * @param compactBytes the log is compacted once it is longer than this, and than the last snapshot; 0: only when it is asked for
 * @param repair whether a damaged log is cut before the damage; otherwise it is refused as it is
 */
public record LogOptions(Sync sync, long segmentBytes, boolean preallocate, long compactBytes, boolean repair) {
    private static final LogOptions STANDARD = new LogOptions(Sync.ALWAYS, 64L << 20, true, 256L << 20, false);

    public LogOptions {
        if (segmentBytes < SegmentHeader.BYTES || compactBytes < 0) {
            throw new IllegalArgumentException("segments of " + segmentBytes + " bytes, compaction at " + compactBytes
                    + ": a segment has " + SegmentHeader.BYTES + " bytes at least, and no size is negative");
        }
    }

    public static LogOptions standard() {
        return STANDARD;
    }

    /** Whether segments are written past the page cache: where the disk is waited for with each batch anyway. */
    boolean isDirect() {
        return sync == Sync.ALWAYS;
    }

    /** See {@link LogOptions#sync}. */
    public LogOptions withSync(Sync value) {
        return new LogOptions(value, segmentBytes, preallocate, compactBytes, repair);
    }

    /** See {@link LogOptions#segmentBytes}. */
    public LogOptions withSegmentBytes(long value) {
        return new LogOptions(sync, value, preallocate, compactBytes, repair);
    }

    /** See {@link LogOptions#preallocate}. */
    public LogOptions withPreallocate(boolean value) {
        return new LogOptions(sync, segmentBytes, value, compactBytes, repair);
    }

    /** See {@link LogOptions#compactBytes}. */
    public LogOptions withCompactBytes(long value) {
        return new LogOptions(sync, segmentBytes, preallocate, value, repair);
    }

    /** See {@link LogOptions#repair}. */
    public LogOptions withRepair(boolean value) {
        return new LogOptions(sync, segmentBytes, preallocate, compactBytes, value);
    }
}
