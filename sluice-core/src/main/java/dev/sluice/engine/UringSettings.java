package dev.sluice.engine;

/**
 * The sizes of a {@link UringEngine}.
 *
 * @param sqEntries submission entries, a power of two: few, so that they stay in the caches; when they are used up the
 *     ring is entered once more
 * @param cqEntries completion entries, a power of two; more completions at once than that overflow, which costs time
 *     and loses nothing
 * @param bufferCount provided buffers, a power of two
 * @param bufferBytes bytes of one provided buffer; the kernel fills at most 32 in a row for one connection, so this
 *     bounds what one connection can bring in one turn
 * @param incremental fill buffers bit by bit where the kernel can
 * @param completionsPerPoll completions told by one poll; the rest waits for the next, so that a flood of them does not
 *     hold up the loop's timers and tasks
 * @param firstLevel the level of {@link UringSetup} to begin with, 0 being the newest kernel's
 */
record UringSettings(
        int sqEntries,
        int cqEntries,
        int bufferCount,
        int bufferBytes,
        boolean incremental,
        int completionsPerPoll,
        int firstLevel) {

    static UringSettings standard() {
        return new UringSettings(1024, 8192, 512, 8192, true, 512, 0);
    }
}
