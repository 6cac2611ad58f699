package dev.sluice.kv;

import dev.sluice.os.NativeMemory;

/**
 * A key and its value, or a hash's field and its value, as one block of native memory: found by address, so that the garbage collector never
 * sees it. Layout: next in its bucket (8 bytes), hash (4), length of the key (4), length of the value, or ~ the number of the hash
 * that is its value (4), place among the deadlines plus one, or 0 (4), size of the block (4), key, value.
 */
final class Entry {
    static final int NONE = 0;

    private static final int NEXT = 0;
    private static final int HASH = 8;
    private static final int KEY_LENGTH = 12;
    private static final int VALUE_LENGTH = 16;
    private static final int DEADLINE = 20;
    private static final int BLOCK = 24;
    private static final int HEADER = 28;

    /** malloc's own: a block is a multiple of this, with a word of its own in front. */
    private static final int UNIT = 16;

    private static final int MALLOC_WORD = 8;

    private Entry() {}

    /** Makes one, in no bucket; the value's bytes are zero. */
    static long allocate(int hash, byte[] key, int offset, int keyLength, int valueLength, int spare) {
        long needed = (long) HEADER + keyLength + valueLength + spare;
        long block = rounded(needed);
        if (block > Integer.MAX_VALUE) {
            block = needed;
        }
        long entry = NativeMemory.allocate(block);
        NativeMemory.putInt(entry + HASH, hash);
        NativeMemory.putInt(entry + KEY_LENGTH, keyLength);
        NativeMemory.putInt(entry + VALUE_LENGTH, valueLength);
        NativeMemory.putInt(entry + BLOCK, (int) block);
        NativeMemory.copy(key, offset, keyLength, entry + HEADER);
        return entry;
    }

    private static long rounded(long bytes) {
        return (bytes + MALLOC_WORD + UNIT - 1) / UNIT * UNIT - MALLOC_WORD;
    }

    /** A larger one in the place of another, which is freed: the same in all but its room. */
    static long enlarge(long entry, int valueLength, int spare) {
        int keyLength = keyLength(entry);
        long block = Math.min(rounded((long) HEADER + keyLength + valueLength + spare), Integer.MAX_VALUE);
        long larger = NativeMemory.allocate(block);
        NativeMemory.copy(entry, larger, (long) HEADER + keyLength + Math.max(valueLength(entry), 0));
        NativeMemory.putInt(larger + BLOCK, (int) block);
        NativeMemory.free(entry);
        return larger;
    }

    static void free(long entry) {
        NativeMemory.free(entry);
    }

    /** What it takes of memory. */
    static long bytes(long entry) {
        return (long) NativeMemory.getInt(entry + BLOCK) + MALLOC_WORD;
    }

    static boolean fits(long entry, int valueLength) {
        return (long) HEADER + keyLength(entry) + valueLength <= NativeMemory.getInt(entry + BLOCK);
    }

    /** Whether the value would leave most of a large block unused. */
    static boolean wastes(long entry, int valueLength) {
        int block = NativeMemory.getInt(entry + BLOCK);
        return block > 1024 && (long) HEADER + keyLength(entry) + valueLength < block / 4;
    }

    static long next(long entry) {
        return NativeMemory.getLong(entry + NEXT);
    }

    static void next(long entry, long next) {
        NativeMemory.putLong(entry + NEXT, next);
    }

    static int hash(long entry) {
        return NativeMemory.getInt(entry + HASH);
    }

    static int keyLength(long entry) {
        return NativeMemory.getInt(entry + KEY_LENGTH);
    }

    static long key(long entry) {
        return entry + HEADER;
    }

    /** A copy. */
    static byte[] keyBytes(long entry) {
        byte[] key = new byte[keyLength(entry)];
        NativeMemory.copy(key(entry), key, 0, key.length);
        return key;
    }

    /** Bytes of the value; negative where that is a hash. */
    static int valueLength(long entry) {
        return NativeMemory.getInt(entry + VALUE_LENGTH);
    }

    static void valueLength(long entry, int length) {
        NativeMemory.putInt(entry + VALUE_LENGTH, length);
    }

    static boolean isHash(long entry) {
        return valueLength(entry) < 0;
    }

    /** The number of the hash that is the value. */
    static int hashNumber(long entry) {
        return ~valueLength(entry);
    }

    static void hashNumber(long entry, int number) {
        valueLength(entry, ~number);
    }

    static long value(long entry) {
        return entry + HEADER + keyLength(entry);
    }

    /** A copy. */
    static byte[] valueBytes(long entry) {
        byte[] value = new byte[valueLength(entry)];
        NativeMemory.copy(value(entry), value, 0, value.length);
        return value;
    }

    static int deadline(long entry) {
        return NativeMemory.getInt(entry + DEADLINE);
    }

    static void deadline(long entry, int place) {
        NativeMemory.putInt(entry + DEADLINE, place);
    }

    static boolean hasKey(long entry, int hash, byte[] key, int offset, int length) {
        if (NativeMemory.getInt(entry + HASH) != hash || NativeMemory.getInt(entry + KEY_LENGTH) != length) {
            return false;
        }
        long at = entry + HEADER;
        for (int i = 0; i < length; i++) {
            if (NativeMemory.getByte(at + i) != key[offset + i]) {
                return false;
            }
        }
        return true;
    }
}
