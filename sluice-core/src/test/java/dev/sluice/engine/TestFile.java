package dev.sluice.engine;

import dev.sluice.OpenFile;
import java.nio.ByteBuffer;

/**
 * A file to be sent. It is its maker's to close.
 *
 * @param descriptor -1 where only its bytes can be had
 * @param cached what it says of its bytes
 */
record TestFile(byte[] bytes, int descriptor, boolean cached) implements OpenFile {
    TestFile(byte[] bytes, int descriptor) {
        this(bytes, descriptor, true);
    }

    @Override
    public boolean isCached(long position, long count) {
        return cached;
    }

    @Override
    public long sizeBytes() {
        return bytes.length;
    }

    @Override
    public long modifiedMillis() {
        return 0;
    }

    @Override
    public long version() {
        return 0;
    }

    @Override
    public int read(ByteBuffer into, long position) {
        int count = (int) Math.min(into.remaining(), bytes.length - position);
        into.put(bytes, (int) position, count);
        return count;
    }

    @Override
    public OpenFile retain() {
        return this;
    }

    @Override
    public void release() {}
}
