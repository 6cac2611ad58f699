package dev.sluice.storage;

import dev.sluice.Availability;
import dev.sluice.disk.Disk;
import dev.sluice.disk.DiskEngine;
import dev.sluice.disk.DiskOptions;
import dev.sluice.disk.DrivenDisk;
import dev.sluice.engine.DiskRing;
import dev.sluice.engine.RingPort;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/** Makes disks. */
public final class Disks {
    private Disks() {}

    public static Availability availability(DiskEngine engine) {
        return engine == DiskEngine.IO_URING ? DiskRing.availability() : Availability.yes("");
    }

    /** See {@link DiskEngine#best}; this machine is asked once. */
    public static DiskEngine best() {
        return Best.ENGINE;
    }

    private static final class Best {
        static final DiskEngine ENGINE = DiskRing.availability().available() ? DiskEngine.IO_URING : DiskEngine.POOL;

        private Best() {}
    }

    static Carrier carrier(DiskEngine engine, DiskOptions options) {
        return switch (engine) {
            case BLOCKING -> new CallingCarrier();
            case POOL -> new PoolCarrier(options.threads());
            case IO_URING -> new RingCarrier(options);
        };
    }

    /** See {@link DiskEngine#open(DiskOptions, Executor)}. */
    public static Disk open(DiskEngine engine, DiskOptions options, Executor told) {
        return new CarriedDisk(options, carrier(engine, options), told, null);
    }

    /** See {@link DiskEngine#open(DiskOptions)}. */
    public static DrivenDisk open(DiskEngine engine, DiskOptions options) {
        return engine == DiskEngine.IO_URING
                ? new OwnRingDisk(options)
                : new CarriedDisk(options, carrier(engine, options), null, null);
    }

    /**
     * Opens the disk of a serialization domain, whose close doesn't wait.
     *
     * @param engine null for what suits the domain best
     * @param port the way into the domain's ring, if it has one
     * @param told runs tasks in the domain
     * @param over runs in the domain once all of the disk is closed
     */
    public static Disk open(@Nullable DiskEngine engine, @Nullable RingPort port, Executor told, Runnable over) {
        DiskOptions options = DiskOptions.standard();
        if (port != null && (engine == null || engine == DiskEngine.IO_URING)) {
            return new RingDisk(options, port, told, over);
        }
        DiskEngine chosen = engine == null ? best() : engine;
        Carrier carrier = chosen == DiskEngine.BLOCKING ? new CallingCarrier() : SharedCarrier.acquire(chosen);
        return new CarriedDisk(options, carrier, told, over);
    }
}
