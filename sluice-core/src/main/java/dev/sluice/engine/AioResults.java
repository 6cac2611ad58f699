package dev.sluice.engine;

import java.util.ArrayDeque;

/** The handles of {@link AioEngine} that have something to tell, each once, in the order in which it came. */
final class AioResults {
    private final ArrayDeque<AioHandle> queue = new ArrayDeque<>();

    void add(AioHandle h) {
        if (!h.queued) {
            h.queued = true;
            queue.add(h);
        }
    }

    int count() {
        return queue.size();
    }

    boolean isEmpty() {
        return queue.isEmpty();
    }

    AioHandle remove() {
        AioHandle h = queue.remove();
        h.queued = false;
        return h;
    }
}
