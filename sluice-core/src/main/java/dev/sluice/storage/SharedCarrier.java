package dev.sluice.storage;

import dev.sluice.disk.DiskEngine;
import dev.sluice.disk.DiskOptions;
import java.util.EnumMap;
import java.util.Map;

/**
 * A carrier that all loops of the process share which have no ring of their own: from the first disk that needs it to the end of
 * the last.
 */
final class SharedCarrier implements Carrier {
    private static final Map<DiskEngine, SharedCarrier> RUNNING = new EnumMap<>(DiskEngine.class);

    private final DiskEngine engine;
    private final Carrier carrier;
    /** Guarded by the class. */
    private int users;

    private SharedCarrier(DiskEngine engine) {
        this.engine = engine;
        this.carrier = Disks.carrier(engine, DiskOptions.standard());
    }

    static SharedCarrier acquire(DiskEngine engine) {
        synchronized (SharedCarrier.class) {
            SharedCarrier shared = RUNNING.get(engine);
            if (shared == null) {
                shared = new SharedCarrier(engine);
                RUNNING.put(engine, shared);
            }
            shared.users++;
            return shared;
        }
    }

    @Override
    public void carry(Operation op) {
        carrier.carry(op);
    }

    @Override
    public void release() {
        synchronized (SharedCarrier.class) {
            if (--users == 0) {
                RUNNING.remove(engine);
                carrier.release();
            }
        }
    }
}
