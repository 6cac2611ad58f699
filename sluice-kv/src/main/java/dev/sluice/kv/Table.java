package dev.sluice.kv;

import dev.sluice.os.NativeMemory;
import java.util.function.LongConsumer;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * A hash table of {@link Entry entries}: a database's keys, or a hash's fields. As Redis's dict: chained, grown and shrunk a few buckets
 * at each change, and scanned by a cursor that holds while it does.
 */
final class Table {
    private static final int LEAST_BUCKETS = 4;
    private static final int STEP_BUCKETS = 2;
    private static final int EMPTY_LOOKS = 10;
    /** Shrinks where fewer than one bucket in so many is used. */
    private static final int SHRINK = 10;

    private final SipHash hashing;
    private LongPages buckets = new LongPages(LEAST_BUCKETS);
    private long mask = LEAST_BUCKETS - 1;
    /** Where a table of another size is filled from {@link #buckets}: those below {@link #moved} are there already. */
    private @Nullable LongPages target;

    private long targetMask;
    private long moved;
    private long size;
    private final Usage usage;

    /** What {@link #find} came by: the entry in front of what was found or is missing, or 0, and its hash. */
    private long previous;

    private int hash;

    /** @param usage is told what the table takes */
    Table(SipHash hashing, Usage usage) {
        this.hashing = hashing;
        this.usage = usage;
        usage.add(8 * LEAST_BUCKETS);
    }

    long size() {
        return size;
    }

    // ---- finding

    /** An entry's address, or 0. */
    long find(byte[] key, int offset, int length) {
        int h = (int) hashing.hash(key, offset, length);
        hash = h;
        long before = 0;
        for (long entry = first(h); entry != 0; entry = Entry.next(entry)) {
            if (Entry.hasKey(entry, h, key, offset, length)) {
                previous = before;
                return entry;
            }
            before = entry;
        }
        previous = before;
        return 0;
    }

    /** As {@link #find}, for an entry that is known to be there. */
    void locate(long entry) {
        hash = Entry.hash(entry);
        previous = 0;
        for (long at = first(hash); at != entry; at = Entry.next(at)) {
            previous = at;
        }
    }

    /** The bucket of a hash, wherever it is now. */
    private long first(int h) {
        LongPages into = target;
        long bucket = h & mask;
        return into != null && bucket < moved ? into.get(h & targetMask) : buckets.get(bucket);
    }

    private void first(int h, long entry) {
        LongPages into = target;
        long bucket = h & mask;
        if (into != null && bucket < moved) {
            into.set(h & targetMask, entry);
        } else {
            buckets.set(bucket, entry);
        }
    }

    private void link(int h, long before, long entry) {
        if (before == 0) {
            first(h, entry);
        } else {
            Entry.next(before, entry);
        }
    }

    // ---- changing

    /**
     * Adds an entry whose value is so many zeros.
     *
     * @param spare bytes by which the value may grow where it is
     */
    long add(byte[] key, int offset, int length, int valueLength, int spare) {
        step();
        int h = (int) hashing.hash(key, offset, length);
        long entry = Entry.allocate(h, key, offset, length, valueLength, spare);
        Entry.next(entry, first(h));
        first(h, entry);
        size++;
        usage.add(Entry.bytes(entry));
        grow();
        return entry;
    }

    /**
     * Gives the entry that was found last a value of another length, the old one's bytes first.
     *
     * @return its address, another one perhaps
     */
    long resize(long entry, int valueLength, int spare) {
        if (Entry.fits(entry, valueLength) && !Entry.wastes(entry, valueLength)) {
            Entry.valueLength(entry, valueLength);
            return entry;
        }
        usage.add(-Entry.bytes(entry));
        int kept = Math.min(Math.max(Entry.valueLength(entry), 0), valueLength);
        Entry.valueLength(entry, kept);
        long other = Entry.enlarge(entry, valueLength, spare);
        Entry.valueLength(other, valueLength);
        usage.add(Entry.bytes(other));
        link(hash, previous, other);
        return other;
    }

    /** Sets a field's value, or adds it; for tables whose values are strings only. */
    boolean put(byte[] key, int keyOffset, int keyLength, byte[] value, int offset, int length) {
        long entry = find(key, keyOffset, keyLength);
        boolean isNew = entry == 0;
        entry = isNew ? add(key, keyOffset, keyLength, length, 0) : resize(entry, length, 0);
        NativeMemory.copy(value, offset, length, Entry.value(entry));
        return isNew;
    }

    /** Removes the entry that was found last, and frees it. */
    void remove(long entry) {
        link(hash, previous, Entry.next(entry));
        size--;
        usage.add(-Entry.bytes(entry));
        Entry.free(entry);
        step();
        shrink();
    }

