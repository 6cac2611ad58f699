package dev.sluice.sim;

import dev.sluice.os.NativeMemory;
import dev.sluice.os.Sqe;

/**
 * A submission entry as the kernel reads it, {@code struct io_uring_sqe} of linux/io_uring.h: once, so that the slot in the
 * queue can be used again.
 */
record RingEntry(
        int opcode,
        int flags,
        int ioprio,
        int fd,
        long offset,
        long address,
        int length,
        int operationFlags,
        long userData,
        int bufferGroup,
        int fileIndex,
        long address3) {
    static final int BYTES = 64;

    static RingEntry read(long sqe) {
        return new RingEntry(
                Byte.toUnsignedInt(NativeMemory.getByte(sqe)),
                Byte.toUnsignedInt(NativeMemory.getByte(sqe + 1)),
                Short.toUnsignedInt(NativeMemory.getShort(sqe + 2)),
                NativeMemory.getInt(sqe + 4),
                NativeMemory.getLong(sqe + 8),
                NativeMemory.getLong(sqe + 16),
                NativeMemory.getInt(sqe + 24),
                NativeMemory.getInt(sqe + 28),
                NativeMemory.getLong(sqe + 32),
                Short.toUnsignedInt(NativeMemory.getShort(sqe + 40)),
                NativeMemory.getInt(sqe + 44),
                NativeMemory.getLong(sqe + 48));
    }

    boolean isFixed() {
        return (flags & Sqe.IOSQE_FIXED_FILE) != 0;
    }

    boolean selectsBuffer() {
        return (flags & Sqe.IOSQE_BUFFER_SELECT) != 0;
    }

    boolean isSilent(int result) {
        return result >= 0 && (flags & Sqe.IOSQE_CQE_SKIP_SUCCESS) != 0;
    }
}
