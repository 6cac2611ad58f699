package dev.sluice.kv;

import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.function.Consumer;
import java.util.function.LongConsumer;

/**
 * Tells all that a store holds, as records, a piece at a time, while it goes on being written to. A key is told as it is when its
 * turn comes. So a replay of the dump, and then of every record that was appended since it began, comes to what the store held at
 * the last of them: effects say what a thing is from then on, and what makes a key another thing (SET, DEL) begins it anew. Used in the
 * store's own order.
 */
public final class Dump {
    /** A record is about so large, which takes some ten microseconds; a larger value is one of its own. */
    private static final int RECORD_BYTES = 16 * 1024;
    /** Hashes with more fields are told piece by piece. */
    private static final int FIELDS_AT_ONCE = 128;

    private static final byte[] HSET = Effects.ascii("HSET");

    private final Store store;
    private final Effects effects = new Effects();
    /** Keys of large hashes that buckets have brought, and that wait for their turn. */
    private final Deque<byte[]> largeHashes = new ArrayDeque<>();

    private int database;
    private long cursor;
    private boolean scanned;
    /** The fields of the first of the large hashes are told from here on. */
    private long fieldCursor;

    Dump(Store store) {
        this.store = store;
    }

    /**
     * Tells the next record, and comes back after a bounded time.
     *
     * @param to reads the record at once; the buffer is lent
     * @return false where all was told before, and nothing was now
     */
    public boolean next(Consumer<ByteBuffer> to) {
        effects.clear();
        while (effects.size() < RECORD_BYTES && database < store.databaseCount()) {
            step(store.database(database));
        }
        if (effects.isEmpty()) {
            return false;
        }
        to.accept(effects.record());
        return true;
    }

    private void step(Database in) {
        if (!largeHashes.isEmpty()) {
            tellFields(in, largeHashes.getFirst());
        } else if (!scanned) {
            cursor = in.keys().scan(cursor, entry -> tell(in, entry));
            scanned = cursor == 0;
        } else {
            database++;
            scanned = false;
        }
    }

    private void tell(Database in, long entry) {
        if (!Entry.isHash(entry)) {
            effects.string(in, entry);
        } else if (in.fields(entry).size() > FIELDS_AT_ONCE) {
            largeHashes.add(Entry.keyBytes(entry));
        } else {
            effects.hash(in, entry);
        }
    }

    /** A hash that is none any more by now is left out: a record of what became of it follows. */
    private void tellFields(Database in, byte[] key) {
        long entry = in.keys().find(key, 0, key.length);
        if (entry == 0 || !Entry.isHash(entry)) {
            next();
            return;
        }
        int most = effects.size() + RECORD_BYTES;
        LongConsumer each = field -> {
            effects.command(in.number(), HSET, 4);
            effects.argument(key);
            effects.field(field);
        };
        Table fields = in.fields(entry);
        do {
            fieldCursor = fields.scan(fieldCursor, each);
        } while (fieldCursor != 0 && effects.size() < most);
        if (fieldCursor == 0) {
            effects.deadline(in, entry);
            next();
        }
    }

    private void next() {
        largeHashes.removeFirst();
        fieldCursor = 0;
    }
}
