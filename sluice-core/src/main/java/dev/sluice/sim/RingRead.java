package dev.sluice.sim;

import dev.sluice.os.Errno;

/** READ of a file: io_read() of io_uring/rw.c. What is not in the cache comes when the disk has it. */
final class RingRead extends RingRequest {
    private final SimFile source;
    private boolean atIt;

    RingRead(SimRing ring, RingEntry entry, SimFile source) {
        super(ring, entry, source);
        this.source = source;
    }

    @Override
    boolean isReady() {
        return true;
    }

    @Override
    int keys() {
        return 0;
    }

    @Override
    void issue() {
        if (atIt) {
            return;
        }
        atIt = true;
        world.in(source.disk.operationNanos(), () -> {
            if (isOver()) { // cancelled: the memory is another's
                return;
            }
            int result =
                    entry.length() < 0 ? -Errno.EINVAL : source.read(entry.address(), entry.length(), entry.offset());
            ring.addWork(() -> {
                if (!isOver()) {
                    finish(result, 0);
                }
            });
        });
    }
}
