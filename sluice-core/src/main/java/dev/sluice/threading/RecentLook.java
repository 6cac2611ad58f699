package dev.sluice.threading;

/**
 * How far from its beginning a file was found in the page cache a moment ago: so a file that many ask for is looked at once for all
 * of them. The kernel takes back first what was not used for longest (Documentation/admin-guide/mm/concepts.rst, Reclaim), which
 * isn't what was sent within the last {@link #TICK_BITS 8 ms}; who has it drop a file by force makes one send wait for the disk.
 *
 * <p>For any thread. Allocates nothing.
 */
final class RecentLook {
    /** A look counts until the end of its tick of 2^23 nanoseconds. */
    private static final int TICK_BITS = 23;
    /** Of a length: what lies beyond 1 TiB is looked at each time. */
    private static final int LENGTH_BITS = 40;

    private static final long MOST_BYTES = (1L << LENGTH_BITS) - 1;

    /** The tick, and below it the length: one word, so that no thread sees the one without the other. */
    private volatile long seen;

    /** Whether all up to there was found within this tick. */
    boolean reaches(long end, long nanos) {
        return end <= lengthIn(tick(nanos));
    }

    /** Takes note of what was found, where it follows on what is known. */
    void found(long from, long to, long nanos) {
        long tick = tick(nanos);
        long length = lengthIn(tick);
        if (from <= length && to > length && to <= MOST_BYTES) {
            seen = tick | to;
        }
    }

    private long lengthIn(long tick) {
        long known = seen;
        return (known & ~MOST_BYTES) == tick ? known & MOST_BYTES : 0;
    }

    /** Comes again after 39 hours. */
    private static long tick(long nanos) {
        return nanos >>> TICK_BITS << LENGTH_BITS;
    }
}
