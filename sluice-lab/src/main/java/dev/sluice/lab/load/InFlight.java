package dev.sluice.lab.load;

/** The requests of one connection that have no answer yet, in order: a ring, so that a request allocates nothing. */
final class InFlight {
    private final long[] dueNanos;
    private final long[] sentNanos;
    private final int[] kinds;
    private final int mask;
    private int first;
    private int count;

    InFlight(int depth) {
        int size = Integer.highestOneBit(Math.max(1, depth * 2 - 1));
        dueNanos = new long[size];
        sentNanos = new long[size];
        kinds = new int[size];
        mask = size - 1;
    }

    int count() {
        return count;
    }

    boolean isEmpty() {
        return count == 0;
    }

    /** Adds a request behind the others; returns its index for {@link #sent} and {@link #kind}. */
    int add(long due, int kind) {
        int at = index(count++);
        dueNanos[at] = due;
        kinds[at] = kind;
        return at;
    }

    /** Index of the nth from the front. */
    int index(int nth) {
        return (first + nth) & mask;
    }

    int kind(int at) {
        return kinds[at];
    }

    void sent(int at, long now) {
        sentNanos[at] = now;
    }

    int firstKind() {
        return kinds[first];
    }

    long firstDue() {
        return dueNanos[first];
    }

    long firstSent() {
        return sentNanos[first];
    }

    void removeFirst() {
        first = index(1);
        count--;
    }

    void clear() {
        count = 0;
    }
}
