package dev.sluice.os;

import static java.lang.foreign.MemoryLayout.PathElement.groupElement;

import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.StructLayout;
import java.lang.foreign.ValueLayout;

/**
 * recvmmsg(2) and sendmmsg(2), Linux and FreeBSD: several datagrams in one call.
 *
 * <pre>struct mmsghdr { struct msghdr msg_hdr; unsigned int msg_len; };  // 64 bytes, sys/socket.h</pre>
 *
 * Where they are missing (macOS), recvmsg(2) and sendmsg(2) are called once for each datagram, with the same result.
 */
public final class DatagramCalls {
    private static final StructLayout MSGHDR = SocketMessages.MSGHDR;

    static final StructLayout MMSGHDR = MemoryLayout.structLayout(
            MSGHDR.withName("msg_hdr"),
            ValueLayout.JAVA_INT.withName("msg_len"),
            MemoryLayout.paddingLayout(Integer.BYTES));

    /** The size of one entry in an array. */
    public static final int ENTRY_BYTES = (int) MMSGHDR.byteSize();

    private static final long NAME = MSGHDR.byteOffset(groupElement("msg_name"));
    private static final long NAME_LENGTH = MSGHDR.byteOffset(groupElement("msg_namelen"));
    private static final long FLAGS = MSGHDR.byteOffset(groupElement("msg_flags"));
    private static final long LENGTH = MMSGHDR.byteOffset(groupElement("msg_len"));

    private static final boolean BATCHED = Native.has("recvmmsg") && Native.has("sendmmsg");
    private static final MemorySegment RECVMMSG = Native.function("recvmmsg");
    private static final MemorySegment SENDMMSG = Native.function("sendmmsg");

    private DatagramCalls() {}

    /** Points a zeroed entry to its bytes (one {@link SocketMessages#IOVEC} of the caller's) and to its address. */
    public static void set(long entries, int index, long iovec, long address, int addressBytes) {
        long at = entry(entries, index);
        SocketMessages.vectors(at, iovec, 1);
        NativeMemory.putLong(at + NAME, address);
        NativeMemory.putInt(at + NAME_LENGTH, addressBytes);
    }

    /** How long the entry's address is: before a call its room, afterwards its length. */
    public static void addressBytes(long entries, int index, int bytes) {
        NativeMemory.putInt(entry(entries, index) + NAME_LENGTH, bytes);
    }

    public static int addressBytes(long entries, int index) {
        return NativeMemory.getInt(entry(entries, index) + NAME_LENGTH);
    }

    /** The bytes of a datagram that was received. */
    public static int length(long entries, int index) {
        return NativeMemory.getInt(entry(entries, index) + LENGTH);
    }

    /** Whether the datagram was longer than its room, and the rest of it is lost. */
    public static boolean isTruncated(long entries, int index) {
        return (NativeMemory.getInt(entry(entries, index) + FLAGS) & Sockets.MSG_TRUNC) != 0;
    }

    /** Receives up to {@code count} datagrams without waiting; how many there were, or -errno ({@code -EAGAIN} for none). */
    public static int receive(int fd, long entries, int count, CallState state) {
        if (BATCHED) {
            return state.result(Native.intCall(RECVMMSG, state, fd, entries, (long) count, Sockets.MSG_DONTWAIT, 0));
        }
        for (int i = 0; i < count; i++) {
            long n = SocketMessages.recvmsg(fd, entry(entries, i), Sockets.MSG_DONTWAIT, state);
            if (n < 0) {
                return i > 0 ? i : (int) n;
            }
            NativeMemory.putInt(entry(entries, i) + LENGTH, (int) n);
        }
        return count;
    }

    /** Sends up to {@code count} datagrams without waiting; how many went, or the first one's -errno. */
    public static int send(int fd, long entries, int first, int count, CallState state) {
        int flags = Sockets.MSG_DONTWAIT | Sockets.MSG_NOSIGNAL;
        if (BATCHED) {
            return state.result(Native.intCall(SENDMMSG, state, fd, entry(entries, first), (long) count, flags));
        }
        for (int i = 0; i < count; i++) {
            long n = SocketMessages.sendmsg(fd, entry(entries, first + i), flags, state);
            if (n < 0) {
                return i > 0 ? i : (int) n;
            }
        }
        return count;
    }

    private static long entry(long entries, int index) {
        return entries + (long) index * ENTRY_BYTES;
    }
}
