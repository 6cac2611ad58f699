package dev.sluice.sim;

import java.util.Comparator;
import java.util.PriorityQueue;
import org.jspecify.annotations.Nullable;

/** What is to happen, by time; at the same time in the order in which it was entered. */
final class Agenda {
    /** An entry that can be taken back. */
    static final class Entry {
        final long at;
        final long order;
        final Runnable action;
        boolean cancelled;

        private Entry(long at, long order, Runnable action) {
            this.at = at;
            this.order = order;
            this.action = action;
        }

        void cancel() {
            cancelled = true;
        }
    }

    private static final Comparator<Entry> ORDER =
            (a, b) -> a.at != b.at ? (a.at - b.at < 0 ? -1 : 1) : Long.compare(a.order, b.order);

    private final PriorityQueue<Entry> queue = new PriorityQueue<>(64, ORDER);

    Entry enter(long at, long order, Runnable action) {
        Entry entry = new Entry(at, order, action);
        queue.add(entry);
        return entry;
    }

    /** What comes next, or null. */
    @Nullable
    Entry peek() {
        Entry first = queue.peek();
        while (first != null && first.cancelled) {
            queue.remove();
            first = queue.peek();
        }
        return first;
    }

    void remove() {
        queue.remove();
    }

    void clear() {
        queue.clear();
    }

    static boolean isBefore(Entry a, Entry b) {
        return ORDER.compare(a, b) < 0;
    }
}
