package dev.sluice.threading;

import dev.sluice.engine.Chunk;
import dev.sluice.engine.ChunkPool;
import dev.sluice.os.NativeMemory;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * Bytes that wait to be read: in a chunk of the pool, or where there are too many for one, in a block of their own. That is
 * malloc(3)'s, as chunks are: the JVM bounds its direct buffers, and once many peers had filled that, each further one would
 * stop the loop for a collection, and then end it.
 */
final class KeptBytes {
    private final ChunkPool pool;
    /** Unread bytes from position to limit; null where there is none, so that an idle connection holds no buffer. */
    private @Nullable ByteBuffer buffer;

    private @Nullable Chunk chunk;
    /** The block of the buffer, or 0. */
    private long block;

    KeptBytes(ChunkPool pool) {
        this.pool = pool;
    }

    @Nullable
    ByteBuffer buffer() {
        return buffer;
    }

    int count() {
        return buffer == null ? 0 : buffer.remaining();
    }

    /** Copies bytes behind those that wait already. */
    void add(ByteBuffer bytes) {
        ByteBuffer old = buffer;
        int needed = bytes.remaining() + (old == null ? 0 : old.remaining());
        if (old != null && needed <= old.capacity()) {
            old.compact().put(bytes).flip();
            return;
        }
        Chunk oldChunk = chunk;
        long oldBlock = block;
        ByteBuffer larger = allocate(needed);
        if (old != null) {
            larger.put(old);
        }
        buffer = larger.put(bytes).flip();
        free(oldChunk, oldBlock);
    }

    private ByteBuffer allocate(int bytes) {
        if (bytes <= ChunkPool.CHUNK_BYTES && chunk == null) {
            Chunk fresh = pool.acquire();
            chunk = fresh;
            return fresh.buffer.clear();
        }
        int size = Integer.highestOneBit(bytes - 1) << 1;
        block = NativeMemory.allocate(size);
        chunk = null;
        return NativeMemory.segment(block, size).asByteBuffer();
    }

    void clear() {
        buffer = null;
        free(chunk, block);
        chunk = null;
        block = 0;
    }

    private void free(@Nullable Chunk oldChunk, long oldBlock) {
        if (oldChunk != null) {
            pool.release(oldChunk);
        }
        if (oldBlock != 0) {
            NativeMemory.free(oldBlock);
        }
    }
}
