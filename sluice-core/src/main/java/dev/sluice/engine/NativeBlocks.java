package dev.sluice.engine;

import dev.sluice.os.NativeMemory;
import java.util.Arrays;

/**
 * Blocks of native memory of one size that stay put while an operation uses them. For one thread. Blocks are zeroed
 * when first made, not when lent again; as many stay as were out at once, up to a limit.
 */
final class NativeBlocks implements AutoCloseable {
    private final int blockBytes;
    private final int keptMost;
    private long[] free = new long[16];
    private int freeCount;
    private int lentCount;

    NativeBlocks(int blockBytes, int keptMost) {
        this.blockBytes = blockBytes;
        this.keptMost = keptMost;
    }

    int blockBytes() {
        return blockBytes;
    }

    int lentCount() {
        return lentCount;
    }

    long acquire() {
        lentCount++;
        return freeCount > 0 ? free[--freeCount] : NativeMemory.allocate(blockBytes);
    }

    void release(long block) {
        lentCount--;
        if (freeCount == keptMost) {
            NativeMemory.free(block);
            return;
        }
        if (freeCount == free.length) {
            free = Arrays.copyOf(free, free.length * 2);
        }
        free[freeCount++] = block;
    }

    /** Frees the blocks that are not lent. */
    @Override
    public void close() {
        while (freeCount > 0) {
            NativeMemory.free(free[--freeCount]);
        }
    }
}
