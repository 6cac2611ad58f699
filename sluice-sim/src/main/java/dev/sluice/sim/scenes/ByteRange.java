package dev.sluice.sim.scenes;

import org.jspecify.annotations.Nullable;

/**
 * A range of bytes as a client asks for it.
 *
 * @param first its first byte, or -1 for the last so many bytes of the file
 * @param last its last byte, or how many; -1 for all up to the end
 */
record ByteRange(long first, long last) {
    boolean isSuffix() {
        return first < 0;
    }

    /** What Content-Range must say where the file is that long, or null where the range lies behind its end. */
    @Nullable
    String of(long size) {
        long from = isSuffix() ? Math.max(0, size - last) : first;
        long to = isSuffix() || last < 0 ? size - 1 : Math.min(last, size - 1);
        return from >= size ? null : "bytes " + from + "-" + to + "/" + size;
    }

    @Override
    public String toString() {
        return (isSuffix() ? "" : first) + "-" + (last < 0 ? "" : last);
    }
}
