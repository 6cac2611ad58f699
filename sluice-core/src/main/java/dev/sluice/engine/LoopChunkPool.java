package dev.sluice.engine;

import dev.sluice.os.NativeMemory;
import java.util.ArrayDeque;

/**
 * The chunks of one loop. The last one that came back is lent first, since the caches still hold it. More than {@link
 * #KEPT_COUNT} free ones are given back to the C library. For the loop's thread only; {@link #lentCount} from any.
 */
public class LoopChunkPool implements ChunkPool {
    private static final int KEPT_COUNT = 1024;

    private final ArrayDeque<Chunk> free = new ArrayDeque<>();
    /** Written by the loop only; others may read a slightly older value. */
    private long lent;

    @Override
    public Chunk acquire() {
        Chunk chunk = free.pollLast();
        if (chunk == null) {
            chunk = allocate();
        }
        lent++;
        chunk.start = 0;
        chunk.end = 0;
        chunk.buffer.clear(); // kept input leaves its limit behind
        return chunk;
    }

    /** A new chunk of malloc(3) memory. */
    static Chunk allocate() {
        return new Chunk(NativeMemory.segment(NativeMemory.allocate(CHUNK_BYTES), CHUNK_BYTES));
    }

    @Override
    public void release(Chunk chunk) {
        lent--;
        chunk.next = null;
        if (free.size() < KEPT_COUNT) {
            free.addLast(chunk);
        } else {
            NativeMemory.free(chunk.address);
        }
    }

    @Override
    public long lentCount() {
        return lent;
    }

    @Override
    public void close() {
        for (Chunk chunk = free.pollLast(); chunk != null; chunk = free.pollLast()) {
            NativeMemory.free(chunk.address);
        }
    }
}
