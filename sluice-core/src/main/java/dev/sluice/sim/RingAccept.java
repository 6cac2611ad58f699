package dev.sluice.sim;

import dev.sluice.os.Errno;
import dev.sluice.os.Uring;

/** ACCEPT, once or until it ends, to a descriptor or to the ring's table: io_accept() of io_uring/net.c. */
final class RingAccept extends RingRequest {
    private final SimListener listener;
    private final boolean multishot;
    private final boolean direct;

    RingAccept(SimRing ring, RingEntry entry, SimListener listener) {
        super(ring, entry, listener);
        this.listener = listener;
        this.multishot = (entry.ioprio() & Uring.IORING_ACCEPT_MULTISHOT) != 0;
        this.direct = entry.fileIndex() == Uring.IORING_FILE_INDEX_ALLOC;
    }

    @Override
    boolean isReady() {
        return listener.readiness() != 0;
    }

    @Override
    int keys() {
        return Pollable.IN;
    }

    @Override
    void issue() {
        while (true) {
            int result = direct ? acceptDirect() : ring.kernel.acceptFrom(listener);
            if (result == -Errno.EAGAIN) {
                arm();
                return;
            }
            boolean more = result >= 0 && multishot && goesOn();
            if (!more || !ring.post(entry, result, 0)) {
                finish(result, 0);
                return;
            }
        }
    }

    private int acceptDirect() {
        SimSocket newcomer = listener.accept();
        if (newcomer == null) {
            return -Errno.EAGAIN;
        }
        int place = ring.table().put(newcomer);
        if (place < 0) {
            world.tell(ring.host, newcomer.number(), "is closed: the table is full", 0);
            newcomer.close();
        } else {
            world.tell(ring.host, newcomer.number(), "is accepted at place #", place);
        }
        return place;
    }
}
