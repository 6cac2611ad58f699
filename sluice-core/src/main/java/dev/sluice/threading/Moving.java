package dev.sluice.threading;

import dev.sluice.engine.Handle;
import java.util.Objects;

/**
 * A connection's moves from loop to loop, and the work by which {@link Balance} chooses it.
 *
 * <pre>
 *   on the old loop:  moveTo() ──receiving stops──▶ leaving ──at rest──▶ released, timers and tasks detached
 *                                                      └─too busy, or closing──▶ it stays
 *   on the new loop:  adopted, timers go on, tasks run that were there before it ──▶ receiving
 * </pre>
 *
 * Until it is at rest it lives on as ever. In between it belongs to nobody: its session isn't called, what its peer sends waits
 * in the kernel, and tasks go to the new loop.
 *
 * <p>The highest layer but one of a {@link SocketConnection}.
 */
abstract class Moving extends Lifecycle {
    /** After so many turns without rest it stays. */
    private static final int TURNS = 64;

    /** So many bytes are as much work as a callback. */
    private static final int BYTES_SHIFT = 12;

    /** Since {@link #forgetWork}; may wrap around. */
    private int work;

    private boolean stays;

    Moving(Domain domain, Handle handle) {
        super(domain, handle);
    }

    // ---- work

    /** A callback was about so many bytes. */
    final void worked(long bytes) {
        work += 1 + (int) (bytes >> BYTES_SHIFT);
    }

    /** The work since it was forgotten, in callbacks. */
    final int work() {
        return work;
    }

    final void forgetWork() {
        work = 0;
    }

    // ---- leaving

    /** It dialled: what it dialled lives where it lives. */
    final void stayForGood() {
        stays = true;
    }

    /** Whether a move may begin; on the loop. */
    final boolean canMove() {
        return isOpen() && isAccepted() && !stays && !isLeaving() && domain instanceof Loop;
    }

    /** When it came to this loop, or a time long ago. */
    final long settledNanos() {
        Move last = move;
        return last == null ? domain.nanoTime() - Long.MAX_VALUE / 2 : last.arrivedNanos;
    }

    /** Has it go to another loop of its server as soon as it is at rest; on its present loop. Does nothing where it can't. */
    final void moveTo(Loop to) {
        if (domain instanceof Loop from && from != to && !from.isHolding() && canMove()) {
            from.departures.incrementAndGet();
            move = new Move(from, to);
            leaving(true);
            askTurn();
        }
    }

    @Override
    final void turned() {
        if (!isLeaving()) {
            return;
        }
        Move under = Objects.requireNonNull(move);
        if (!isOpen() || stays || ++under.turns > TURNS) {
            stay(under);
        } else if (!isAtRest() || !depart(under)) {
            askTurn();
        }
    }

    private boolean isAtRest() {
        return isInputAtRest() && output() == null && !isTurnAsked() && !hasTasks();
    }

    private void stay(Move under) {
        under.arrivedNanos = domain.nanoTime(); // it is not tried again at once
        leaving(false);
        under.from.departures.decrementAndGet();
        settle();
    }

    /** Leaves; false where that is not possible yet. */
    private boolean depart(Move under) {
        Loop from = under.from;
        if (!from.engine().release(handle)) {
            return false;
        }
        if (!redirectTasks()) {
            adoptedBy(from);
            return false;
        }
        under.hasDeadline = isActive();
        cancelDeadlines();
        suspendTimers();
        from.departed(self());
        if (!under.to.submit(() -> arrive(under, under.to))) {
            arrive(under, from); // that loop has ended
        }
        return true;
    }

    private void adoptedBy(Loop loop) {
        handle = loop.engine().adopt(handle);
        loop.attach(handle, self());
    }

    private void arrive(Move under, Loop at) {
        domain = at;
        adoptedBy(at);
        at.arrived(self());
        if (under.hasDeadline) {
            at.startAt(this, deadlineNanos);
        }
        resumeTimers(at);
        under.arrivedNanos = at.nanoTime();
        leaving(false);
        under.from.departures.decrementAndGet();
        arriveTasks(under);
        settle();
    }
}
