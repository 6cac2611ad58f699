package dev.sluice.engine;

import dev.sluice.OpenFile;
import java.nio.ByteBuffer;

/**
 * A pipe that holds what was received until another connection has sent it, so that the bytes never enter user memory (splice(2)).
 * As a file it can be sent once, from its beginning, and read by nobody. For its engine's thread; back in its {@link PipePool} with the
 * last release.
 */
final class KernelPipe implements OpenFile {
    final int readEnd;
    final int writeEnd;
    private final PipePool pool;
    private int users;
    private long leftBytes;

    KernelPipe(PipePool pool, int readEnd, int writeEnd) {
        this.pool = pool;
        this.readEnd = readEnd;
        this.writeEnd = writeEnd;
    }

    KernelPipe lent() {
        users = 1;
        return this;
    }

    void filled(long bytes) {
        leftBytes += bytes;
    }

    void emptied(long bytes) {
        leftBytes -= bytes;
    }

    boolean isEmpty() {
        return leftBytes == 0;
    }

    @Override
    public long sizeBytes() {
        return leftBytes;
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
        throw new UnsupportedOperationException("what is in a pipe can only be sent on");
    }

    @Override
    public int descriptor() {
        return readEnd;
    }

    @Override
    public OpenFile retain() {
        users++;
        return this;
    }

    @Override
    public void release() {
        if (--users == 0) {
            pool.takeBack(this);
        }
    }
}
