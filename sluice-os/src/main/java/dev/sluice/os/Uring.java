package dev.sluice.os;

import static java.lang.foreign.MemoryLayout.PathElement.groupElement;

import java.lang.foreign.MemoryLayout;
import java.lang.foreign.StructLayout;
import java.lang.foreign.ValueLayout;

/**
 * The three system calls of io_uring(7) and the constants of {@code linux/io_uring.h}. Entries are in {@link Sqe} and
 * {@link Cqe}, the mapped rings in {@link UringQueues}.
 *
 * <pre>
 * struct io_uring_probe_op { __u8 op; __u8 resv; __u16 flags; __u32 resv2; };                       //  8 bytes
 * struct io_uring_probe    { __u8 last_op; __u8 ops_len; __u16 resv; __u32 resv2[3]; probe_op ops[]; };  // 16 + 8 each
 * struct io_uring_napi     { __u32 busy_poll_to; __u8 prefer_busy_poll; __u8 opcode; __u8 pad[2]; __u32 op_param;
 *                            __u32 resv; };                                                          // 16 bytes
 * struct io_uring_rsrc_register { __u32 nr; __u32 flags; __u64 resv2; __u64 data; __u64 tags; };    // 32 bytes
 * struct io_uring_rsrc_update2 { __u32 offset, resv; __u64 data, tags; __u32 nr, resv2; };          // 32 bytes
 * </pre>
 */
public final class Uring {
    /** A kernel thread submits, so that entering is for waiting only. */
    public static final int IORING_SETUP_SQPOLL = 1 << 1;

    public static final int IORING_SETUP_CQSIZE = 1 << 3;
    public static final int IORING_SETUP_CLAMP = 1 << 4;
    public static final int IORING_SETUP_ATTACH_WQ = 1 << 5;
    public static final int IORING_SETUP_R_DISABLED = 1 << 6;
    /** Since Linux 5.18: one entry in error doesn't hold up those behind it. */
    public static final int IORING_SETUP_SUBMIT_ALL = 1 << 7;
    /** Since Linux 5.19. */
    public static final int IORING_SETUP_COOP_TASKRUN = 1 << 8;
    /** Since Linux 5.19. */
    public static final int IORING_SETUP_TASKRUN_FLAG = 1 << 9;
    /** Since Linux 6.0; the issuer is the thread that made the ring, or that enabled it if it was made disabled. */
    public static final int IORING_SETUP_SINGLE_ISSUER = 1 << 12;
    /**
     * Since Linux 6.1, with {@link #IORING_SETUP_SINGLE_ISSUER}: completions appear only in an enter with GETEVENTS.
     */
    public static final int IORING_SETUP_DEFER_TASKRUN = 1 << 13;
    /** Since Linux 6.6. */
    public static final int IORING_SETUP_NO_SQARRAY = 1 << 16;

    public static final int IORING_FEAT_SINGLE_MMAP = 1;
    public static final int IORING_FEAT_NODROP = 1 << 1;
    public static final int IORING_FEAT_FAST_POLL = 1 << 5;
    public static final int IORING_FEAT_EXT_ARG = 1 << 8;
    public static final int IORING_FEAT_CQE_SKIP = 1 << 11;
    public static final int IORING_FEAT_RECVSEND_BUNDLE = 1 << 14;

    public static final int IORING_ENTER_GETEVENTS = 1;
    /** Wakes the thread of SQPOLL. */
    public static final int IORING_ENTER_SQ_WAKEUP = 1 << 1;

    /** Waits until the thread of SQPOLL has taken an entry. */
    public static final int IORING_ENTER_SQ_WAIT = 1 << 2;

    public static final int IORING_ENTER_EXT_ARG = 1 << 3;
    public static final int IORING_ENTER_REGISTERED_RING = 1 << 4;

    public static final int IORING_REGISTER_EVENTFD = 4;
    public static final int IORING_REGISTER_FILES_UPDATE = 6;
    public static final int IORING_REGISTER_PROBE = 8;
    public static final int IORING_REGISTER_ENABLE_RINGS = 12;
    public static final int IORING_REGISTER_FILES2 = 13;
    public static final int IORING_REGISTER_BUFFERS2 = 15;
    public static final int IORING_REGISTER_BUFFERS_UPDATE = 16;
    public static final int IORING_REGISTER_IOWQ_MAX_WORKERS = 19;
    public static final int IORING_REGISTER_RING_FDS = 20;
    public static final int IORING_UNREGISTER_RING_FDS = 21;
    /** Since Linux 5.19. */
    public static final int IORING_REGISTER_PBUF_RING = 22;

