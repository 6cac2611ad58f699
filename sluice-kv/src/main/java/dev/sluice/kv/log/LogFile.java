package dev.sluice.kv.log;

import org.jspecify.annotations.Nullable;

/**
 * A file of a log, as it was found.
 *
 * @param header null where there is none that can be read: of a segment that was made in advance it is zeros
 */
record LogFile(String name, long size, @Nullable SegmentHeader header) {
    int index() {
        return LogDirectory.index(name);
    }
}
