package dev.sluice.sim;

import dev.sluice.os.Errno;
import dev.sluice.os.NativeMemory;
import java.nio.ByteBuffer;

/**
 * An open file or directory of a {@link SimDisk}: what a descriptor stands for. Calls answer a count or a negative errno, at
 * once; who calls lets the time pass.
 */
final class SimFile extends Pollable {
    private static final int CALL_BYTES = 1 << 20;

    final SimDisk disk;
    final DiskNode node;
    private int failuresTold;

    SimFile(SimDisk disk, DiskNode node) {
        this.disk = disk;
        this.node = node;
        this.failuresTold = node instanceof DiskFile file ? file.failuresTold() : 0;
        node.opened++;
    }

    /** Files are always ready. */
    @Override
    int readiness() {
        return IN | OUT;
    }

    @Override
    void close() {
        node.opened--;
        disk.forgetUnnamed(node);
    }

    long size() {
        return node instanceof DiskFile file ? file.size() : 0;
    }

    /** pread(2): 0 at the end, perhaps less than there is. */
    int read(byte[] into, int offset, int length, long position) {
        if (!(node instanceof DiskFile file)) {
            return -Errno.EISDIR;
        }
        return disk.read(file, into, offset, Math.min(length, CALL_BYTES), position);
    }

    int read(long address, int length, long position) {
        byte[] bytes = new byte[Math.min(length, CALL_BYTES)];
        int n = read(bytes, 0, bytes.length, position);
        if (n > 0) {
            NativeMemory.copy(bytes, 0, n, address);
        }
        return n;
    }

    int read(ByteBuffer into, long position) {
        byte[] bytes = new byte[Math.min(into.remaining(), CALL_BYTES)];
        int n = read(bytes, 0, bytes.length, position);
        if (n > 0) {
            into.put(bytes, 0, n);
        }
        return n;
    }

    /** pwrite(2): perhaps fewer bytes than asked. */
    int write(ByteBuffer from, long position) {
        if (!(node instanceof DiskFile file)) {
            return -Errno.EBADF;
        }
        byte[] bytes = new byte[Math.min(from.remaining(), CALL_BYTES)];
        from.duplicate().get(bytes);
        int n = disk.write(file, bytes, position);
        if (n > 0) {
            from.position(from.position() + n);
        }
        return n;
    }

    int truncate(long size) {
        return node instanceof DiskFile file ? disk.truncate(file, size) : -Errno.EINVAL;
    }

    int allocate(long position, int length) {
        return node instanceof DiskFile file ? disk.allocate(file, position, length) : -Errno.EISDIR;
    }

    /** fsync(2): each open file is told once of a write-back that failed, and then that all is well. */
    int sync() {
        int result = disk.sync(node);
        if (result == 0 && node instanceof DiskFile file && file.failures() != failuresTold) {
            failuresTold = file.failures();
            file.tellFailure();
            return -Errno.EIO;
        }
        return result;
    }
}
