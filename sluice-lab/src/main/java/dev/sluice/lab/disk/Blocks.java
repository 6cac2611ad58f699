package dev.sluice.lab.disk;

import java.util.SplittableRandom;

/**
 * The blocks of the file: how often each was written, and which are in use. No two operations are under way on one block, so
 * that what a read must find is known. Nothing is allocated after the start. For one thread at a time.
 */
final class Blocks {
    private final int count;
    private final int blockBytes;
    private final int[] generations;
    private final boolean[] busy;
    private int next;

    /**
     * All unwritten since the file was laid out.
     *
     * @param count more than will be in use at once
     */
    Blocks(int count, int blockBytes) {
        this.count = count;
        this.blockBytes = blockBytes;
        this.generations = new int[count];
        this.busy = new boolean[count];
    }

    int count() {
        return count;
    }

    int bytes() {
        return blockBytes;
    }

    /** Takes any free block. */
    int takeRandom(SplittableRandom random) {
        return take(random.nextInt(count));
    }

    /** Takes the one after that which was taken last in this way. */
    int takeNext() {
        int block = take(next);
        next = block + 1 == count ? 0 : block + 1;
        return block;
    }

    /** Takes a block, or where it is in use the next that isn't. */
    private int take(int block) {
        while (busy[block]) {
            block = block + 1 == count ? 0 : block + 1;
        }
        busy[block] = true;
        return block;
    }

    void release(int block) {
        busy[block] = false;
    }

    long offset(int block) {
        return (long) block * blockBytes;
    }

    /** How often a block was written since the file was laid out. */
    int generation(int block) {
        return generations[block];
    }

    /** Notes that a block is written once more. */
    int written(int block) {
        return ++generations[block];
    }
}
