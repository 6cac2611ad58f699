package dev.sluice.sim;

import dev.sluice.OpenFile;
import java.nio.ByteBuffer;
import java.nio.ReadOnlyBufferException;
import java.util.Objects;
import java.util.concurrent.TimeUnit;

/** A regular file of a host's disk, as it was when it was opened. */
final class SimOpenFile implements OpenFile {
    private final SimKernel kernel;
    private final int fd;
    final SimFile file;
    private final long sizeBytes;
    private final long modifiedNanos;
    private final long changes;
    private int users = 1;

    /** Takes over the descriptor. */
    SimOpenFile(SimKernel kernel, int fd) {
        this.kernel = kernel;
        this.fd = fd;
        this.file = (SimFile) Objects.requireNonNull(kernel.file(fd));
        this.sizeBytes = file.size();
        this.modifiedNanos = file.node.modifiedNanos;
        this.changes = changesNow();
    }

    @Override
    public long sizeBytes() {
        return sizeBytes;
    }

    @Override
    public long modifiedMillis() {
        return TimeUnit.NANOSECONDS.toMillis(modifiedNanos);
    }

    @Override
    public long version() {
        long inode = new Dice(file.node.number).nextLong();
        return new Dice(new Dice(inode + modifiedNanos).nextLong() + sizeBytes).nextLong();
    }

    private DiskFile node() {
        return (DiskFile) file.node;
    }

    @Override
    public boolean hasChanged() {
        requireUsed("looked at");
        kernel.requireAlive();
        kernel.enter();
        return changesNow() != changes || file.node.names == 0;
    }

    /** What st_ctime tells of: other bytes, and another name. */
    private long changesNow() {
        return node().changes() + file.node.namings;
    }

    @Override
    public boolean isCached(long position, long count) {
        requireUsed("looked at");
        kernel.requireAlive();
        kernel.enter();
        return file.disk.isCached(node(), position, count);
    }

    @Override
    public int read(ByteBuffer into, long position) {
        if (into.isReadOnly()) {
            throw new ReadOnlyBufferException();
        }
        requireUsed("read");
        kernel.requireAlive();
        kernel.enter();
        file.disk.block(node(), position, into.remaining());
        return file.read(into, position);
    }

    @Override
    public int descriptor() {
        return fd;
    }

    @Override
    public OpenFile retain() {
        requireUsed("retained");
        users++;
        return this;
    }

    @Override
    public boolean tryRetain() {
        if (users > 0) {
            users++;
        }
        return users > 0;
    }

    @Override
    public void release() {
        requireUsed("released");
        if (--users == 0) {
            kernel.close(fd);
        }
    }

    private void requireUsed(String what) {
        if (users == 0) {
            throw new IllegalStateException(what + " after the last release");
        }
    }

    @Override
    public String toString() {
        return "SimOpenFile[fd=" + fd + ", " + sizeBytes + " bytes]";
    }
}
