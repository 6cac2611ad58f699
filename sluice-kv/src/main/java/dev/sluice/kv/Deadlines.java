package dev.sluice.kv;

/**
 * When keys end: a binary heap of deadlines, the earliest first, each entry knowing its place. So what has ended is found at once and
 * in order, and forgetting a deadline takes the logarithm of their number; nothing is sampled.
 */
final class Deadlines {
    private final LongPages times = new LongPages(4);
    private final LongPages entries = new LongPages(4);
    private int size;

    int size() {
        return size;
    }

    long bytes() {
        return times.heapBytes() + entries.heapBytes();
    }

    /** The entry that ends first, or 0. */
    long first() {
        return size == 0 ? 0 : entries.get(0);
    }

    /** In milliseconds since the epoch; -1 for an entry that has none. */
    long of(long entry) {
        int place = Entry.deadline(entry);
        return place == 0 ? -1 : times.get(place - 1);
    }

    void set(long entry, long millis) {
        int place = Entry.deadline(entry) - 1;
        if (place < 0) {
            place = size++;
        }
        settle(place, entry, millis);
    }

    /** Forgets an entry's deadline; false where it has none. */
    boolean remove(long entry) {
        int place = Entry.deadline(entry) - 1;
        if (place < 0) {
            return false;
        }
        Entry.deadline(entry, 0);
        size--;
        if (place < size) {
            settle(place, entries.get(size), times.get(size));
        }
        return true;
    }

    /** An entry has another address. */
    void moved(long entry) {
        int place = Entry.deadline(entry) - 1;
        if (place >= 0) {
            entries.set(place, entry);
        }
    }

    private void settle(int place, long entry, long millis) {
        int at = place;
        while (at > 0 && times.get((at - 1) / 2) > millis) {
            move((at - 1) / 2, at);
            at = (at - 1) / 2;
        }
        while (true) {
            int child = 2 * at + 1;
            if (child >= size) {
                break;
            }
            if (child + 1 < size && times.get(child + 1) < times.get(child)) {
                child++;
            }
            if (times.get(child) >= millis) {
                break;
            }
            move(child, at);
            at = child;
        }
        times.set(at, millis);
        entries.set(at, entry);
        Entry.deadline(entry, at + 1);
    }

    private void move(int from, int to) {
        long entry = entries.get(from);
        times.set(to, times.get(from));
        entries.set(to, entry);
        Entry.deadline(entry, to + 1);
    }
}
