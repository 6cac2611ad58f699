package dev.sluice.http;

import java.util.concurrent.atomic.AtomicLong;

/**
 * What the bodies that are being collected, or handled, hold of the heap: all of a service's together, since a limit for each
 * times as many clients as there are descriptors is more than any heap. Safe for use from any thread.
 */
final class BodyMemory {
    private final long limitBytes;
    private final AtomicLong heldBytes = new AtomicLong();

    BodyMemory(long limitBytes) {
        this.limitBytes = limitBytes;
    }

    /** Takes so much; false, and nothing taken, where there is not as much. */
    boolean take(long bytes) {
        if (heldBytes.addAndGet(bytes) <= limitBytes) {
            return true;
        }
        give(bytes);
        return false;
    }

    /** Gives back what was taken. */
    void give(long bytes) {
        heldBytes.addAndGet(-bytes);
    }

    long heldBytes() {
        return heldBytes.get();
    }
}
