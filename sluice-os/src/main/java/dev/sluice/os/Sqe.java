package dev.sluice.os;

import static java.lang.foreign.MemoryLayout.PathElement.groupElement;

import java.lang.foreign.MemoryLayout;
import java.lang.foreign.StructLayout;
import java.lang.foreign.ValueLayout;

/**
 * A submission queue entry, written by its address; {@link UringQueues#nextSqe} hands out cleared ones, so that an
 * operation sets only what it has.
 *
 * <pre>
 * struct io_uring_sqe {                       // 64 bytes, linux/io_uring.h
 *     __u8 opcode; __u8 flags; __u16 ioprio; __s32 fd;
 *     union { __u64 off; __u64 addr2; struct { __u32 cmd_op; __u32 __pad1; }; };
 *     union { __u64 addr; __u64 splice_off_in; struct { __u32 level; __u32 optname; }; };
 *     __u32 len;
 *     union { __u32 rw_flags; __u32 poll32_events; __u32 msg_flags; __u32 accept_flags; ... };
 *     __u64 user_data;
 *     union { __u16 buf_index; __u16 buf_group; };
 *     __u16 personality;
 *     union { __s32 splice_fd_in; __u32 file_index; __u32 optlen; };
 *     union { __u64 addr3; __u64 optval; }; __u64 __pad2[1];
 * };
 * </pre>
 */
public final class Sqe {
    public static final int IOSQE_FIXED_FILE = 1;
    public static final int IOSQE_IO_DRAIN = 1 << 1;
    public static final int IOSQE_IO_LINK = 1 << 2;
    public static final int IOSQE_IO_HARDLINK = 1 << 3;
    public static final int IOSQE_ASYNC = 1 << 4;
    public static final int IOSQE_BUFFER_SELECT = 1 << 5;
    public static final int IOSQE_CQE_SKIP_SUCCESS = 1 << 6;

    static final StructLayout LAYOUT = MemoryLayout.structLayout(
            ValueLayout.JAVA_BYTE.withName("opcode"),
            ValueLayout.JAVA_BYTE.withName("flags"),
            ValueLayout.JAVA_SHORT.withName("ioprio"),
            ValueLayout.JAVA_INT.withName("fd"),
            ValueLayout.JAVA_LONG.withName("off"),
            ValueLayout.JAVA_LONG.withName("addr"),
            ValueLayout.JAVA_INT.withName("len"),
            ValueLayout.JAVA_INT.withName("rw_flags"),
            ValueLayout.JAVA_LONG.withName("user_data"),
            ValueLayout.JAVA_SHORT.withName("buf_group"),
            ValueLayout.JAVA_SHORT.withName("personality"),
            ValueLayout.JAVA_INT.withName("splice_fd_in"),
            ValueLayout.JAVA_LONG.withName("addr3"),
            ValueLayout.JAVA_LONG.withName("__pad2"));

    private static final long SIZE = LAYOUT.byteSize();
    private static final long OPCODE = LAYOUT.byteOffset(groupElement("opcode"));
    private static final long FLAGS = LAYOUT.byteOffset(groupElement("flags"));
    private static final long IOPRIO = LAYOUT.byteOffset(groupElement("ioprio"));
    private static final long FD = LAYOUT.byteOffset(groupElement("fd"));
    private static final long OFF = LAYOUT.byteOffset(groupElement("off"));
    private static final long ADDR = LAYOUT.byteOffset(groupElement("addr"));
    private static final long LEN = LAYOUT.byteOffset(groupElement("len"));
    private static final long RW_FLAGS = LAYOUT.byteOffset(groupElement("rw_flags"));
    private static final long USER_DATA = LAYOUT.byteOffset(groupElement("user_data"));
    private static final long BUF_GROUP = LAYOUT.byteOffset(groupElement("buf_group"));
    private static final long ADDR3 = LAYOUT.byteOffset(groupElement("addr3"));
    private static final long SPLICE_FD_IN = LAYOUT.byteOffset(groupElement("splice_fd_in"));

    private Sqe() {}

    /** Sets every field to 0, in eight stores. */
    static void clear(long sqe) {
        for (long at = sqe; at < sqe + SIZE; at += Long.BYTES) {
            NativeMemory.putLong(at, 0);
        }
    }

    /** What every operation has: the rest of the entry is left as it is. */
    public static void put(long sqe, int opcode, int fd, long address, int length, long offset, long userData) {
        NativeMemory.putByte(sqe + OPCODE, (byte) opcode);
        NativeMemory.putInt(sqe + FD, fd);
        NativeMemory.putLong(sqe + OFF, offset);
        NativeMemory.putLong(sqe + ADDR, address);
        NativeMemory.putInt(sqe + LEN, length);
        NativeMemory.putLong(sqe + USER_DATA, userData);
    }

