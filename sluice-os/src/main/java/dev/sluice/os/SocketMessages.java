package dev.sluice.os;

import static java.lang.foreign.MemoryLayout.PathElement.groupElement;

import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.StructLayout;
import java.lang.foreign.ValueLayout;

/**
 * sendmsg(2) and recvmsg(2), and descriptors passed over a Unix domain socket (unix(7), SCM_RIGHTS).
 *
 * <pre>
 * struct iovec   { void *iov_base; size_t iov_len; };                                       // 16, sys/uio.h
 * struct msghdr  { void *msg_name; socklen_t msg_namelen; struct iovec *msg_iov; size_t msg_iovlen;
 *                  void *msg_control; size_t msg_controllen; int msg_flags; };              // 56, Linux sys/socket.h
 * struct cmsghdr { size_t cmsg_len; int cmsg_level; int cmsg_type; };                       // 16, Linux
 * </pre>
 *
 * On macOS and FreeBSD {@code msg_iovlen} is an int, {@code msg_controllen} and {@code cmsg_len} are socklen_t (48 and
 * 12 bytes in all); the control data start after the header rounded up to 4 bytes on macOS and to 8 on FreeBSD.
 */
public final class SocketMessages {
    public static final int SCM_RIGHTS = 1;

    private static final boolean BSD = Platform.isMacos() || Platform.isFreebsd();

    public static final StructLayout IOVEC = MemoryLayout.structLayout(
            ValueLayout.JAVA_LONG.withName("iov_base"), ValueLayout.JAVA_LONG.withName("iov_len"));

    public static final StructLayout MSGHDR = !BSD
            ? MemoryLayout.structLayout(
                    ValueLayout.JAVA_LONG.withName("msg_name"),
                    ValueLayout.JAVA_INT.withName("msg_namelen"),
                    MemoryLayout.paddingLayout(4),
                    ValueLayout.JAVA_LONG.withName("msg_iov"),
                    ValueLayout.JAVA_LONG.withName("msg_iovlen"),
                    ValueLayout.JAVA_LONG.withName("msg_control"),
                    ValueLayout.JAVA_LONG.withName("msg_controllen"),
                    ValueLayout.JAVA_INT.withName("msg_flags"),
                    MemoryLayout.paddingLayout(4))
            : MemoryLayout.structLayout(
                    ValueLayout.JAVA_LONG.withName("msg_name"),
                    ValueLayout.JAVA_INT.withName("msg_namelen"),
                    MemoryLayout.paddingLayout(4),
                    ValueLayout.JAVA_LONG.withName("msg_iov"),
                    ValueLayout.JAVA_INT.withName("msg_iovlen"),
                    MemoryLayout.paddingLayout(4),
                    ValueLayout.JAVA_LONG.withName("msg_control"),
                    ValueLayout.JAVA_INT.withName("msg_controllen"),
                    ValueLayout.JAVA_INT.withName("msg_flags"));

    static final StructLayout CMSGHDR = !BSD
            ? MemoryLayout.structLayout(
                    ValueLayout.JAVA_LONG.withName("cmsg_len"),
                    ValueLayout.JAVA_INT.withName("cmsg_level"),
                    ValueLayout.JAVA_INT.withName("cmsg_type"))
            : MemoryLayout.structLayout(
                    ValueLayout.JAVA_INT.withName("cmsg_len"),
                    ValueLayout.JAVA_INT.withName("cmsg_level"),
                    ValueLayout.JAVA_INT.withName("cmsg_type"));

    private static final long IOV_BASE = IOVEC.byteOffset(groupElement("iov_base"));
    private static final long IOV_LEN = IOVEC.byteOffset(groupElement("iov_len"));
    private static final long MSG_NAMELEN = MSGHDR.byteOffset(groupElement("msg_namelen"));
    private static final long MSG_IOV = MSGHDR.byteOffset(groupElement("msg_iov"));
    private static final long MSG_IOVLEN = MSGHDR.byteOffset(groupElement("msg_iovlen"));
    private static final long MSG_CONTROL = MSGHDR.byteOffset(groupElement("msg_control"));
    private static final long MSG_CONTROLLEN = MSGHDR.byteOffset(groupElement("msg_controllen"));
    private static final long MSG_FLAGS = MSGHDR.byteOffset(groupElement("msg_flags"));
    private static final long CMSG_LEN = CMSGHDR.byteOffset(groupElement("cmsg_len"));
    private static final long CMSG_LEVEL = CMSGHDR.byteOffset(groupElement("cmsg_level"));
    private static final long CMSG_TYPE = CMSGHDR.byteOffset(groupElement("cmsg_type"));

    private static final long CMSG_ALIGN = Platform.pick(8, 4, 8);
    private static final long CMSG_DATA = align(CMSGHDR.byteSize());
    private static final long ONE_FD_LEN = CMSG_DATA + Integer.BYTES; // CMSG_LEN(sizeof(int))
    private static final long ONE_FD_SPACE = CMSG_DATA + align(Integer.BYTES); // CMSG_SPACE(sizeof(int))

