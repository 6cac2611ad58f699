package dev.sluice.kv.log;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.zip.CRC32C;

/**
 * Records that are written together. In front of them is room for a file's header, which goes with the first batch of a file. It
 * is used again and again.
 */
final class Batch {
    private static final int HEADER = SegmentHeader.BYTES;
    private static final int LEAST_BYTES = 16 << 10;
    private static final int KEPT_BYTES = 4 << 20;
    /** A batch that has so much takes no further record; one record may be longer. */
    private static final int MOST_BYTES = 64 << 20;

    private ByteBuffer bytes = allocate(LEAST_BYTES);
    private final CRC32C crc = new CRC32C();
    private long first;
    private long last;
    private long born;

    Batch() {
        clear();
    }

    private static ByteBuffer allocate(int capacity) {
        return ByteBuffer.allocateDirect(capacity).order(ByteOrder.LITTLE_ENDIAN);
    }

    /** Copies a record in behind the others; {@link #hasRoom} says whether it may. */
    void add(ByteBuffer payload, long number) {
        if (isEmpty()) {
            first = number;
        }
        last = number;
        reserve(RecordFormat.size(payload.remaining()));
        RecordFormat.put(bytes, payload, number);
    }

    boolean hasRoom(int payload) {
        return isEmpty() || bytes.position() + RecordFormat.size(payload) <= MOST_BYTES;
    }

    private void reserve(int size) {
        int needed = bytes.position() + size;
        if (needed > bytes.capacity()) {
            int capacity = Math.max(needed, (int) Math.min(2L * bytes.capacity(), MOST_BYTES));
            bytes = allocate(capacity).put(bytes.flip());
        }
    }

    boolean isEmpty() {
        return bytes.position() == HEADER;
    }

    /** What its records take. */
    int size() {
        return bytes.position() - HEADER;
    }

    long first() {
        return first;
    }

    long last() {
        return last;
    }

    /** When it was written, in nanoseconds of the log's clock. */
    long born() {
        return born;
    }

    void born(long nanos) {
        born = nanos;
    }

    /**
     * Completes it.
     *
     * @param durable the last record that is
     * @param withHeader whether it is a file's first
     * @return lent until {@link #clear}; from position to limit it is to be written
     */
    ByteBuffer seal(SegmentHeader header, boolean withHeader, long durable) {
        int salt = header.salt();
        bytes.flip();
        for (int at = HEADER; at < bytes.limit(); ) {
            at += RecordFormat.seal(bytes, at, durable, salt, crc);
        }
        if (withHeader) {
            header.put(bytes, 0);
        }
        return bytes.position(withHeader ? 0 : HEADER);
    }

    void clear() {
        if (bytes.capacity() > KEPT_BYTES) {
            bytes = allocate(LEAST_BYTES);
        }
        bytes.clear().position(HEADER);
    }
}
