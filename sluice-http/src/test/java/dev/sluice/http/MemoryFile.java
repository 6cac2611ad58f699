package dev.sluice.http;

import dev.sluice.OpenFile;
import java.nio.ByteBuffer;
import java.util.concurrent.atomic.AtomicInteger;

/** A file in memory that counts its references. */
final class MemoryFile implements OpenFile {
    private final byte[] bytes;
    private final AtomicInteger references = new AtomicInteger(1);

    MemoryFile(byte[] bytes) {
        this.bytes = bytes;
    }

    int references() {
        return references.get();
    }

    @Override
    public long sizeBytes() {
        return bytes.length;
    }

    @Override
    public long modifiedMillis() {
        return 784_111_777_000L;
    }

    @Override
    public long version() {
        return 1;
    }

    @Override
    public int read(ByteBuffer into, long position) {
        int count = (int) Math.min(into.remaining(), bytes.length - position);
        into.put(bytes, (int) position, count);
        return count;
    }

    @Override
    public int descriptor() {
        return -1;
    }

    @Override
    public OpenFile retain() {
        references.incrementAndGet();
        return this;
    }

    @Override
    public void release() {
        if (references.decrementAndGet() < 0) {
            throw new IllegalStateException("released more often than retained");
        }
    }
}
