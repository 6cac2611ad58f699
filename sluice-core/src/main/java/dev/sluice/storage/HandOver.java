package dev.sluice.storage;

import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * Operations that several threads hand to one, without a lock and without allocating: a stack (Treiber 1986), which is turned round
 * when it is taken as a whole.
 */
final class HandOver {
    private final AtomicReference<@Nullable Operation> top = new AtomicReference<>();

    /**
     * Adds one; from any thread.
     *
     * @return whether none was there, so that its taker has to be called; who comes later relies on that call
     */
    boolean add(Operation op) {
        Operation before;
        do {
            before = top.get();
            op.next = before;
        } while (!top.compareAndSet(before, op));
        return before == null;
    }

    boolean isEmpty() {
        return top.get() == null;
    }

    /** Takes them all, linked by {@link Operation#next}, the first one first; null where there is none. */
    @Nullable
    Operation takeAll() {
        Operation first = null;
        for (Operation op = top.getAndSet(null); op != null; ) {
            Operation before = op.next;
            op.next = first;
            first = op;
            op = before;
        }
        return first;
    }
}
