package dev.sluice.os;

import static java.lang.foreign.MemoryLayout.PathElement.groupElement;

import java.lang.foreign.MemoryLayout;
import java.lang.foreign.StructLayout;
import java.lang.foreign.ValueLayout;

/**
 * What a multishot receive of messages ({@link Sqe#recvmsgMultishot}) leaves in a provided buffer: a header, the sender's address in
 * as much room as was asked for, and the payload.
 *
 * <pre>
 * struct io_uring_recvmsg_out { __u32 namelen; __u32 controllen; __u32 payloadlen; __u32 flags; };  // 16 bytes, linux/io_uring.h
 * </pre>
 */
public final class ReceivedMessage {
    static final StructLayout LAYOUT = MemoryLayout.structLayout(
            ValueLayout.JAVA_INT.withName("namelen"),
            ValueLayout.JAVA_INT.withName("controllen"),
            ValueLayout.JAVA_INT.withName("payloadlen"),
            ValueLayout.JAVA_INT.withName("flags"));

    /** The size of the header; the address begins behind it. */
    public static final int HEADER_BYTES = (int) LAYOUT.byteSize();

    private static final long NAMELEN = LAYOUT.byteOffset(groupElement("namelen"));
    private static final long PAYLOADLEN = LAYOUT.byteOffset(groupElement("payloadlen"));
    private static final long FLAGS = LAYOUT.byteOffset(groupElement("flags"));

    private ReceivedMessage() {}

    /** How long the sender's address is. */
    public static int addressBytes(long buffer) {
        return NativeMemory.getInt(buffer + NAMELEN);
    }

    /** The bytes of the payload that are in the buffer. */
    public static int payloadBytes(long buffer) {
        return NativeMemory.getInt(buffer + PAYLOADLEN);
    }

    /** Whether the message was longer than its room, and the rest of it is lost. */
    public static boolean isTruncated(long buffer) {
        return (NativeMemory.getInt(buffer + FLAGS) & Sockets.MSG_TRUNC) != 0;
    }
}
