package dev.sluice.os;

import static java.lang.foreign.MemoryLayout.PathElement.groupElement;

import java.lang.foreign.MemoryLayout;
import java.lang.foreign.StructLayout;
import java.lang.foreign.ValueLayout;

/**
 * A completion queue entry, read by its address.
 *
 * <pre>struct io_uring_cqe { __u64 user_data; __s32 res; __u32 flags; };  // 16 bytes, linux/io_uring.h</pre>
 */
public final class Cqe {
    /** The buffer's number is in the upper half of the flags. */
    public static final int IORING_CQE_F_BUFFER = 1;
    /** The submission lives on and will complete again. Only this says so, not that it was a multishot. */
    public static final int IORING_CQE_F_MORE = 1 << 1;

    public static final int IORING_CQE_F_SOCK_NONEMPTY = 1 << 2;
    /** Of a zero-copy send: the memory may be reused from now on. */
    public static final int IORING_CQE_F_NOTIF = 1 << 3;

    /** Since Linux 6.12: of the buffer a part is left, which the kernel goes on to fill. */
    public static final int IORING_CQE_F_BUF_MORE = 1 << 4;

    static final StructLayout LAYOUT = MemoryLayout.structLayout(
            ValueLayout.JAVA_LONG.withName("user_data"),
            ValueLayout.JAVA_INT.withName("res"),
            ValueLayout.JAVA_INT.withName("flags"));

    private static final int IORING_CQE_BUFFER_SHIFT = 16;
    private static final long USER_DATA = LAYOUT.byteOffset(groupElement("user_data"));
    private static final long RES = LAYOUT.byteOffset(groupElement("res"));
    private static final long FLAGS = LAYOUT.byteOffset(groupElement("flags"));

    private Cqe() {}

    public static long userData(long cqe) {
        return NativeMemory.getLong(cqe + USER_DATA);
    }

    /** The operation's result, or -errno. */
    public static int res(long cqe) {
        return NativeMemory.getInt(cqe + RES);
    }

    public static int flags(long cqe) {
        return NativeMemory.getInt(cqe + FLAGS);
    }

    /** The number of the provided buffer, if the flags have {@link #IORING_CQE_F_BUFFER}. */
    public static int bufferId(int flags) {
        return flags >>> IORING_CQE_BUFFER_SHIFT;
    }
}
