package dev.sluice.lab.disk;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * What stands in a block: 8-byte words that follow from the seed, the block's offset in the file, and how often it was written
 * before. So a block of another place, one that was never written, an earlier write and half a write are all told from the right
 * one. The first word is mixed, the others follow by a constant step: as cheap as memory is read, and no two words of a block
 * are alike.
 *
 * @param seed of the whole file
 */
record BlockContent(long seed) {
    /** The golden ratio's bits, as SplitMix64 has them: odd, so that its multiples don't repeat before 2^64. */
    private static final long STEP = 0x9e3779b97f4a7c15L;

    /** Every word is as it should be. */
    static final int RIGHT = -1;

    /** Fills a buffer from its start to its limit, a multiple of 8; it must be in {@link ByteOrder#nativeOrder}. */
    void fill(ByteBuffer block, long offset, int generation) {
        long word = first(offset, generation);
        for (int at = 0, limit = block.limit(); at < limit; at += Long.BYTES) {
            block.putLong(at, word);
            word += STEP;
        }
    }

    /**
     * Looks at every word of a buffer from its start to its limit, of the same kind.
     *
     * @return the place of the first wrong one, in bytes from the start; {@link #RIGHT} where there is none
     */
    int check(ByteBuffer block, long offset, int generation) {
        long word = first(offset, generation);
        long wrong = 0;
        // Without a branch for each word; where it went wrong is looked for only when something did.
        for (int at = 0, limit = block.limit(); at < limit; at += Long.BYTES) {
            wrong |= block.getLong(at) ^ word;
            word += STEP;
        }
        return wrong == 0 ? RIGHT : place(block, first(offset, generation));
    }

    private static int place(ByteBuffer block, long word) {
        int at = 0;
        while (block.getLong(at) == word) {
            word += STEP;
            at += Long.BYTES;
        }
        return at;
    }

    /** What the first word of a block is. */
    private long first(long offset, int generation) {
        return mix(mix(seed ^ offset) + generation);
    }

    /** The word at a place within a block. */
    long word(long offset, int generation, int place) {
        return first(offset, generation) + place / Long.BYTES * STEP;
    }

    /** The finalizer of SplitMix64 (Steele, Lea, Flood: Fast Splittable Pseudorandom Number Generators, 2014). */
    private static long mix(long z) {
        z = (z ^ (z >>> 30)) * 0xbf58476d1ce4e5b9L;
        z = (z ^ (z >>> 27)) * 0x94d049bb133111ebL;
        return z ^ (z >>> 31);
    }
}
