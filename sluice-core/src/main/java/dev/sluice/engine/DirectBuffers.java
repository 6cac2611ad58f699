package dev.sluice.engine;

import dev.sluice.os.NativeMemory;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;

/**
 * Buffers of one size outside of the heap, for one thread. The last one that came back is lent first, since the caches still
 * hold it; more than a bound are given back to the C library. They are malloc(3)'s, as chunks are: those of the JVM are bounded
 * in sum, so that enough slow peers would end the loop.
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
        return buffer == null ? allocate() : buffer.clear();
    }

    private ByteBuffer allocate() {
        return NativeMemory.segment(NativeMemory.allocate(bufferBytes), bufferBytes)
                .asByteBuffer();
    }

    void release(ByteBuffer buffer) {
        if (free.size() < KEPT_COUNT) {
            free.addLast(buffer);
        } else {
            free(buffer);
        }
    }

    private static void free(ByteBuffer buffer) {
        NativeMemory.free(MemorySegment.ofBuffer(buffer.clear()).address());
    }

    /** Frees what is not lent. */
    void close() {
        for (ByteBuffer buffer = free.pollLast(); buffer != null; buffer = free.pollLast()) {
            free(buffer);
        }
    }
}
