package dev.sluice.sim;

/** Reads a file of the host's disk, which a worker waits for; with what it finds there when the disk has done it. */
final class RingRead extends RingRequest {
    private final SimFile source;
    private boolean atIt;

    RingRead(SimRing ring, RingEntry entry, SimFile file) {
        super(ring, entry, file);
        this.source = file;
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
            if (!isOver()) {
                int result = source.read(entry.address(), entry.length(), entry.offset());
                ring.addWork(() -> {
                    if (!isOver()) {
                        finish(result, 0);
                    }
                });
            }
        });
    }
}
