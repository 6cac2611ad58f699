package dev.sluice.kv.log;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/**
 * The first bytes of a file, little-endian: magic, version, kind, the store's identity, the file's index, the number of its first
 * record, and a checksum (CRC32C, RFC 3720) of all that. A segment's is written with its first batch; until then it is zeros.
 *
 * @param identity drawn when the store was made, so that a file of another one is noticed
 * @param index as in the file's name
 * @param first of a segment: the number of its first record; of a snapshot: of the first record that is not in it
 */
record SegmentHeader(Kind kind, long identity, int index, long first) {
    enum Kind {
        SEGMENT(1),
        SNAPSHOT(2);

        final int code;

        Kind(int code) {
            this.code = code;
        }
    }

    static final int BYTES = 64;
    static final int VERSION = 1;
    private static final long MAGIC = 0x564b_4543_4955_4c53L; // "SLUICEKV"
    private static final int VERSION_AT = 8;
    private static final int KIND_AT = 12;
    private static final int IDENTITY_AT = 16;
    private static final int INDEX_AT = 24;
    private static final int FIRST_AT = 32;
    private static final int CHECKSUM_AT = BYTES - 4;

    /** What the checksums of this file's records are mixed with: bytes of another file, or a client's, are no records here. */
    int salt() {
        return salt(identity, index);
    }

    static int salt(long identity, int index) {
        long z = identity + index * 0x9e37_79b9_7f4a_7c15L; // as SplittableRandom mixes
        z = (z ^ z >>> 30) * 0xbf58_476d_1ce4_e5b9L;
        z = (z ^ z >>> 27) * 0x94d0_49bb_1331_11ebL;
        return (int) (z ^ z >>> 31);
    }

    /** Puts it at an index of a buffer, whose position is left alone. */
    void put(ByteBuffer to, int at) {
        ByteBuffer bytes = to.slice(at, BYTES).order(ByteOrder.LITTLE_ENDIAN);
        bytes.putLong(MAGIC)
                .putInt(VERSION)
                .putInt(kind.code)
                .putLong(identity)
                .putLong(index)
                .putLong(first);
        while (bytes.position() < CHECKSUM_AT) {
            bytes.put((byte) 0);
        }
        bytes.putInt(checksum(bytes));
    }

    private static int checksum(ByteBuffer bytes) {
        CRC32C crc = new CRC32C();
        crc.update(bytes.slice(0, CHECKSUM_AT));
        return (int) crc.getValue();
    }

    /** The header that a buffer begins with, or null where it isn't one. */
    static @Nullable SegmentHeader of(ByteBuffer from) {
        if (from.remaining() < BYTES) {
            return null;
        }
        ByteBuffer bytes = from.slice(from.position(), BYTES).order(ByteOrder.LITTLE_ENDIAN);
        if (bytes.getLong(0) != MAGIC || bytes.getInt(CHECKSUM_AT) != checksum(bytes)) {
            return null;
        }
        int code = bytes.getInt(KIND_AT);
        for (Kind kind : Kind.values()) {
            if (kind.code == code && bytes.getInt(VERSION_AT) == VERSION) {
                return new SegmentHeader(
                        kind, bytes.getLong(IDENTITY_AT), (int) bytes.getLong(INDEX_AT), bytes.getLong(FIRST_AT));
            }
        }
        return null;
    }

    /** The version that a whole header tells, or 0: so that a log of a later Sluice isn't taken for a damaged one. */
    static int versionOf(ByteBuffer from) {
        if (from.remaining() < BYTES) {
            return 0;
        }
        ByteBuffer bytes = from.slice(from.position(), BYTES).order(ByteOrder.LITTLE_ENDIAN);
        boolean whole = bytes.getLong(0) == MAGIC && bytes.getInt(CHECKSUM_AT) == checksum(bytes);
        return whole ? bytes.getInt(VERSION_AT) : 0;
    }
}