    /**
     * Goes about freeing everything, so many buckets at a time; nothing else may be done with the table from then on.
     *
     * @return whether all is freed
     */
    boolean freeSome(int bucketCount) {
        for (int i = 0; i < bucketCount && size > 0; i++) {
            LongPages into = target;
            if (moved <= mask) {
                free(buckets.get(moved));
                moved++;
            } else if (into != null) {
                free(into.get(moved - mask - 1));
                moved++;
            }
        }
        if (size > 0) {
            return false;
        }
        LongPages into = target;
        usage.add(-8 * (mask + 1 + (into == null ? 0 : targetMask + 1)));
        return true;
    }

    private void free(long first) {
        long entry = first;
        while (entry != 0) {
            long next = Entry.next(entry);
            usage.add(-Entry.bytes(entry));
            Entry.free(entry);
            size--;
            entry = next;
        }
    }

    // ---- growing

    private void grow() {
        if (target == null && size > mask) {
            resizeTo(mask * 2 + 2);
        }
    }

    private void shrink() {
        if (target == null && mask >= LEAST_BUCKETS && size * SHRINK < mask) {
            resizeTo(Math.max(LEAST_BUCKETS, Long.highestOneBit(Math.max(size, 1)) * 2));
        }
    }

    private void resizeTo(long count) {
        LongPages into = new LongPages(count);
        usage.add(8 * count);
        target = into;
        targetMask = count - 1;
        moved = 0;
    }

    /** Moves a few buckets, where the table is changing its size and nobody counts on the order. */
    void step() {
        step(STEP_BUCKETS);
    }

    /** Moves so many. */
    boolean step(int bucketCount) {
        LongPages into = target;
        if (into == null) {
            return false;
        }
        int empty = bucketCount * EMPTY_LOOKS;
        for (int i = 0; i < bucketCount && moved <= mask; moved++) {
            long entry = buckets.get(moved);
            if (entry == 0) {
                if (--empty == 0) {
                    moved++;
                    break;
                }
                continue;
            }
            while (entry != 0) {
                long next = Entry.next(entry);
                long bucket = Entry.hash(entry) & targetMask;
                Entry.next(entry, into.get(bucket));
                into.set(bucket, entry);
                entry = next;
            }
            i++;
        }
        if (moved > mask) {
            usage.add(-8 * (mask + 1));
            buckets = into;
            mask = targetMask;
            target = null;
            moved = 0;
        }
        return true;
    }

    // ---- going over all

    /**
     * Tells the entries of some buckets. Whoever is there from the first call to the last is told at least once, though the table changes its
     * size in between: the cursor counts in reversed bits (Redis: dictScan). The told must not change the table.
     *
     * @param cursor 0 at first, then what this returned
     * @return 0 at the end
     */
    long scan(long cursor, LongConsumer to) {
        LongPages into = target;
        if (into == null) {
            tell(buckets.get(cursor & mask), to);
            return advance(cursor, mask);
        }
        boolean growing = targetMask > mask;
        LongPages small = growing ? buckets : into;
        LongPages large = growing ? into : buckets;
        long smallMask = growing ? mask : targetMask;
        long largeMask = growing ? targetMask : mask;
        tell(bucket(small, growing, cursor & smallMask), to);
        long next = cursor;
        do {
            tell(bucket(large, !growing, next & largeMask), to);
            next = advance(next, largeMask);
        } while ((next & (smallMask ^ largeMask)) != 0);
        return next;
    }

    /** A bucket's first entry; of the old table nothing where it has moved. */
    private long bucket(LongPages pages, boolean old, long index) {
        return old && index < moved ? 0 : pages.get(index);
    }

    private static long advance(long cursor, long mask) {
        long next = cursor | ~mask;
        next = Long.reverse(Long.reverse(next) + 1);
        return next;
    }

    private static void tell(long first, LongConsumer to) {
        long entry = first;
        while (entry != 0) {
            long next = Entry.next(entry);
            to.accept(entry);
            entry = next;
        }
    }

    /** A random entry, of nearly the same chance each; 0 where there is none. */
    long random(RandomGenerator random) {
        if (size == 0) {
            return 0;
        }
        step();
        LongPages into = target;
        long first;
        do {
            if (into == null) {
                first = buckets.get(random.nextLong() & mask);
            } else {
                long index = moved + random.nextLong(mask + 1 + targetMask + 1 - moved);
                first = index <= mask ? buckets.get(index) : into.get(index - mask - 1);
            }
        } while (first == 0);
        int length = 0;
        for (long entry = first; entry != 0; entry = Entry.next(entry)) {
            length++;
        }
        long chosen = first;
        for (int i = random.nextInt(length); i > 0; i--) {
            chosen = Entry.next(chosen);
        }
        return chosen;
    }
}
