package dev.sluice.sim;

import dev.sluice.os.Errno;

/**
 * An operation that a ring carries out: {@code struct io_kiocb}. It is tried when it is submitted; what can't be done at once
 * waits for its file to be ready (io_arm_poll_handler), and is tried again in the task's work of a later enter:
 *
 * <pre>
 *   submitted ──▶ issue ──EAGAIN──▶ armed ──woken──▶ queued ──enter──▶ issue …
 *                   │                 └──cancelled──▶ queued ──enter──▶ over: -ECANCELED
 *                   └──done──▶ over
 * </pre>
 */
abstract class RingRequest implements Pollable.Watcher {
    private static final long WORKER_LEAST_NANOS = 1_000;
    private static final long WORKER_MOST_NANOS = 1_000_000;

    final SimRing ring;
    final World world;
    final RingEntry entry;
    final Pollable file;
    private boolean armed;
    private boolean queued;
    private boolean cancelled;
    private boolean over;
    /** A multishot's next result is its last. */
    private boolean ending;

    RingRequest(SimRing ring, RingEntry entry, Pollable file) {
        this.ring = ring;
        this.world = ring.world;
        this.entry = entry;
        this.file = file;
        file.retain();
    }

    /** Whether trying it would do anything. */
    abstract boolean isReady();

    /** The wake-ups that concern it. */
    abstract int keys();

    /** Tries it, and either finishes it or arms it. */
    abstract void issue();

    /** The result of one that is cancelled. */
    int cancelledResult() {
        return -Errno.ECANCELED;
    }

    int cancelledFlags() {
        return 0;
    }

    final boolean isOver() {
        return over;
    }

    /** Whether a multishot goes on behind this result. */
    final boolean goesOn() {
        if (ending) {
            return false;
        }
        if (world.strikes(Faults.Kind.MULTISHOT_END)) {
            tell("its multishot ends early", 0);
            return false;
        }
        return true;
    }

    final void start() {
        if (world.strikes(Faults.Kind.RING_WORKER)) {
            inWorker(this::queue); // io-wq: another thread is to do it
        } else {
            issue();
        }
    }

    final void inWorker(Runnable work) {
        world.in(world.dice().spread(WORKER_LEAST_NANOS, WORKER_MOST_NANOS), work);
    }

    /** Waits until its file is ready, if it isn't. */
    final void arm() {
        awaitWakeUp();
        if (isReady()) {
            queue();
        }
    }

    /** Waits until its file is woken, ready or not. */
    final void awaitWakeUp() {
        if (!armed) {
            armed = true;
            file.watch(this);
        }
    }

    @Override
    public final void woken(int key) {
        if (key == Pollable.ANYTHING || (key & keys()) != 0) {
            queue();
        }
    }

    final void queue() {
        if (!queued && !over) {
            queued = true;
            ring.addWork(this::run);
        }
    }

    private void run() {
        queued = false;
        if (over) {
            return;
        }
        if (cancelled) {
            finish(cancelledResult(), cancelledFlags());
        } else if (isReady()) {
            issue();
        } else {
            arm();
        }
    }

    /** Completes for the last time. */
    final void finish(int result, int flags) {
        ring.complete(entry, result, flags);
        drop();
    }

    /** Ends without a completion: of a ring that is closed. */
    final void drop() {
        over = true;
        file.unwatch(this);
        ring.forget(this);
        file.release();
    }

    /** ASYNC_CANCEL of this: 0, or -ENOENT where it is over, or -EALREADY where a worker is at it. */
    final int cancel() {
        if (!world.strikes(Faults.Kind.LATE_CANCEL)) {
            cancelled = true;
            queue();
            return 0;
        }
        ending = true;
        if (!cancelled && !queued && isReady()) {
            issue();
        }
        if (over) {
            tell("is done before it is cancelled", 0);
            return -Errno.ENOENT;
        }
        inWorker(() -> {
            cancelled = true;
            queue();
        });
        return -Errno.EALREADY;
    }

    final void tell(String event, long number) {
        world.tell(ring.host, file instanceof SimSocket socket ? socket.number() : Story.NO_CONNECTION, event, number);
    }
}
