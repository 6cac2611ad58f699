package dev.sluice.sim;

import dev.sluice.os.NativeMemory;
import dev.sluice.os.Uring;

/**
 * What a ring shares with its process: the two queues and the submission entries, and the offsets by which the process finds
 * them ({@code struct io_uring_params}, linux/io_uring.h). The kernel's side of them: it takes entries and puts completions.
 */
final class RingMemory {
    static final int SQ_CQ_OVERFLOW = 1 << 1;
    static final int SQ_TASKRUN = 1 << 2;

    private static final int CQE_BYTES = 16;
    private static final long OFF_SQES = 0x1000_0000L;

    // Where the fields are: the kernel's own choice, which it tells by the offsets.
    private static final int SQ_HEAD = 0;
    private static final int SQ_TAIL = 4;
    private static final int SQ_MASK = 8;
    private static final int SQ_ENTRIES = 12;
    private static final int SQ_FLAGS = 16;
    private static final int SQ_DROPPED = 20;
    private static final int CQ_HEAD = 24;
    private static final int CQ_TAIL = 28;
    private static final int CQ_MASK = 32;
    private static final int CQ_ENTRIES = 36;
    private static final int CQ_OVERFLOW = 40;
    private static final int CQ_FLAGS = 44;
    private static final int CQES = 64;

    // Of struct io_uring_params.
    private static final int PARAMS_FEATURES = 20;
    private static final int PARAMS_SQ_OFFSETS = 40;
    private static final int PARAMS_CQ_OFFSETS = 80;

    private static final int FEATURES = Uring.IORING_FEAT_SINGLE_MMAP
            | Uring.IORING_FEAT_NODROP
            | Uring.IORING_FEAT_FAST_POLL
            | Uring.IORING_FEAT_EXT_ARG
            | Uring.IORING_FEAT_CQE_SKIP;

    private final int sqEntries;
    private final int cqEntries;
    private final boolean indirect;
    private final long array;
    private final long ring;
    private final long sqes;

    /**
     * Memory for a ring.
     *
     * @param params gets what the process is told of it
     */
    RingMemory(int sqEntries, int cqEntries, boolean indirect, long params) {
        this.sqEntries = sqEntries;
        this.cqEntries = cqEntries;
        this.indirect = indirect;
        this.array = CQES + (long) cqEntries * CQE_BYTES;
        this.ring = NativeMemory.allocate(array + (long) sqEntries * Integer.BYTES);
        this.sqes = NativeMemory.allocate((long) sqEntries * RingEntry.BYTES);
        NativeMemory.putInt(ring + SQ_MASK, sqEntries - 1);
        NativeMemory.putInt(ring + SQ_ENTRIES, sqEntries);
        NativeMemory.putInt(ring + CQ_MASK, cqEntries - 1);
        NativeMemory.putInt(ring + CQ_ENTRIES, cqEntries);
        NativeMemory.putInt(params, sqEntries);
        NativeMemory.putInt(params + Integer.BYTES, cqEntries);
        NativeMemory.putInt(params + PARAMS_FEATURES, FEATURES);
        putInts(params + PARAMS_SQ_OFFSETS, SQ_HEAD, SQ_TAIL, SQ_MASK, SQ_ENTRIES, SQ_FLAGS, SQ_DROPPED, (int) array);
        putInts(params + PARAMS_CQ_OFFSETS, CQ_HEAD, CQ_TAIL, CQ_MASK, CQ_ENTRIES, CQ_OVERFLOW, CQES, CQ_FLAGS);
    }

    private static void putInts(long at, int... values) {
        for (int i = 0; i < values.length; i++) {
            NativeMemory.putInt(at + (long) i * Integer.BYTES, values[i]);
        }
    }

    /** What mmap(2) gives at an offset; the two queues share one mapping (IORING_FEAT_SINGLE_MMAP). */
    long at(long offset) {
        return offset == OFF_SQES ? sqes : ring;
    }

    int submitted() {
        return NativeMemory.getInt(ring + SQ_TAIL) - NativeMemory.getInt(ring + SQ_HEAD);
    }

    /** Takes the next submission entry. */
    RingEntry take() {
        int head = NativeMemory.getInt(ring + SQ_HEAD);
        int slot = head & sqEntries - 1;
        int index = indirect ? NativeMemory.getInt(ring + array + (long) slot * Integer.BYTES) : slot;
        RingEntry entry = RingEntry.read(sqes + (long) index * RingEntry.BYTES);
        NativeMemory.putInt(ring + SQ_HEAD, head + 1);
        return entry;
    }

    int ready() {
        return NativeMemory.getInt(ring + CQ_TAIL) - NativeMemory.getInt(ring + CQ_HEAD);
    }

    boolean hasRoom() {
        return ready() < cqEntries;
    }

    void put(long userData, int result, int flags) {
        int tail = NativeMemory.getInt(ring + CQ_TAIL);
        long cqe = ring + CQES + (long) (tail & cqEntries - 1) * CQE_BYTES;
        NativeMemory.putLong(cqe, userData);
        NativeMemory.putInt(cqe + Long.BYTES, result);
        NativeMemory.putInt(cqe + Long.BYTES + Integer.BYTES, flags);
        NativeMemory.putInt(ring + CQ_TAIL, tail + 1);
    }

    /** One of the flags that the process reads without a call. */
    void flag(int flag, boolean on) {
        int flags = NativeMemory.getInt(ring + SQ_FLAGS);
        NativeMemory.putInt(ring + SQ_FLAGS, on ? flags | flag : flags & ~flag);
    }

    void free() {
        NativeMemory.free(ring);
        NativeMemory.free(sqes);
    }
}
