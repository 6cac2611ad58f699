package dev.sluice.engine;

import dev.sluice.os.NativeMemory;
import java.util.concurrent.atomic.AtomicLong;
import org.jctools.queues.varhandle.MpmcVarHandleArrayQueue;

/**
 * Chunks for several threads at once. More than {@link #KEPT_COUNT} free ones are given back to the C library. Safe for use
 * from any thread, apart from {@link #close}.
 */
public final class SharedChunkPool implements ChunkPool {
    private static final int KEPT_COUNT = 1024;

    private final MpmcVarHandleArrayQueue<Chunk> free = new MpmcVarHandleArrayQueue<>(KEPT_COUNT);
    private final AtomicLong lent = new AtomicLong();

    @Override
    public Chunk acquire() {
        Chunk chunk = free.poll();
        if (chunk == null) {
            chunk = LoopChunkPool.allocate();
        }
        lent.incrementAndGet();
        chunk.start = 0;
        chunk.end = 0;
        chunk.buffer.clear(); // kept input leaves its limit behind
        return chunk;
    }

    @Override
    public void release(Chunk chunk) {
        chunk.next = null;
        lent.decrementAndGet();
        if (!free.offer(chunk)) {
            NativeMemory.free(chunk.address);
        }
    }

    @Override
    public long lentCount() {
        return lent.get();
    }

    @Override
    public void close() {
        for (Chunk chunk = free.poll(); chunk != null; chunk = free.poll()) {
            NativeMemory.free(chunk.address);
        }
    }
}
