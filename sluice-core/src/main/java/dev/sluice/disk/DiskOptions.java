package dev.sluice.disk;

/**
 * Settings of a disk; immutable. {@link #standard} has good values for all of them.
 *
 * @param operations how many may be under way at once; one more is told EAGAIN. It bounds what a disk remembers, and what waits
 *     for the threads of {@code pool}
 * @param threads of {@code pool} at most: so many operations the device has to do at once
 * @param entries of the ring of {@code io_uring}, a power of two: how many operations one system call submits at most
 */
public record DiskOptions(int operations, int threads, int entries) {
    private static final DiskOptions STANDARD = new DiskOptions(4096, 16, 256);
    private static final int MOST = 1 << 16;

    public DiskOptions {
        within("operations", operations, MOST);
        within("threads", threads, 1024);
        within("entries", entries, 1 << 12);
        if (Integer.bitCount(entries) != 1) {
            throw new IllegalArgumentException("entries: " + entries + " is no power of two");
        }
    }

    private static void within(String what, int value, int most) {
        if (value < 1 || value > most) {
            throw new IllegalArgumentException(what + ": " + value + " is not within 1 to " + most);
        }
    }

    public static DiskOptions standard() {
        return STANDARD;
    }

    /** See {@link DiskOptions#operations}. */
    public DiskOptions withOperations(int count) {
        return new DiskOptions(count, threads, entries);
    }

    /** See {@link DiskOptions#threads}. */
    public DiskOptions withThreads(int count) {
        return new DiskOptions(operations, count, entries);
    }

    /** See {@link DiskOptions#entries}. */
    public DiskOptions withEntries(int count) {
        return new DiskOptions(operations, threads, count);
    }
}