    public static final int IORING_UNREGISTER_PBUF_RING = 23;
    /** Since Linux 6.9. */
    public static final int IORING_REGISTER_NAPI = 27;

    public static final int IORING_OP_NOP = 0;
    public static final int IORING_OP_READV = 1;
    public static final int IORING_OP_WRITEV = 2;
    public static final int IORING_OP_FSYNC = 3;
    public static final int IORING_OP_READ_FIXED = 4;
    public static final int IORING_OP_WRITE_FIXED = 5;
    public static final int IORING_OP_POLL_ADD = 6;
    public static final int IORING_OP_POLL_REMOVE = 7;
    public static final int IORING_OP_SENDMSG = 9;
    public static final int IORING_OP_RECVMSG = 10;
    public static final int IORING_OP_TIMEOUT = 11;
    public static final int IORING_OP_TIMEOUT_REMOVE = 12;
    public static final int IORING_OP_ACCEPT = 13;
    public static final int IORING_OP_ASYNC_CANCEL = 14;
    public static final int IORING_OP_LINK_TIMEOUT = 15;
    public static final int IORING_OP_CONNECT = 16;
    public static final int IORING_OP_FALLOCATE = 17;
    public static final int IORING_OP_OPENAT = 18;
    public static final int IORING_OP_CLOSE = 19;
    public static final int IORING_OP_FILES_UPDATE = 20;
    public static final int IORING_OP_STATX = 21;
    public static final int IORING_OP_READ = 22;
    public static final int IORING_OP_WRITE = 23;
    public static final int IORING_OP_SEND = 26;
    public static final int IORING_OP_RECV = 27;
    public static final int IORING_OP_OPENAT2 = 28;
    public static final int IORING_OP_SPLICE = 30;
    public static final int IORING_OP_SHUTDOWN = 34;
    public static final int IORING_OP_RENAMEAT = 35;
    public static final int IORING_OP_UNLINKAT = 36;
    public static final int IORING_OP_MKDIRAT = 37;
    public static final int IORING_OP_MSG_RING = 40;
    public static final int IORING_OP_SOCKET = 45;
    public static final int IORING_OP_URING_CMD = 46;
    public static final int IORING_OP_SEND_ZC = 47;
    public static final int IORING_OP_SENDMSG_ZC = 48;
    /** Since Linux 6.8. */
    public static final int IORING_OP_FIXED_FD_INSTALL = 54;
    /** Since Linux 6.9. */
    public static final int IORING_OP_FTRUNCATE = 55;

    public static final int IORING_FSYNC_DATASYNC = 1;

    /** In a table of registered descriptors: any place that is free. */
    public static final int IORING_FILE_INDEX_ALLOC = -1;

    /** Since Linux 5.19: a table of descriptors, or of buffers, whose places are all free. */
    public static final int IORING_RSRC_REGISTER_SPARSE = 1;

    /** Since Linux 6.7: SOL_SOCKET only. */
    public static final int SOCKET_URING_OP_GETSOCKOPT = 2;

    public static final int SOCKET_URING_OP_SETSOCKOPT = 3;

    public static final int IORING_ASYNC_CANCEL_ALL = 1;
    public static final int IORING_ASYNC_CANCEL_FD = 1 << 1;
    public static final int IORING_ASYNC_CANCEL_ANY = 1 << 2;

    public static final int IORING_POLL_ADD_MULTI = 1;
    public static final int IORING_RECVSEND_POLL_FIRST = 1;
    /** Since Linux 6.0. */
    public static final int IORING_RECV_MULTISHOT = 1 << 1;
    /** Since Linux 5.19. */
    public static final int IORING_ACCEPT_MULTISHOT = 1;

    public static final int IORING_TIMEOUT_ABS = 1;
    public static final int IORING_TIMEOUT_ETIME_SUCCESS = 1 << 5;
    public static final int IORING_MSG_DATA = 0;
    public static final int SPLICE_F_MOVE = 1;
    public static final int SPLICE_F_NONBLOCK = 2;
    public static final int SPLICE_F_MORE = 4;

