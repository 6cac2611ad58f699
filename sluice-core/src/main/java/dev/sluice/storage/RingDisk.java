package dev.sluice.storage;

import dev.sluice.disk.DiskOptions;
import dev.sluice.engine.RingPort;
import java.util.concurrent.Executor;

/** A disk in the ring of the loop that it belongs to: nothing is handed over, and a turn's operations go in its one system call. */
final class RingDisk extends EngineDisk {
    private final RingWork work;
    private final Executor told;
    private final Runnable over;
    private final Runnable telling = this::tellCompleted;

    RingDisk(DiskOptions options, RingPort port, Executor told, Runnable over) {
        super(options);
        this.work = RingWork.of(port);
        this.told = told;
        this.over = over;
    }

    @Override
    void submit(Operation op) {
        work.start(op);
    }

    @Override
    void announce() {
        told.execute(telling);
    }

    @Override
    LentMemory memory() {
        return work.memory();
    }

    @Override
    public void close() {
        end();
    }

    @Override
    void release() {
        over.run();
    }
}