    private static final MemorySegment SENDMSG = Native.function("sendmsg");
    private static final MemorySegment RECVMSG = Native.function("recvmsg");

    private SocketMessages() {}

    /** Sends what the {@link #MSGHDR} at {@code message} describes; the bytes sent or -errno. */
    public static long sendmsg(int fd, long message, int flags, CallState state) {
        return state.result(Native.longCall(SENDMSG, state, fd, message, flags));
    }

    /**
     * Receives into what the {@link #MSGHDR} at {@code message} describes; the bytes received, 0 at the end, or -errno.
     */
    public static long recvmsg(int fd, long message, int flags, CallState state) {
        return state.result(Native.longCall(RECVMSG, state, fd, message, flags));
    }

    /** Fills the {@code index}th {@link #IOVEC} of an array. */
    public static void iovec(long array, int index, long address, long length) {
        long at = array + index * IOVEC.byteSize();
        NativeMemory.putLong(at + IOV_BASE, address);
        NativeMemory.putLong(at + IOV_LEN, length);
    }

    /** Points a zeroed {@link #MSGHDR} to an array of {@link #IOVEC}. */
    public static void vectors(long message, long array, int count) {
        NativeMemory.putLong(message + MSG_IOV, array);
        NativeMemory.putInt(
                message + MSG_IOVLEN, count); // the low half where it is a size_t: these systems are little-endian
    }

    /** Says how much room for an address there is in a {@link #MSGHDR}. */
    public static void addressRoom(long message, int bytes) {
        NativeMemory.putInt(message + MSG_NAMELEN, bytes);
    }

    /**
     * Passes a descriptor together with one byte of data; the receiver gets a descriptor of its own.
     *
     * @return 1, or -errno ({@code -EAGAIN} if the peer's buffer is full)
     */
    public static long sendDescriptor(int socket, int fd, byte data, int flags, CallState state) {
        long message = message(data, state);
        long control = control(message);
        if (CMSGHDR.byteSize() == 16) {
            NativeMemory.putLong(control + CMSG_LEN, ONE_FD_LEN);
        } else {
            NativeMemory.putInt(control + CMSG_LEN, (int) ONE_FD_LEN);
        }
        NativeMemory.putInt(control + CMSG_LEVEL, Sockopt.SOL_SOCKET);
        NativeMemory.putInt(control + CMSG_TYPE, SCM_RIGHTS);
        NativeMemory.putInt(control + CMSG_DATA, fd);
        return sendmsg(socket, message, flags, state);
    }

    /**
     * Receives a descriptor that {@link #sendDescriptor} passed, close-on-exec, as {@code fd | data << 32}.
     *
     * @return the pair (see {@link Descriptors#first} and {@link Descriptors#second}), or -errno: {@code -EPIPE} at the
     *     peer's end, {@code -EMFILE} if the kernel dropped the descriptor for want of a free number, {@code -EBADMSG}
     *     for bytes without a descriptor
     */
    public static long receiveDescriptor(int socket, int flags, CallState state) {
        long message = message((byte) 0, state);
        long control = control(message);
        long received = recvmsg(socket, message, flags | Sockets.MSG_CMSG_CLOEXEC, state);
        if (received <= 0) {
            return received == 0 ? -Errno.EPIPE : received;
        }
        if (NativeMemory.getInt(control + CMSG_LEVEL) != Sockopt.SOL_SOCKET
                || NativeMemory.getInt(control + CMSG_TYPE) != SCM_RIGHTS
                || NativeMemory.getInt(control + CMSG_LEN) != (int) ONE_FD_LEN) {
            boolean cut = (NativeMemory.getInt(message + MSG_FLAGS) & Sockets.MSG_CTRUNC) != 0;
            return cut ? -Errno.EMFILE : -Errno.EBADMSG;
        }
        int fd = NativeMemory.getInt(control + CMSG_DATA);
        if (Sockets.MSG_CMSG_CLOEXEC == 0) {
            Descriptors.setCloseOnExec(fd, true, state);
        }
        return Descriptors.pair(fd, NativeMemory.getByte(dataByte(message)) & 0xff);
    }

    /** A message of one byte and room for one descriptor, in the scratch memory: msghdr, iovec, control, byte. */
    private static long message(byte data, CallState state) {
        long message = state.scratch();
        NativeMemory.clear(message, CallState.SCRATCH_BYTES);
        long iov = message + MSGHDR.byteSize();
        iovec(iov, 0, dataByte(message), 1);
        NativeMemory.putByte(dataByte(message), data);
        NativeMemory.putLong(message + MSG_IOV, iov);
        NativeMemory.putInt(message + MSG_IOVLEN, 1);
        NativeMemory.putLong(message + MSG_CONTROL, control(message));
        NativeMemory.putInt(message + MSG_CONTROLLEN, (int) ONE_FD_SPACE);
        return message;
    }

    private static long control(long message) {
        return message + MSGHDR.byteSize() + IOVEC.byteSize();
    }

    private static long dataByte(long message) {
        return control(message) + ONE_FD_SPACE;
    }

    private static long align(long bytes) {
        return (bytes + CMSG_ALIGN - 1) & -CMSG_ALIGN;
    }
}
