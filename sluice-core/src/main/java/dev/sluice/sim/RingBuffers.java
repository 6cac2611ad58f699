package dev.sluice.sim;

import dev.sluice.os.Cqe;
import dev.sluice.os.NativeMemory;

/**
 * A group of provided buffers, the kernel's side of it: {@code struct io_uring_buf} of linux/io_uring.h, io_uring/kbuf.c. The
 * process adds at the tail, which is in the first entry; receives take at the head, which only the kernel knows.
 */
final class RingBuffers {
    private static final int ENTRY_BYTES = 16;
    private static final int LENGTH = 8;
    private static final int ID = 12;
    private static final int TAIL = 14;

    private final long ring;
    private final int count;
    private final boolean incremental;
    private short head;

    RingBuffers(long ring, int count, boolean incremental) {
        this.ring = ring;
        this.count = count;
        this.incremental = incremental;
    }

    boolean isEmpty() {
        return head == NativeMemory.getShort(ring + TAIL);
    }

    private long first() {
        return ring + (long) (head & count - 1) * ENTRY_BYTES;
    }

    /** Where the next bytes go. */
    long address() {
        return NativeMemory.getLong(first());
    }

    int length() {
        return NativeMemory.getInt(first() + LENGTH);
    }

    /** Bytes were put there: what the completion's flags say of the buffer. io_kbuf_commit(). */
    int commit(int bytes) {
        long entry = first();
        int flags = Cqe.IORING_CQE_F_BUFFER | Short.toUnsignedInt(NativeMemory.getShort(entry + ID)) << 16;
        if (!incremental) {
            head++;
            return flags;
        }
        int left = length() - bytes;
        NativeMemory.putLong(entry, address() + bytes);
        NativeMemory.putInt(entry + LENGTH, left);
        if (bytes == 0) {
            return flags; // nothing was taken, and BUF_MORE doesn't say so
        }
        if (left > 0) {
            return flags | Cqe.IORING_CQE_F_BUF_MORE;
        }
        head++;
        return flags;
    }
}
