package dev.sluice.sim;

import java.util.function.IntSupplier;

/** An operation that somebody else carries out, a worker thread or a disk, while its ring goes on. */
abstract class RingWork extends RingRequest {
    private boolean atIt;

    RingWork(SimRing ring, RingEntry entry, Pollable file) {
        super(ring, entry, file);
    }

    /** Has the work done, once and later, and then {@link #done} called. */
    abstract void begin();

    @Override
    final boolean isReady() {
        return true;
    }

    @Override
    final int keys() {
        return 0;
    }

    @Override
    final void issue() {
        if (!atIt) {
            atIt = true;
            begin();
        }
    }

    /** Does it, and completes in the task's work; nothing where it was cancelled: then its memory is another's. */
    final void done(IntSupplier work) {
        if (isOver()) {
            return;
        }
        int result = work.getAsInt();
        ring.addWork(() -> {
            if (!isOver()) {
                finish(result, 0);
            }
        });
    }
}
