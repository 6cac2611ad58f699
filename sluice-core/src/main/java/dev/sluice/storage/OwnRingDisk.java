package dev.sluice.storage;

import dev.sluice.disk.DiskOptions;
import dev.sluice.disk.DrivenDisk;
import dev.sluice.engine.DiskRing;
import dev.sluice.os.SysException;

/** A disk with a ring of its own, which its owner's thread submits to and reaps. */
final class OwnRingDisk extends EngineDisk implements DrivenDisk {
    private final DiskRing ring;
    private final RingWork work;
    private int toldCount;

    OwnRingDisk(DiskOptions options) {
        this(options, RingCarrier.ring(options));
    }

    /** Over a ring that is closed with it. */
    OwnRingDisk(DiskOptions options, DiskRing ring) {
        super(options);
        this.ring = ring;
        this.work = new RingWork(ring.port(), true);
    }

    @Override
    void submit(Operation op) {
        work.start(op);
    }

    @Override
    void landed(Operation op) {
        toldCount++;
        super.landed(op);
    }

    @Override
    void announce() {
        ring.wake();
    }

    @Override
    public int poll(long timeoutNanos) {
        if (isReleased()) {
            return 0; // a result's handler has closed it
        }
        toldCount = 0;
        int completed = tellCompleted();
        ring.poll(completed > 0 ? 0 : timeoutNanos);
        return completed + tellCompleted() + toldCount;
    }

    @Override
    public void wake() {
        ring.wake();
    }

    @Override
    public long systemCalls() {
        return ring.systemCalls();
    }

    @Override
    LentMemory memory() {
        return work.memory();
    }

    @Override
    public void close() {
        try {
            end();
            while (!isReleased()) {
                poll(-1);
            }
        } catch (SysException e) {
            ring.close(); // it is broken, and what was under way with it
            throw e;
        }
    }

    @Override
    void release() {
        ring.close();
    }
}