    /** The {@code IOSQE_} flags. */
    public static void flags(long sqe, int flags) {
        NativeMemory.putByte(sqe + FLAGS, (byte) flags);
    }

    /** The flags of an accept, a receive or a send that belong to the ring ({@code IORING_ACCEPT_}, {@code _RECV_}). */
    public static void ioprio(long sqe, int flags) {
        NativeMemory.putShort(sqe + IOPRIO, (short) flags);
    }

    /** The flags of the operation itself: {@code msg_flags}, {@code accept_flags}, {@code poll32_events} and so on. */
    public static void operationFlags(long sqe, int flags) {
        NativeMemory.putInt(sqe + RW_FLAGS, flags);
    }

    /** More of the {@code IOSQE_} flags. */
    public static void addFlags(long sqe, int flags) {
        NativeMemory.putByte(sqe + FLAGS, (byte) (NativeMemory.getByte(sqe + FLAGS) | flags));
    }

    public static void userData(long sqe, long userData) {
        NativeMemory.putLong(sqe + USER_DATA, userData);
    }

    /** Takes the buffer from a group of provided ones. */
    public static void bufferGroup(long sqe, int group) {
        addFlags(sqe, IOSQE_BUFFER_SELECT);
        NativeMemory.putShort(sqe + BUF_GROUP, (short) group);
    }

    public static void nop(long sqe, long userData) {
        put(sqe, Uring.IORING_OP_NOP, -1, 0, 0, 0, userData);
    }

    /** Accepts once; {@code flags} are those of accept4(2). The peer's address isn't asked for. */
    public static void accept(long sqe, int fd, int flags, long userData) {
        put(sqe, Uring.IORING_OP_ACCEPT, fd, 0, 0, 0, userData);
        operationFlags(sqe, flags);
    }

    /** Accepts until it is cancelled or fails. */
    public static void acceptMultishot(long sqe, int fd, int flags, long userData) {
        accept(sqe, fd, flags, userData);
        ioprio(sqe, Uring.IORING_ACCEPT_MULTISHOT);
    }

    /**
     * Of an accept or a socket: the newcomer goes to a free place of the ring's table of registered descriptors, which is
     * the result; {@code -ENFILE} if there is none, and of an accept the newcomer is closed. Not with SOCK_CLOEXEC.
     */
    public static void intoTable(long sqe) {
        NativeMemory.putInt(sqe + SPLICE_FD_IN, Uring.IORING_FILE_INDEX_ALLOC);
    }

    /** Opens a socket, since Linux 5.19. */
    public static void socket(long sqe, int family, int type, int protocol, long userData) {
        put(sqe, Uring.IORING_OP_SOCKET, family, 0, protocol, type, userData);
    }

    /** Sets a socket's option from memory, which stays put until the submission. Since Linux 6.7. */
    public static void setsockopt(long sqe, int fd, int level, int option, long address, int length, long userData) {
        socketCommand(sqe, Uring.SOCKET_URING_OP_SETSOCKOPT, fd, level, option, address, length, userData);
    }

    /** Reads an option of SOL_SOCKET to memory; the result is its length. Since Linux 6.7. */
    public static void getsockopt(long sqe, int fd, int level, int option, long address, int length, long userData) {
        socketCommand(sqe, Uring.SOCKET_URING_OP_GETSOCKOPT, fd, level, option, address, length, userData);
    }

    private static void socketCommand(
            long sqe, int command, int fd, int level, int option, long address, int length, long userData) {
        put(
                sqe,
                Uring.IORING_OP_URING_CMD,
                fd,
                Integer.toUnsignedLong(level) | (long) option << 32,
                0,
                command,
                userData);
        NativeMemory.putInt(sqe + SPLICE_FD_IN, length);
        NativeMemory.putLong(sqe + ADDR3, address);
    }

    /** Gives a registered descriptor an ordinary number too, which is the result. Since Linux 6.8. */
    public static void installFixed(long sqe, int index, long userData) {
        put(sqe, Uring.IORING_OP_FIXED_FD_INSTALL, index, 0, 0, 0, userData);
        addFlags(sqe, IOSQE_FIXED_FILE);
    }

    /**
     * Puts an ordinary descriptor, which memory holds as an int, into a free place of the ring's table too; the number of the place
     * is left there. The result is 1, or {@code -ENFILE} where there is none. Since Linux 5.19.
     */
    public static void updateFiles(long sqe, long address, long userData) {
        put(
                sqe,
                Uring.IORING_OP_FILES_UPDATE,
                0,
                address,
                1,
                Integer.toUnsignedLong(Uring.IORING_FILE_INDEX_ALLOC),
                userData);
    }

