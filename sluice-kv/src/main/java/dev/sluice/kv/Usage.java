package dev.sluice.kv;

/** What a store's data takes of memory, in bytes: its blocks as malloc rounds them, and its tables. */
final class Usage {
    private long bytes;
    private long peak;

    void add(long more) {
        bytes += more;
        if (bytes > peak) {
            peak = bytes;
        }
    }

    long bytes() {
        return bytes;
    }

    long peak() {
        return peak;
    }
}
