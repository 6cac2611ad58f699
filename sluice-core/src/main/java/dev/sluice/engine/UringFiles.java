package dev.sluice.engine;

import dev.sluice.os.Uring;
import dev.sluice.os.UringQueues;

/**
 * A ring's table of registered descriptors, counted. A socket in it has no number in the process; RLIMIT_NOFILE bounds
 * each table, and not what all tables hold.
 */
final class UringFiles {
    /** Places kept for single accepts under way, which may take one each before that is known: one a listener. */
    private static final int KEPT = 8;

    private final UringQueues queues;
    private final UringShared shared;
    private final int most;
    private int capacity = -1;
    private int used;

    UringFiles(UringQueues queues, int most, UringShared shared) {
        this.queues = queues;
        this.most = most;
        this.shared = shared;
    }

    /**
     * Makes the table, unless there is one.
     *
     * @return whether there is one: not before Linux 6.8, whose FIXED_FD_INSTALL gives a direct descriptor back
     */
    boolean open() {
        if (capacity < 0) {
            capacity = 0;
            int places = (int) Math.min(most, shared.fdCalls.descriptorLimit());
            boolean known = Uring.probe(queues.fd(), Uring.IORING_OP_FIXED_FD_INSTALL, shared.ringCalls) == 1;
            if (known && Uring.registerSparseFiles(queues.fd(), places, shared.ringCalls) == 0) {
                capacity = places;
            }
        }
        return capacity > 0;
    }

    /** Places that nothing is known to be in; those of completions that are not told yet count as free. */
    int room() {
        return capacity - KEPT - used;
    }

    int capacity() {
        return Math.max(capacity, 0);
    }

    void taken() {
        used++;
    }

    void freed() {
        used--;
    }
}
