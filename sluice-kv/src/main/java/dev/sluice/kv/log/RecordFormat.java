package dev.sluice.kv.log;

import java.nio.ByteBuffer;
import java.util.zip.CRC32C;

/**
 * A record's bytes, little-endian:
 *
 * <pre>
 *  0  u32  CRC32C of all that follows, the padding included, xor the file's salt
 *  4  u32  length of the payload
 *  8  u64  number: one more than the record's before it
 * 16  u32  pending: of the records up to this one, how many were not known to be durable when this one was written
 * 20       payload, and zeros up to a multiple of 8
 * </pre>
 *
 * <p>The pending ones are what tells a torn tail from damage: a record that can't be read was durable once if a later one says
 * so. Without a payload a record is a mark: the end of a snapshot, or of a log that was closed.
 */
final class RecordFormat {
    static final int HEAD_BYTES = 20;
    static final int ALIGNMENT = 8;
    static final int PAYLOAD_MOST = 1 << 30;
    private static final int LENGTH_AT = 4;
    private static final int NUMBER_AT = 8;
    private static final int PENDING_AT = 16;

    private RecordFormat() {}

    /** What a record of so long a payload takes. */
    static int size(int payload) {
        return HEAD_BYTES + payload + ALIGNMENT - 1 & -ALIGNMENT;
    }

    /** Puts a record at a buffer's position, but for what {@link #seal} adds. */
    static void put(ByteBuffer to, ByteBuffer payload, long number) {
        int length = payload.remaining();
        to.putInt(0).putInt(length).putLong(number).putInt(0).put(payload);
        for (int padding = size(length) - HEAD_BYTES - length; padding > 0; padding--) {
            to.put((byte) 0);
        }
    }

    /** Completes a record, and says what it takes. */
    static int seal(ByteBuffer bytes, int at, long durable, int salt, CRC32C crc) {
        bytes.putInt(at + PENDING_AT, Math.clamp(number(bytes, at) - durable, 0, Integer.MAX_VALUE));
        int size = size(length(bytes, at));
        bytes.putInt(at, checksum(bytes, at, size, crc) ^ salt);
        return size;
    }

    private static int checksum(ByteBuffer bytes, int at, int size, CRC32C crc) {
        int position = bytes.position();
        int limit = bytes.limit();
        crc.reset();
        crc.update(bytes.limit(at + size).position(at + LENGTH_AT));
        bytes.limit(limit).position(position);
        return (int) crc.getValue();
    }

    static int length(ByteBuffer bytes, int at) {
        return bytes.getInt(at + LENGTH_AT);
    }

    static long number(ByteBuffer bytes, int at) {
        return bytes.getLong(at + NUMBER_AT);
    }

    /** The last record that was known to be durable when this one was written. */
    static long durable(ByteBuffer bytes, int at) {
        return number(bytes, at) - Integer.toUnsignedLong(bytes.getInt(at + PENDING_AT));
    }

    /** Whether a head tells a length that there can be, in so many bytes to the file's end. */
    static boolean isPlausible(ByteBuffer bytes, int at, long left) {
        int length = length(bytes, at);
        return length >= 0 && length <= PAYLOAD_MOST && size(length) <= left;
    }

    /** Whether a record, all of which is there, is as it was written. */
    static boolean isWhole(ByteBuffer bytes, int at, int salt, CRC32C crc) {
        return (checksum(bytes, at, size(length(bytes, at)), crc) ^ salt) == bytes.getInt(at);
    }
}
