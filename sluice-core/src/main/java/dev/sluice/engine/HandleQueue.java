package dev.sluice.engine;

import org.jspecify.annotations.Nullable;

/** A growing ring of handles that allocates nothing in steady state; for one thread. */
final class HandleQueue {
    private @Nullable FdHandle[] ring = new FdHandle[64];
    private int head;
    private int tail;
    private int mark;

    boolean isEmpty() {
        return head == tail;
    }

    void add(FdHandle handle) {
        if (tail - head == ring.length) {
            grow();
        }
        ring[tail++ & (ring.length - 1)] = handle;
    }

    @Nullable
    FdHandle poll() {
        if (head == tail) {
            return null;
        }
        int at = head++ & (ring.length - 1);
        FdHandle handle = ring[at];
        ring[at] = null;
        return handle;
    }

    /** Remembers what is queued now, for {@link #pollMarked}: what is added later waits for the next turn. */
    void mark() {
        mark = tail;
    }

    @Nullable
    FdHandle pollMarked() {
        return head == mark ? null : poll();
    }

    private void grow() {
        var larger = new @Nullable FdHandle[ring.length * 2];
        int count = tail - head;
        int marked = mark - head;
        for (int i = 0; i < count; i++) {
            larger[i] = ring[(head + i) & (ring.length - 1)];
        }
        ring = larger;
        head = 0;
        tail = count;
        mark = marked;
    }
}
