package dev.sluice.kv.log;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** A store as small as can be: keys, and the value that each was last set to. A record sets one key; its padding is checked. */
final class KeyStore {
    private static final int HEAD = 12;

    final Map<Integer, Long> values = new TreeMap<>();

    /** A record's bytes: what it has behind its head follows from the value. */
    static ByteBuffer record(int key, long value, int padding) {
        ByteBuffer bytes = ByteBuffer.allocate(HEAD + padding).putInt(key).putLong(value);
        Arrays.fill(bytes.array(), HEAD, HEAD + padding, filling(value));
        return bytes.rewind();
    }

    private static byte filling(long value) {
        return (byte) (1 + value % 100);
    }

    void apply(ByteBuffer lent) {
        ByteBuffer record = lent.slice();
        int key = record.getInt();
        long value = record.getLong();
        while (record.hasRemaining()) {
            if (record.get() != filling(value)) {
                throw new AssertionError("a record is not what was written");
            }
        }
        values.put(key, value);
    }

    /** Tells its keys one by one, each as it is when its turn comes. */
    Compaction.Source dump() {
        Iterator<Integer> keys = List.copyOf(values.keySet()).iterator();
        return to -> {
            if (!keys.hasNext()) {
                return false;
            }
            int key = keys.next();
            to.accept(record(key, values.get(key), key % 50));
            return true;
        };
    }
}
