package dev.sluice.http;

import dev.sluice.Connection;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/** The request that a client's connection carries now: its head, and its body in the framing that the head states. */
final class OutgoingRequest {
    private static final byte[] LINE_END = {'\r', '\n'};

    private final Connection connection;
    private boolean chunked;
    /** Of a body of a stated length. */
    private long remaining;

    private boolean ended;
    private long writtenBytes;
    private boolean dropped;
    private byte @Nullable [] chunkHead;

    OutgoingRequest(Connection connection) {
        this.connection = connection;
    }

    /**
     * Sends a head.
     *
     * @param length of the body, -1 for a chunked one
     */
    void begin(HeadBytes head, long length) {
        chunked = length < 0;
        remaining = Math.max(length, 0);
        ended = length == 0;
        writtenBytes = head.length();
        connection.write(head.array(), 0, head.length());
        dropped = connection.queuedBytes() < head.length();
    }

    /** Whether the connection took nothing: it is at its end, and is about to say so. */
    boolean wasDropped() {
        return dropped;
    }

    /** Sends a part of the body; false above the high-water mark. */
    boolean write(ByteBuffer bytes) {
        int count = bytes.remaining();
        if (count == 0) {
            return true;
        }
        writtenBytes += count;
        if (!chunked) {
            if (count > remaining) {
                throw new IllegalStateException("the body is longer than the request says");
            }
            remaining -= count;
            return connection.write(bytes);
        }
        byte[] size = chunkHead;
        if (size == null) {
            size = new byte[ChunkSize.MOST];
            chunkHead = size;
        }
        int sizeBytes = ChunkSize.encode(count, size);
        writtenBytes += sizeBytes + LINE_END.length;
        connection.write(size, 0, sizeBytes);
        connection.write(bytes);
        return connection.write(LINE_END, 0, LINE_END.length);
    }

    void end(@Nullable HeadBytes trailers) {
        if (ended) {
            return;
        }
        if (remaining > 0) {
            throw new IllegalStateException("the body is shorter than the request says, by " + remaining);
        }
        ended = true;
        if (chunked) {
            byte[] last = ChunkSize.last(trailers);
            writtenBytes += last.length;
            connection.write(last, 0, last.length);
        }
    }

    /** Whether all of it is written. */
    boolean isEnded() {
        return ended;
    }

    /** Whether it is certain that no byte of it reaches the server, should the connection be aborted now. */
    boolean isUnsent() {
        return connection.unsentBytes() >= writtenBytes;
    }
}
