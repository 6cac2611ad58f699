package dev.sluice.sim;

import dev.sluice.engine.Chunk;
import dev.sluice.engine.LoopChunkPool;
import dev.sluice.os.NativeMemory;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.Set;

/** The chunks of a loop whose host may crash: those that nobody can give back any more are freed with the pool. */
final class SimChunks extends LoopChunkPool {
    private final Set<Chunk> lent = Collections.newSetFromMap(new IdentityHashMap<>()); // only ever freed in its order

    @Override
    public Chunk acquire() {
        Chunk chunk = super.acquire();
        lent.add(chunk);
        return chunk;
    }

    @Override
    public void release(Chunk chunk) {
        lent.remove(chunk);
        super.release(chunk);
    }

    @Override
    public void close() {
        lent.forEach(chunk -> NativeMemory.free(chunk.address));
        lent.clear();
        super.close();
    }
}
