package dev.sluice.kv;

import dev.sluice.os.NativeMemory;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** One of a store's numbered sets of keys. A key that has ended is gone for whoever looks for it. */
final class Database {
    /** Larger hashes are freed bit by bit. */
    private static final int FREED_AT_ONCE = 64;

    private final Store store;
    private final int number;
    private Table keys;
    private Deadlines deadlines = new Deadlines();
    /** The hashes, by the numbers that entries hold. */
    private @Nullable Table[] hashes = new Table[4];

    private int[] freeNumbers = new int[4];
    private int freeCount;
    private int hashCount;

    Database(Store store, int number) {
        this.store = store;
        this.number = number;
        keys = new Table(store.hashing, store.usage);
    }

    int number() {
        return number;
    }

    Table keys() {
        return keys;
    }

    Deadlines deadlines() {
        return deadlines;
    }

    // ---- finding

    /** A key's entry, or 0; removes it where it has ended. What is found may be removed or resized until the next look. */
    long find(byte[] data, int offset, int length) {
        long entry = keys.find(data, offset, length);
        return entry != 0 && Entry.deadline(entry) != 0 && endIfDue(entry) ? 0 : entry;
    }

    long find(Arguments arguments, int index) {
        return find(arguments.data, arguments.offset(index), arguments.length(index));
    }

    /** The same for a command about strings. */
    long findString(Arguments arguments, int index) {
        long entry = find(arguments, index);
        if (entry != 0 && Entry.isHash(entry)) {
            if (!store.isReplaying()) {
                throw new CommandException(CommandException.WRONG_TYPE);
            }
            remove(entry);
            return 0;
        }
        return entry;
    }

    /** The same for one about hashes. */
    long findHash(Arguments arguments, int index) {
        long entry = find(arguments, index);
        if (entry != 0 && !Entry.isHash(entry)) {
            if (!store.isReplaying()) {
                throw new CommandException(CommandException.WRONG_TYPE);
            }
            remove(entry);
            return 0;
        }
        return entry;
    }

    boolean isDue(long entry) {
        long deadline = deadlines.of(entry);
        return deadline >= 0 && deadline < store.now() && !store.isReplaying();
    }

    private boolean endIfDue(long entry) {
        if (!isDue(entry)) {
            return false;
        }
        if (store.mayExpire()) {
            end(entry);
        }
        return true;
    }

    /** Ends the key whose deadline comes first, if that is past. */
    boolean endFirst() {
        long entry = deadlines.first();
        if (entry == 0 || !isDue(entry)) {
            return false;
        }
        keys.locate(entry);
        end(entry);
        return true;
    }

    private void end(long entry) {
        store.effects.delete(number, entry);
        store.expired(this, entry);
        remove(entry);
    }

    // ---- strings

    /**
     * Gives a key a value that is a string; whatever it had, is gone.
     *
     * @param entry what {@link #find} found last, by this key
     */
    long setString(
            long entry, Arguments arguments, int key, byte[] value, int offset, int length, boolean keepDeadline) {
        long set = entry;
        if (set != 0 && Entry.isHash(set)) {
            free(set);
            Entry.valueLength(set, 0);
        }
        if (set == 0) {
            set = keys.add(arguments.data, arguments.offset(key), arguments.length(key), length, 0);
        } else {
            if (!keepDeadline) {
                deadlines.remove(set);
            }
            set = resize(set, length, 0);
        }
        NativeMemory.copy(value, offset, length, Entry.value(set));
        return set;
    }

    long setString(long entry, Arguments arguments, int key, int value, boolean keepDeadline) {
        return setString(
                entry, arguments, key, arguments.data, arguments.offset(value), arguments.length(value), keepDeadline);
    }

    /** Adds a string of so many zeros. */
    long addString(Arguments arguments, int key, int length) {
        return keys.add(arguments.data, arguments.offset(key), arguments.length(key), length, 0);
    }

    /** Makes a string longer or shorter: its bytes stay, and new ones are for the caller to set. */
    long resize(long entry, int length, int spare) {
        long other = keys.resize(entry, length, spare);
        if (other != entry && Entry.deadline(other) != 0) {
            deadlines.moved(other);
        }
        return other;
    }

    // ---- hashes

    Table fields(long entry) {
        Table fields = hashes[Entry.hashNumber(entry)];
        if (fields == null) {
            throw new IllegalStateException("no hash has the number " + Entry.hashNumber(entry));
        }
        return fields;
    }

    /** Adds a key whose value is a hash without fields. */
    long addHash(byte[] key, int offset, int length) {
        return addHash(key, offset, length, new Table(store.hashing, store.usage));
    }

    private long addHash(byte[] key, int offset, int length, Table fields) {
        long entry = keys.add(key, offset, length, 0, 0);
        int hash;
        if (freeCount > 0) {
            hash = freeNumbers[--freeCount];
        } else {
            hash = hashCount++;
            if (hash == hashes.length) {
                hashes = Arrays.copyOf(hashes, hash * 2);
            }
        }
        hashes[hash] = fields;
        Entry.hashNumber(entry, hash);
        return entry;
    }

    private void free(long entry) {
        Table fields = forget(entry);
        if (fields.size() > FREED_AT_ONCE || !fields.freeSome(Integer.MAX_VALUE)) {
            store.discard(fields);
        }
    }

    /** Takes a hash off its entry. */
    private Table forget(long entry) {
        Table fields = fields(entry);
        int hash = Entry.hashNumber(entry);
        hashes[hash] = null;
        if (freeCount == freeNumbers.length) {
            freeNumbers = Arrays.copyOf(freeNumbers, freeCount * 2);
        }
        freeNumbers[freeCount++] = hash;
        return fields;
    }

    // ---- deadlines

    /** In milliseconds since the epoch; -1 where a key has none. */
    long deadline(long entry) {
        return deadlines.of(entry);
    }

    void deadline(long entry, long millis) {
        deadlines.set(entry, millis);
    }

    boolean persist(long entry) {
        return deadlines.remove(entry);
    }

    // ---- removing

    /** Removes what was found last. */
    void remove(long entry) {
        if (Entry.isHash(entry)) {
            free(entry);
        }
        deadlines.remove(entry);
        keys.remove(entry);
    }

    /**
     * Gives a value another key, which must not be there, and its deadline with it.
     *
     * @param entry found by the old key
     */
    long rename(long entry, byte[] key, int offset, int length) {
        long deadline = deadlines.of(entry);
        long renamed;
        if (Entry.isHash(entry)) {
            Table fields = forget(entry);
            Entry.valueLength(entry, 0);
            remove(entry);
            renamed = addHash(key, offset, length, fields);
        } else {
            byte[] value = Entry.valueBytes(entry);
            remove(entry);
            renamed = keys.add(key, offset, length, value.length, 0);
            NativeMemory.copy(value, 0, value.length, Entry.value(renamed));
        }
        if (deadline >= 0) {
            deadlines.set(renamed, deadline);
        }
        return renamed;
    }

    /** Removes everything, and leaves freeing it for later. */
    void clear() {
        for (int i = 0; i < hashCount; i++) {
            Table fields = hashes[i];
            if (fields != null) {
                store.discard(fields);
            }
        }
        store.discard(keys);
        keys = new Table(store.hashing, store.usage);
        deadlines = new Deadlines();
        hashes = new Table[4];
        freeNumbers = new int[4];
        freeCount = 0;
        hashCount = 0;
    }
}