    /** Receives once into the caller's memory. */
    public static void recv(long sqe, int fd, long address, int length, int flags, long userData) {
        put(sqe, Uring.IORING_OP_RECV, fd, address, length, 0, userData);
        operationFlags(sqe, flags);
    }

    /**
     * Receives into provided buffers until the peer's end, an error, or {@code -ENOBUFS} when none is left.
     *
     * @param limitBytes ends after so many bytes too; 0: never. Before Linux 6.17 a limit is answered with {@code -EINVAL}
     */
    public static void recvMultishot(long sqe, int fd, int group, int limitBytes, long userData) {
        put(sqe, Uring.IORING_OP_RECV, fd, 0, 0, 0, userData);
        ioprio(sqe, Uring.IORING_RECV_MULTISHOT);
        NativeMemory.putInt(sqe + SPLICE_FD_IN, limitBytes);
        bufferGroup(sqe, group);
    }

    /**
     * Receives messages into provided buffers, each behind its {@link ReceivedMessage} header, until an error, an empty message
     * (which is told), or {@code -ENOBUFS} when none is left. Since Linux 6.0.
     *
     * @param message a {@link SocketMessages#MSGHDR} with room for the sender's address; it stays put until the submission
     */
    public static void recvmsgMultishot(long sqe, int fd, int group, long message, long userData) {
        put(sqe, Uring.IORING_OP_RECVMSG, fd, message, 1, 0, userData);
        ioprio(sqe, Uring.IORING_RECV_MULTISHOT);
        bufferGroup(sqe, group);
    }

    /** Sends memory that stays put until the completion. */
    public static void send(long sqe, int fd, long address, int length, int flags, long userData) {
        put(sqe, Uring.IORING_OP_SEND, fd, address, length, 0, userData);
        operationFlags(sqe, flags);
    }

    /** Sends without copying: completes twice, the second time with {@link Cqe#IORING_CQE_F_NOTIF}. */
    public static void sendZeroCopy(long sqe, int fd, long address, int length, int flags, long userData) {
        put(sqe, Uring.IORING_OP_SEND_ZC, fd, address, length, 0, userData);
        operationFlags(sqe, flags);
    }

    /** Sends what a {@link SocketMessages#MSGHDR} describes; it and all it points to stay put until the completion. */
    public static void sendmsg(long sqe, int fd, long message, int flags, long userData) {
        put(sqe, Uring.IORING_OP_SENDMSG, fd, message, 1, 0, userData);
        operationFlags(sqe, flags);
    }

    /** Reads from a file's offset, or from its own position for -1. */
    public static void read(long sqe, int fd, long address, int length, long offset, long userData) {
        put(sqe, Uring.IORING_OP_READ, fd, address, length, offset, userData);
    }

    /** Writes to a file's offset, or to its own position for -1. */
    public static void write(long sqe, int fd, long address, int length, long offset, long userData) {
        put(sqe, Uring.IORING_OP_WRITE, fd, address, length, offset, userData);
    }

    /** As {@link #read}, into memory that lies in the registered buffer of that number. */
    public static void readFixed(long sqe, int fd, long address, int length, long offset, int buffer, long userData) {
        put(sqe, Uring.IORING_OP_READ_FIXED, fd, address, length, offset, userData);
        NativeMemory.putShort(sqe + BUF_GROUP, (short) buffer); // buf_index is in the same place
    }

    /** As {@link #write}, from memory that lies in the registered buffer of that number. */
    public static void writeFixed(long sqe, int fd, long address, int length, long offset, int buffer, long userData) {
        put(sqe, Uring.IORING_OP_WRITE_FIXED, fd, address, length, offset, userData);
        NativeMemory.putShort(sqe + BUF_GROUP, (short) buffer);
    }

    /** fsync(2), or fdatasync(2) with {@link Uring#IORING_FSYNC_DATASYNC}. */
    public static void fsync(long sqe, int fd, int flags, long userData) {
        put(sqe, Uring.IORING_OP_FSYNC, fd, 0, 0, 0, userData);
        operationFlags(sqe, flags);
    }

    /** fallocate(2) of a range, which the file then reaches to the end of. */
    public static void fallocate(long sqe, int fd, long position, long length, long userData) {
        put(sqe, Uring.IORING_OP_FALLOCATE, fd, length, 0, position, userData);
    }

