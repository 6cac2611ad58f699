package dev.sluice.threading;

import dev.sluice.engine.Chunk;
import dev.sluice.engine.ChunkPool;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/** Bytes that wait to be read: in a chunk of the pool, or where there are too many for one, in a buffer of their own. */
final class KeptBytes {
    private final ChunkPool pool;
    /** Unread bytes from position to limit; null where there is none, so that an idle connection holds no buffer. */
    private @Nullable ByteBuffer buffer;

    private @Nullable Chunk chunk;

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
        ByteBuffer larger = allocate(needed);
        if (old != null) {
            larger.put(old);
        }
        buffer = larger.put(bytes).flip();
        if (oldChunk != null) {
            pool.release(oldChunk);
        }
    }

    private ByteBuffer allocate(int bytes) {
        if (bytes <= ChunkPool.CHUNK_BYTES && chunk == null) {
            Chunk fresh = pool.acquire();
            chunk = fresh;
            return fresh.buffer.clear();
        }
        chunk = null;
        return ByteBuffer.allocateDirect(Integer.highestOneBit(bytes - 1) << 1);
    }

    void clear() {
        buffer = null;
        if (chunk != null) {
            pool.release(chunk);
            chunk = null;
        }
    }
}
