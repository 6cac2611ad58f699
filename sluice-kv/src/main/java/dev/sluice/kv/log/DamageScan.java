package dev.sluice.kv.log;

import java.nio.ByteBuffer;
import java.util.zip.CRC32C;

/**
 * Looks at what stands behind the last record that can be read: only zeros; what came of a batch that was under way; or records
 * that could only be written after the one that can't be read was durable.
 */
final class DamageScan implements ReadAhead.Reader {
    private static final ByteBuffer ZEROS = ByteBuffer.allocateDirect(4096);

    private final int salt;
    private final long size;
    private final long missing;
    private final Runnable end;
    private final CRC32C crc = new CRC32C();
    private long writtenUpTo;
    private long records;
    private boolean wasDurable;

    /** @param missing the number of the record that can't be read */
    DamageScan(int salt, long size, long missing, Runnable end) {
        this.salt = salt;
        this.size = size;
        this.missing = missing;
        this.end = end;
    }

    /** Where the last bytes end that are not zero; 0 where there are none. */
    long writtenUpTo() {
        return writtenUpTo;
    }

    /** How many later records are whole. */
    long records() {
        return records;
    }

    /** Whether one of them says that the missing one was durable. */
    boolean wasDurable() {
        return wasDurable;
    }

    @Override
    public int read(ByteBuffer bytes, long offset) {
        long begin = offset - bytes.position();
        while (bytes.remaining() >= RecordFormat.HEAD_BYTES) {
            skipZeros(bytes);
            if (bytes.remaining() < RecordFormat.HEAD_BYTES) {
                break;
            }
            int at = bytes.position();
            int taken = RecordFormat.ALIGNMENT;
            if (bytes.getLong(at) != 0) {
                writtenUpTo = begin + at + RecordFormat.ALIGNMENT;
            }
            if (mayBeRecord(bytes, at, size - begin - at)) {
                int whole = RecordFormat.size(RecordFormat.length(bytes, at));
                if (bytes.remaining() < whole) {
                    return whole;
                }
                if (RecordFormat.isWhole(bytes, at, salt, crc)) {
                    records++;
                    wasDurable |= RecordFormat.durable(bytes, at) >= missing;
                    taken = whole;
                }
            }
            bytes.position(at + taken);
        }
        for (int i = bytes.position(); i < bytes.limit(); i++) {
            if (bytes.get(i) != 0) {
                writtenUpTo = begin + i + 1;
            }
        }
        return RecordFormat.HEAD_BYTES;
    }

    /** Segments are made with room in front of the writer, so that there are many. */
    private static void skipZeros(ByteBuffer bytes) {
        while (bytes.remaining() >= ZEROS.capacity()) {
            int at = bytes.position();
            if (bytes.getLong(at) != 0 || bytes.slice(at, ZEROS.capacity()).mismatch(ZEROS) >= 0) {
                return;
            }
            bytes.position(at + ZEROS.capacity());
        }
    }

    private boolean mayBeRecord(ByteBuffer bytes, int at, long left) {
        long number = RecordFormat.number(bytes, at);
        return number >= missing && number - missing <= size && RecordFormat.isPlausible(bytes, at, left);
    }

    @Override
    public void end() {
        end.run();
    }
}
