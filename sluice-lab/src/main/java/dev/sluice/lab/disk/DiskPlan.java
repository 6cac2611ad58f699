package dev.sluice.lab.disk;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What is to be compared, and how.
 *
 * @param folder where the file is made, which says what is measured: the file system and the device beneath it
 * @param sizeBytes of the file, at most; it has whole blocks only
 * @param choices in the order of the table
 * @param depths how many operations are kept under way
 * @param batch how many operations are begun, where so many may be, before the engine is driven to submit them; null for a
 *     sixteenth of the depth
 * @param warmup how long each measurement runs before it counts
 * @param duration how long it counts
 * @param dropCache whether the page cache has nothing of the file when a buffered measurement begins to count; else it has all
 *     of it, where the memory suffices
 * @param seed of the order, of the file's content and of what is chance
 * @param commandLine what makes these results again, for people
 */
public record DiskPlan(
        Path folder,
        DiskPattern pattern,
        int blockBytes,
        long sizeBytes,
        List<DiskChoice> choices,
        List<Integer> depths,
        @Nullable Integer batch,
        int rounds,
        Duration warmup,
        Duration duration,
        boolean dropCache,
        long seed,
        String commandLine) {
    /** A deeper queue than any engine or device here has a use for. */
    public static final int MOST_DEPTH = 256;

    private static final int BATCHES = 16;
    private static final int LEAST_BLOCK = 512;
    private static final int MOST_BLOCK = 16 << 20;
    private static final long MOST_LENT = 512L << 20;

    /** All that a plan must be, so that a measurement meets no surprise; the messages name options. */
    public DiskPlan {
        choices = List.copyOf(choices);
        depths = List.copyOf(depths);
        require(!choices.isEmpty(), "there is nothing to compare: name engines and modes");
        require(!depths.isEmpty(), "--depths names no depth, as in 1,32");
        for (int depth : depths) {
            require(depth >= 1 && depth <= MOST_DEPTH, "a depth is " + depth + ", must be 1 to " + MOST_DEPTH);
        }
        require(depths.stream().distinct().count() == depths.size(), "--depths names a depth twice");
        require(
                blockBytes >= LEAST_BLOCK && blockBytes <= MOST_BLOCK && blockBytes % LEAST_BLOCK == 0,
                "--block is " + blockBytes + " bytes, must be a multiple of 512 up to 16m");
        int deepest = depths.stream().mapToInt(Integer::intValue).max().orElse(1);
        require(
                (long) deepest * blockBytes <= MOST_LENT,
                "blocks of " + blockBytes + " bytes at depth " + deepest
                        + " take more than 512 MiB of memory: name less");
        long blocks = sizeBytes / blockBytes;
        require(
                blocks >= 2L * deepest && blocks <= Integer.MAX_VALUE / 2,
                "--size is " + sizeBytes + " bytes, must be " + 2L * deepest + " to " + Integer.MAX_VALUE / 2
                        + " blocks of " + blockBytes + " bytes, twice the deepest queue");
        require(
                batch == null || (batch >= 1 && batch <= MOST_DEPTH),
                "--batch is " + batch + ", must be 1 to " + MOST_DEPTH);
        require(rounds >= 1 && rounds <= 1000, "--rounds is " + rounds + ", must be 1 to 1000");
        require(duration.toMillis() >= 50, "--duration must be at least 50ms");
    }

    private static void require(boolean right, String otherwise) {
        if (!right) {
            throw new IllegalArgumentException(otherwise);
        }
    }

    int blocksCount() {
        return (int) (sizeBytes / blockBytes);
    }

    /** Less makes system calls that nothing is gained by, more lets the disk wait: docs/disk-lab.md has figures. */
    int batchAt(int depth) {
        return batch == null ? Math.max(1, depth / BATCHES) : batch;
    }

    /** Measurements of all rounds. */
    int stepsCount() {
        return choices.size() * depths.size() * rounds;
    }
}
