package dev.sluice.threading;

import java.util.Arrays;

/**
 * Timers of one loop in a heap with four children a node: start and cancel take O(log n), the next deadline O(1), so that
 * a loop sleeps exactly until then. (A wheel is O(1) to start, but can't say when its next timer is due, and a loop that
 * must look every tick never sleeps.) Timers due at the same time run in the order they were started. For one thread.
 */
public final class TimerHeap {
    /** A started timer; the heap's own once it is started, free again after it ran or was cancelled. */
    public abstract static class Entry {
        long deadlineNanos;
        long order;
        int index = -1;

        /** Runs once the deadline has passed. */
        protected abstract void run();

        public final boolean isActive() {
            return index >= 0;
        }
    }

    private Entry[] heap = new Entry[32];
    private int count;
    private long started;

    public int size() {
        return count;
    }

    /** Starts a timer that is not active. Deadlines compare as {@link System#nanoTime} does. */
    public void start(Entry entry, long deadlineNanos) {
        assert entry.index < 0 : "the timer runs already";
        if (count == heap.length) {
            heap = Arrays.copyOf(heap, count * 2);
        }
        entry.deadlineNanos = deadlineNanos;
        entry.order = started++;
        up(entry, count++);
    }

    /** Starts a timer that is not active, which is due so long from now: at once if that is negative. */
    public void start(Entry entry, long now, long delayNanos) {
        start(entry, now + Math.max(0, Math.min(delayNanos, Long.MAX_VALUE >> 1)));
    }

    /** Cancels an active timer; does nothing for another. */
    public void cancel(Entry entry) {
        int gap = entry.index;
        if (gap < 0) {
            return;
        }
        entry.index = -1;
        Entry last = heap[--count];
        Arrays.fill(heap, count, count + 1, null); // lets the collector have it
        if (gap < count) {
            up(last, gap);
            down(last, last.index);
        }
    }

    /** Nanoseconds from now to the next deadline, 0 if one has passed, -1 if there is no timer. */
    public long delayNanos(long now) {
        return count == 0 ? -1 : Math.max(0, heap[0].deadlineNanos - now);
    }

    /** Runs the timers that are due now; those that they start wait for the next turn even with a delay of nothing. */
    public void runDue(long now) {
        long before = started;
        while (count > 0) {
            Entry first = heap[0];
            if (first.deadlineNanos - now > 0 || first.order >= before) {
                return;
            }
            cancel(first);
            first.run();
        }
    }

    private void up(Entry entry, int from) {
        int at = from;
        while (at > 0) {
            int parent = (at - 1) >> 2;
            if (!before(entry, heap[parent])) {
                break;
            }
            place(heap[parent], at);
            at = parent;
        }
        place(entry, at);
    }

    private void down(Entry entry, int from) {
        int at = from;
        while (true) {
            int least = -1;
            int firstChild = (at << 2) + 1;
            for (int c = firstChild; c < firstChild + 4 && c < count; c++) {
                if (least < 0 || before(heap[c], heap[least])) {
                    least = c;
                }
            }
            if (least < 0 || !before(heap[least], entry)) {
                break;
            }
            place(heap[least], at);
            at = least;
        }
        place(entry, at);
    }

    private void place(Entry entry, int at) {
        heap[at] = entry;
        entry.index = at;
    }

    private static boolean before(Entry a, Entry b) {
        long difference = a.deadlineNanos - b.deadlineNanos;
        return difference < 0 || (difference == 0 && a.order < b.order);
    }
}
