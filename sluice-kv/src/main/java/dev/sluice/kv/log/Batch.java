package dev.sluice.kv.log;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.zip.CRC32C;

/**
 * Records that are written together. In front of them is room for a file's header, which goes with the first batch of a file, or
 * for what stands in a file's last block. It is used again and again.
 */
final class Batch {
    private static final int BLOCK = SegmentFile.BLOCK_BYTES;
    /** Where the records begin: behind a header, or all of a block but its last byte. */
    private static final int RECORDS = BLOCK;

    private static final int LEAST_BYTES = 16 << 10;
    private static final int KEPT_BYTES = 4 << 20;
    /** A batch that has so much takes no further record; one record may be longer. */
    private static final int MOST_BYTES = 64 << 20;

    private ByteBuffer bytes = allocate(LEAST_BYTES);
    private final CRC32C crc = new CRC32C();
    private long last;

    Batch() {
        clear();
    }

    private static ByteBuffer allocate(int capacity) {
        return SegmentFile.blocks(capacity / BLOCK).order(ByteOrder.LITTLE_ENDIAN);
    }

    /** Copies a record in behind the others; {@link #hasRoom} says whether it may. */
    void add(ByteBuffer payload, long number) {
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
            bytes = allocate(roundUp(capacity)).put(bytes.flip());
        }
    }

    private static int roundUp(int size) {
        return Math.ceilDiv(size, BLOCK) * BLOCK;
    }

    boolean isEmpty() {
        return bytes.position() == RECORDS;
    }

    /** What its records take. */
    int size() {
        return bytes.position() - RECORDS;
    }

    long last() {
        return last;
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
        for (int at = RECORDS; at < bytes.limit(); ) {
            at += RecordFormat.seal(bytes, at, durable, salt, crc);
        }
        int begin = withHeader ? RECORDS - SegmentHeader.BYTES : RECORDS;
        if (withHeader) {
            header.put(bytes, begin);
        }
        return bytes.position(begin);
    }

    /** What {@link #seal} returned. */
    ByteBuffer bytes() {
        return bytes;
    }

    /**
     * Makes whole blocks of what {@link #seal} returned: behind the bytes that stand in a file's last block already, and with zeros
     * behind it.
     *
     * @param last those bytes are in front of its position; then those of the block that is the last from now on
     */
    ByteBuffer inBlocks(ByteBuffer last) {
        int used = last.position();
        int end = used + bytes.remaining();
        bytes.put(used, bytes, bytes.position(), bytes.remaining()); // to the front, where memory is aligned
        bytes.put(0, last, 0, used);
        bytes.clear();
        for (int at = end; at < roundUp(end); at++) {
            bytes.put(at, (byte) 0);
        }
        int whole = end / BLOCK * BLOCK;
        last.put(0, bytes, whole, end - whole).position(end - whole);
        return bytes.limit(roundUp(end));
    }

    void clear() {
        if (bytes.capacity() > KEPT_BYTES) {
            bytes = allocate(LEAST_BYTES);
        }
        bytes.clear().position(RECORDS);
    }
}
