package dev.sluice.threading;

import java.util.ArrayDeque;
import org.jspecify.annotations.Nullable;

/** A connection's way from one loop to another, and what must not be lost on it. */
final class Move {
    final Loop from;
    final Loop to;
    /** Turns in which it did not come to rest; on the loop that it leaves. */
    int turns;
    /** Its deadlines' timer runs. */
    boolean hasDeadline;
    /** When it was there, as {@link Loop#nanoTime} has it. */
    long arrivedNanos;
    /** Tasks that are there before it; on the loop that it goes to. */
    private @Nullable ArrayDeque<Runnable> early;

    Move(Loop from, Loop to) {
        this.from = from;
        this.to = to;
    }

    void keep(Runnable task) {
        if (early == null) {
            early = new ArrayDeque<>();
        }
        early.add(task);
    }

    /** The first of the tasks that are kept, which is so no longer; null where there is none. */
    @Nullable
    Runnable kept() {
        return early == null ? null : early.poll();
    }
}