    /** ftruncate(2), since Linux 6.9. */
    public static void ftruncate(long sqe, int fd, long size, long userData) {
        put(sqe, Uring.IORING_OP_FTRUNCATE, fd, 0, 0, size, userData);
    }

    /** openat(2) of a path that ends with a NUL and stays put until the submission, as all paths here. */
    public static void openat(long sqe, int dirFd, long path, int flags, int mode, long userData) {
        put(sqe, Uring.IORING_OP_OPENAT, dirFd, path, mode, 0, userData);
        operationFlags(sqe, flags);
    }

    /** renameat(2). */
    public static void renameat(long sqe, int fromFd, long from, int toFd, long to, long userData) {
        put(sqe, Uring.IORING_OP_RENAMEAT, fromFd, from, toFd, to, userData);
    }

    /** unlinkat(2). */
    public static void unlinkat(long sqe, int dirFd, long path, int flags, long userData) {
        put(sqe, Uring.IORING_OP_UNLINKAT, dirFd, path, 0, 0, userData);
        operationFlags(sqe, flags);
    }

    /** mkdirat(2). */
    public static void mkdirat(long sqe, int dirFd, long path, int mode, long userData) {
        put(sqe, Uring.IORING_OP_MKDIRAT, dirFd, path, mode, 0, userData);
    }

    /** splice(2): one of the two is a pipe; an offset of -1 means the descriptor's own position. */
    public static void splice(
            long sqe, int in, long offsetIn, int out, long offsetOut, int length, int flags, long userData) {
        put(sqe, Uring.IORING_OP_SPLICE, out, offsetIn, length, offsetOut, userData);
        NativeMemory.putInt(sqe + SPLICE_FD_IN, in);
        operationFlags(sqe, flags);
    }

    /** Connects to an encoded address, which stays put until the submission. */
    public static void connect(long sqe, int fd, long address, int addressBytes, long userData) {
        put(sqe, Uring.IORING_OP_CONNECT, fd, address, 0, addressBytes, userData);
    }

    public static void shutdown(long sqe, int fd, int how, long userData) {
        put(sqe, Uring.IORING_OP_SHUTDOWN, fd, 0, how, 0, userData);
    }

    public static void close(long sqe, int fd, long userData) {
        put(sqe, Uring.IORING_OP_CLOSE, fd, 0, 0, 0, userData);
    }

    /** Takes a registered descriptor from the table; closes the file where nothing else holds it. */
    public static void closeFixed(long sqe, int index, long userData) {
        put(sqe, Uring.IORING_OP_CLOSE, 0, 0, 0, 0, userData);
        NativeMemory.putInt(sqe + SPLICE_FD_IN, index + 1); // 0 says that fd is meant
    }

    /** Completes once when one of the {@link Poll} events is there, with those that are as its result. */
    public static void pollAdd(long sqe, int fd, int events, long userData) {
        put(sqe, Uring.IORING_OP_POLL_ADD, fd, 0, 0, 0, userData);
        operationFlags(sqe, events);
    }

    /** As {@link #pollAdd}, again and again: edges, not levels. */
    public static void pollMultishot(long sqe, int fd, int events, long userData) {
        put(sqe, Uring.IORING_OP_POLL_ADD, fd, 0, Uring.IORING_POLL_ADD_MULTI, 0, userData);
        operationFlags(sqe, events);
    }

    /** Completes with {@code -ETIME}; the {@code struct __kernel_timespec} stays put until the submission. */
    public static void timeout(long sqe, long timespec, int flags, long userData) {
        put(sqe, Uring.IORING_OP_TIMEOUT, -1, timespec, 1, 0, userData);
        operationFlags(sqe, flags);
    }

    /** Cancels one operation: 0, {@code -ENOENT} if there is none, {@code -EALREADY} if it is already running. */
    public static void cancel(long sqe, long targetUserData, long userData) {
        put(sqe, Uring.IORING_OP_ASYNC_CANCEL, -1, targetUserData, 0, 0, userData);
    }

    /** Cancels every operation on a descriptor; the result is how many. */
    public static void cancelAll(long sqe, int fd, long userData) {
        put(sqe, Uring.IORING_OP_ASYNC_CANCEL, fd, 0, 0, 0, userData);
        operationFlags(sqe, Uring.IORING_ASYNC_CANCEL_FD | Uring.IORING_ASYNC_CANCEL_ALL);
    }

    /** Posts a completion with {@code result} and {@code targetUserData} to another ring. */
    public static void messageRing(long sqe, int ring, int result, long targetUserData, long userData) {
        put(sqe, Uring.IORING_OP_MSG_RING, ring, Uring.IORING_MSG_DATA, result, targetUserData, userData);
    }
}
