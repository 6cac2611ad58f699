package dev.sluice.engine;

import dev.sluice.os.Poll;
import dev.sluice.os.Sqe;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * How a loop that waits in its first ring is woken. {@link #wake} is for any thread, the rest for the loop's.
 *
 * <p>A wake-up is an eventfd on which a multishot poll is armed. The eventfd is never read: each write completes the
 * poll again, whatever the counter. The kernel writes to it too, for the loop's further rings. Only a wake-up of a loop
 * that waits (or is about to) costs a write:
 *
 * <pre>
 *   RUNNING ──turn begins to wait──▶ WAITING ──wake(): write──▶ WOKEN
 *      ▲ └───────────wake(): no write, the next turn doesn't wait──▲ │
 *      └──────────────────────── the turn ends ──────────────────────┘
 * </pre>
 */
final class UringWake implements AutoCloseable {
    private static final int RUNNING = 0;
    private static final int WAITING = 1;
    private static final int WOKEN = 2;

    private final WakeSignal signal;
    private final AtomicInteger attention = new AtomicInteger(RUNNING);

    /** @param signal on which the poll is armed; it is closed with this */
    UringWake(WakeSignal signal) {
        this.signal = signal;
    }

    int descriptor() {
        return signal.descriptor();
    }

    /** Arms the poll; also after it ended, as it does at an overflow. */
    void arm(UringSubmitter first) {
        Sqe.pollMultishot(first.sqe(), signal.descriptor(), Poll.POLLIN, UringTag.WAKE);
    }

    /** Whether the turn may wait: nobody has asked to be heard. */
    boolean beginWait() {
        return attention.compareAndSet(RUNNING, WAITING);
    }

    void endTurn() {
        attention.set(RUNNING);
    }

    void wake() {
        if (attention.getAndSet(WOKEN) == WAITING) {
            signal.wake();
        }
    }

    @Override
    public void close() {
        signal.close();
    }
}
