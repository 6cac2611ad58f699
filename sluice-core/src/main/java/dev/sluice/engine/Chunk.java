package dev.sluice.engine;

import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * A piece of native memory that holds output (or kept input), linked into a chain. It has one owner at a time: a
 * connection while it is filled, the engine while it is sent, the pool while it is free.
 */
public class Chunk {
    /** Address of the first byte of its memory. */
    public final long address;

    public final MemorySegment segment;

    /** Over the whole memory; position and limit are the owner's to set. */
    public final ByteBuffer buffer;

    /** The bytes that count lie from {@code start} to {@code end}. */
    public int start;

    public int end;
    public @Nullable Chunk next;

    /** Of a chain's first: more of the same output is sent as soon as this is, so the kernel may wait for it (MSG_MORE). */
    public boolean more;

    Chunk(MemorySegment segment) {
        this.address = segment.address();
        this.segment = segment;
        this.buffer = segment.asByteBuffer();
    }

    /** A link of a chain that holds no memory: what stands for a part of a file in a queue. */
    protected Chunk() {
        this(MemorySegment.NULL);
    }

    public int capacity() {
        return buffer.capacity();
    }

    public int length() {
        return end - start;
    }

    /** {@link #buffer} over the bytes that count. */
    ByteBuffer filled() {
        return buffer.limit(end).position(start);
    }

    public int room() {
        return buffer.capacity() - end;
    }
}
