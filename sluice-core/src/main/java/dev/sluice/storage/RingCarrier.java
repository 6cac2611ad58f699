package dev.sluice.storage;

import dev.sluice.EventLog;
import dev.sluice.disk.DiskOptions;
import dev.sluice.engine.DiskRing;
import dev.sluice.os.Errno;
import java.lang.System.Logger.Level;

/**
 * A thread with a ring, which submits what other threads hand over, all that is there in one system call, and waits for it. It is
 * woken only where it sleeps, and only by the first that finds nothing handed over before.
 */
final class RingCarrier implements Carrier, Runnable {
    private final DiskRing ring;
    private final RingWork work;
    private final HandOver handed = new HandOver();

    private volatile boolean over;
    private volatile boolean broken;

    /** Over a ring that is closed with it. */
    RingCarrier(DiskRing ring) {
        this.ring = ring;
        this.work = new RingWork(ring.port(), true);
        Thread.ofPlatform().daemon().name("sluice-disk-ring").start(this);
    }

    /** A ring that has room for the completions of all that one disk may have under way, as far as rings go. */
    static DiskRing ring(DiskOptions options) {
        int completions = Math.max(options.entries(), Math.min(options.operations(), 1 << 15)) * 2;
        return new DiskRing(options.entries(), Integer.highestOneBit(completions));
    }

    @Override
    public void carry(Operation op) {
        if (handed.add(op)) {
            ring.wake();
        }
        if (broken) {
            refuse();
        }
    }

    @Override
    public void run() {
        try {
            while (!over) {
                start();
                ring.poll(-1);
            }
        } catch (RuntimeException | Error e) {
            EventLog.log(Level.ERROR, "the thread of a disk's ring ended: its operations fail with EIO", e);
            work.fail();
            broken = true;
            refuse();
        } finally {
            ring.close();
        }
    }

    private void start() {
        for (Operation op = handed.takeAll(); op != null; ) {
            Operation next = op.next; // from its start on it is another's
            work.start(op);
            op = next;
        }
    }

    private void refuse() {
        for (Operation op = handed.takeAll(); op != null; ) {
            Operation next = op.next;
            op.result = -Errno.EIO;
            op.disk.completed(op);
            op = next;
        }
    }

    @Override
    public void release() {
        over = true;
        ring.wake();
    }
}
