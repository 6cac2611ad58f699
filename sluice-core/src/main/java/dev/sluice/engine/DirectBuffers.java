package dev.sluice.engine;

import java.nio.ByteBuffer;
import java.util.ArrayDeque;

/**
 * Direct buffers of one size, for one thread. The last one that came back is lent first, since the caches still hold
 * it; more than a bound are left to the collector.
 */
final class DirectBuffers {
    private static final int KEPT_COUNT = 1024;

    private final int bufferBytes;
    private final ArrayDeque<ByteBuffer> free = new ArrayDeque<>();

    DirectBuffers(int bufferBytes) {
        this.bufferBytes = bufferBytes;
    }

    /** A cleared buffer. */
    ByteBuffer acquire() {
        ByteBuffer buffer = free.pollLast();
        return buffer == null ? ByteBuffer.allocateDirect(bufferBytes) : buffer.clear();
    }

    void release(ByteBuffer buffer) {
        if (free.size() < KEPT_COUNT) {
            free.addLast(buffer);
        }
    }

    void close() {
        free.clear();
    }
}
