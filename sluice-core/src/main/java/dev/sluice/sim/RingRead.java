package dev.sluice.sim;

import dev.sluice.os.Errno;

/** READ of a file: io_read() of io_uring/rw.c. What is not in the cache comes when the disk has it. */
final class RingRead extends RingWork {
    private final SimFile source;

    RingRead(SimRing ring, RingEntry entry, SimFile source) {
        super(ring, entry, source);
        this.source = source;
    }

    @Override
    void begin() {
        world.in(source.disk.operationNanos(), () -> done(this::read));
    }

    private int read() {
        return entry.length() < 0 ? -Errno.EINVAL : source.read(entry.address(), entry.length(), entry.offset());
    }
}