    static final StructLayout PROBE_OP = MemoryLayout.structLayout(
            ValueLayout.JAVA_BYTE.withName("op"),
            ValueLayout.JAVA_BYTE.withName("resv"),
            ValueLayout.JAVA_SHORT.withName("flags"),
            ValueLayout.JAVA_INT.withName("resv2"));
    static final StructLayout PROBE = MemoryLayout.structLayout(
            ValueLayout.JAVA_BYTE.withName("last_op"),
            ValueLayout.JAVA_BYTE.withName("ops_len"),
            ValueLayout.JAVA_SHORT.withName("resv"),
            MemoryLayout.sequenceLayout(3, ValueLayout.JAVA_INT).withName("resv2"));

    static final StructLayout RSRC_REGISTER = MemoryLayout.structLayout(
            ValueLayout.JAVA_INT.withName("nr"),
            ValueLayout.JAVA_INT.withName("flags"),
            ValueLayout.JAVA_LONG.withName("resv2"),
            ValueLayout.JAVA_LONG.withName("data"),
            ValueLayout.JAVA_LONG.withName("tags"));

    static final StructLayout RSRC_UPDATE2 = MemoryLayout.structLayout(
            ValueLayout.JAVA_INT.withName("offset"),
            ValueLayout.JAVA_INT.withName("resv"),
            ValueLayout.JAVA_LONG.withName("data"),
            ValueLayout.JAVA_LONG.withName("tags"),
            ValueLayout.JAVA_INT.withName("nr"),
            ValueLayout.JAVA_INT.withName("resv2"));

    static final StructLayout NAPI = MemoryLayout.structLayout(
            ValueLayout.JAVA_INT.withName("busy_poll_to"),
            ValueLayout.JAVA_BYTE.withName("prefer_busy_poll"),
            ValueLayout.JAVA_BYTE.withName("opcode"),
            ValueLayout.JAVA_SHORT.withName("pad"),
            ValueLayout.JAVA_INT.withName("op_param"),
            ValueLayout.JAVA_INT.withName("resv"));

    private static final long NAPI_MICROS = NAPI.byteOffset(groupElement("busy_poll_to"));
    private static final long RSRC_NR = RSRC_REGISTER.byteOffset(groupElement("nr"));
    private static final long RSRC_FLAGS = RSRC_REGISTER.byteOffset(groupElement("flags"));
    private static final long UPDATE_OFFSET = RSRC_UPDATE2.byteOffset(groupElement("offset"));
    private static final long UPDATE_DATA = RSRC_UPDATE2.byteOffset(groupElement("data"));
    private static final long UPDATE_NR = RSRC_UPDATE2.byteOffset(groupElement("nr"));
    private static final int PROBE_OPS = 256;
    private static final int IO_URING_OP_SUPPORTED = 1;
    private static final long PROBE_OP_FLAGS = PROBE_OP.byteOffset(groupElement("flags"));
    private static final long PROBE_OPS_LEN = PROBE.byteOffset(groupElement("ops_len"));

    // asm-generic/unistd.h: the numbers are the same on every architecture. No C library wraps these calls.
    private static final int NR_IO_URING_SETUP = 425;

    private static final int NR_IO_URING_ENTER = 426;
    private static final int NR_IO_URING_REGISTER = 427;

    private Uring() {}

    /** io_uring_setup(2): a ring's descriptor, with the {@code struct io_uring_params} at {@code params} filled. */
    public static int setup(int entries, long params, CallState state) {
        return (int) state.result(Native.longCall(Native.SYSCALL, state, NR_IO_URING_SETUP, entries, params));
    }

    /**
     * io_uring_enter(2): the number of entries consumed, or -errno.
     *
     * @param argument a signal mask, or with {@link #IORING_ENTER_EXT_ARG} a struct io_uring_getevents_arg
     */
    public static int enter(
            int fd, int submitCount, int minComplete, int flags, long argument, long argumentBytes, CallState state) {
        return (int) state.result(Native.longCall(
                Native.SYSCALL,
                state,
                NR_IO_URING_ENTER,
                fd,
                submitCount,
                minComplete,
                flags,
                argument,
                argumentBytes));
    }

    /** io_uring_register(2). */
    public static int register(int fd, int operation, long argument, int count, CallState state) {
        return (int) state.result(
                Native.longCall(Native.SYSCALL, state, NR_IO_URING_REGISTER, fd, operation, argument, count));
    }

