package dev.sluice.storage;

import dev.sluice.disk.DiskOptions;
import dev.sluice.disk.DrivenDisk;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/** A disk whose operations a {@link Carrier} carries out. */
final class CarriedDisk extends EngineDisk implements DrivenDisk {
    private final Carrier carrier;
    private final LentMemory memory = new LentMemory(null);
    private final @Nullable Executor told;
    private final @Nullable Runnable over;
    private final Runnable telling = this::tellCompleted;

    /** Who waits for a result. */
    private volatile @Nullable Thread waiter;

    private volatile boolean woken;
    private long calls;

    /**
     * A disk without files.
     *
     * @param told runs what is to be told; null where the owner polls
     * @param over runs at home once all is closed, and the close doesn't wait; null where it does
     */
    CarriedDisk(DiskOptions options, Carrier carrier, @Nullable Executor told, @Nullable Runnable over) {
        super(options);
        this.carrier = carrier;
        this.told = told;
        this.over = over;
    }

    @Override
    void submit(Operation op) {
        calls++;
        carrier.carry(op);
    }

    /** On the carrier's thread. */
    @Override
    void landed(Operation op) {
        completed(op);
    }

    @Override
    void announce() {
        Thread waits = waiter;
        if (waits != null) {
            LockSupport.unpark(waits);
        } else if (told != null) {
            told.execute(telling);
        }
    }

    @Override
    public int poll(long timeoutNanos) {
        int count = tellCompleted();
        if (count > 0 || timeoutNanos == 0) {
            return count;
        }
        await(timeoutNanos);
        return tellCompleted();
    }

    /** Waits until there is something to tell, or {@link #wake}. */
    private void await(long timeoutNanos) {
        long deadline = System.nanoTime() + timeoutNanos;
        boolean interrupted = false;
        waiter = Thread.currentThread(); // before the look at what is there: see announce
        while (!hasCompleted() && !woken) {
            long left = timeoutNanos < 0 ? TimeUnit.DAYS.toNanos(1) : deadline - System.nanoTime();
            if (left <= 0) {
                break;
            }
            LockSupport.parkNanos(this, left);
            interrupted |= Thread.interrupted();
        }
        waiter = null;
        woken = false;
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    @Override
    public long systemCalls() {
        return calls;
    }

    @Override
    public void wake() {
        woken = true;
        LockSupport.unpark(waiter);
    }

    @Override
    public void close() {
        end();
        while (over == null && !isReleased()) {
            await(-1);
            tellCompleted();
        }
    }

    @Override
    LentMemory memory() {
        return memory;
    }

    @Override
    void release() {
        memory.close();
        carrier.release();
        if (over != null) {
            over.run();
        }
    }
}
