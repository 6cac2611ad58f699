package dev.sluice.sim;

import dev.sluice.os.Uring;

/** POLL_ADD, once or again and again: io_uring/poll.c. The second kind tells edges: each wake-up, and not what stays. */
final class RingPoll extends RingRequest {
    private final boolean multishot;

    RingPoll(SimRing ring, RingEntry entry, Pollable file) {
        super(ring, entry, file);
        this.multishot = (entry.length() & Uring.IORING_POLL_ADD_MULTI) != 0;
    }

    private int events() {
        return file.readiness() & (entry.operationFlags() | Pollable.ERR | Pollable.HUP);
    }

    @Override
    boolean isReady() {
        return events() != 0;
    }

    @Override
    int keys() {
        return entry.operationFlags() | Pollable.ERR | Pollable.HUP;
    }

    @Override
    void issue() {
        int events = events();
        if (events != 0 && (!multishot || !goesOn() || !ring.post(entry, events, 0))) {
            finish(events, 0);
        } else {
            awaitWakeUp();
        }
    }
}