    /**
     * Whether the kernel has an operation, since Linux 5.6; that one exists doesn't say that each of its flags does.
     *
     * @return 1 or 0, or -errno
     */
    public static int probe(int fd, int operation, UringCalls calls) {
        long probe = NativeMemory.allocate(PROBE.byteSize() + PROBE_OPS * PROBE_OP.byteSize());
        try {
            int result = calls.register(fd, IORING_REGISTER_PROBE, probe, PROBE_OPS);
            if (result < 0) {
                return result;
            }
            if (operation >= Byte.toUnsignedInt(NativeMemory.getByte(probe + PROBE_OPS_LEN))) {
                return 0;
            }
            long op = probe + PROBE.byteSize() + operation * PROBE_OP.byteSize();
            return NativeMemory.getShort(op + PROBE_OP_FLAGS) & IO_URING_OP_SUPPORTED;
        } finally {
            NativeMemory.free(probe);
        }
    }

    /**
     * Gives a ring a table of registered descriptors with {@code count} free places, since Linux 5.19.
     *
     * @return 0 or -errno: {@code -EMFILE} for more than RLIMIT_NOFILE, {@code -EBUSY} where there is a table
     */
    public static int registerSparseFiles(int fd, int count, UringCalls calls) {
        return registerSparse(fd, IORING_REGISTER_FILES2, count, calls);
    }

    /** Gives a ring a table of registered buffers with {@code count} free places, since Linux 5.19: 0 or -errno. */
    public static int registerSparseBuffers(int fd, int count, UringCalls calls) {
        return registerSparse(fd, IORING_REGISTER_BUFFERS2, count, calls);
    }

    private static int registerSparse(int fd, int operation, int count, UringCalls calls) {
        long registration = calls.state().scratch();
        NativeMemory.clear(registration, RSRC_REGISTER.byteSize());
        NativeMemory.putInt(registration + RSRC_NR, count);
        NativeMemory.putInt(registration + RSRC_FLAGS, IORING_RSRC_REGISTER_SPARSE);
        return calls.register(fd, operation, registration, (int) RSRC_REGISTER.byteSize());
    }

    /**
     * Puts a descriptor in a place of the table, or takes what is there out with {@code descriptor} -1.
     *
     * @return 1 or -errno
     */
    public static int registerFile(int fd, int place, int descriptor, UringCalls calls) {
        long update = calls.state().scratch();
        long data = update + RSRC_UPDATE2.byteSize();
        NativeMemory.clear(update, RSRC_UPDATE2.byteSize());
        NativeMemory.putInt(update + UPDATE_OFFSET, place);
        NativeMemory.putLong(update + UPDATE_DATA, data);
        NativeMemory.putInt(data, descriptor);
        return calls.register(fd, IORING_REGISTER_FILES_UPDATE, update, 1);
    }

    /**
     * Puts memory in a place of the table of buffers; the kernel locks its pages until the ring is closed.
     *
     * @return 1 or -errno: {@code -ENOMEM} for more than RLIMIT_MEMLOCK
     */
    public static int registerBuffer(int fd, int place, long address, long bytes, UringCalls calls) {
        long update = calls.state().scratch();
        long vector = update + RSRC_UPDATE2.byteSize(); // struct iovec { void *iov_base; size_t iov_len; }
        NativeMemory.clear(update, RSRC_UPDATE2.byteSize());
        NativeMemory.putInt(update + UPDATE_OFFSET, place);
        NativeMemory.putLong(update + UPDATE_DATA, vector);
        NativeMemory.putInt(update + UPDATE_NR, 1);
        NativeMemory.putLong(vector, address);
        NativeMemory.putLong(vector + Long.BYTES, bytes);
        return calls.register(fd, IORING_REGISTER_BUFFERS_UPDATE, update, (int) RSRC_UPDATE2.byteSize());
    }

    /**
     * Has a wait poll the queues of the network cards that its sockets receive from, since Linux 6.9.
     *
     * @param micros for how long, before it sleeps
     * @return 0 or -errno: {@code -EINVAL} from a kernel without CONFIG_NET_RX_BUSY_POLL
     */
    public static int registerNapi(int fd, int micros, UringCalls calls) {
        long napi = calls.state().scratch();
        NativeMemory.clear(napi, NAPI.byteSize());
        NativeMemory.putInt(napi + NAPI_MICROS, micros);
        return calls.register(fd, IORING_REGISTER_NAPI, napi, 1);
    }

    /**
     * Has an eventfd written to when completions come; with DEFER_TASKRUN when the first work comes that will bring some.
     *
     * @return 0 or -errno
     */
    public static int registerEventFd(int fd, int eventFd, UringCalls calls) {
        long descriptor = calls.state().scratch();
        NativeMemory.putInt(descriptor, eventFd);
        return calls.register(fd, IORING_REGISTER_EVENTFD, descriptor, 1);
    }
}
