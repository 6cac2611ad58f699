package dev.sluice.sim;

import dev.sluice.threading.Loop;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** Turns a loop that has no thread: one turn, or one half of it, at each of its times. */
final class SimLoop {
    private static final long TURN_LEAST_NANOS = 500;
    private static final long TURN_MOST_NANOS = TimeUnit.MICROSECONDS.toNanos(20);
    private static final long PAUSE_LEAST_NANOS = TimeUnit.MICROSECONDS.toNanos(100);
    private static final long PAUSE_MOST_NANOS = TimeUnit.MILLISECONDS.toNanos(200);
    /** A loop that turns so often while nothing moves in the whole world is stuck. */
    private static final int IDLE_TURNS_MOST = 20_000;

    private final World world;
    private final Host host;
    private final SimKernel kernel;
    private final Loop loop;
    final Parking parking = new Parking(this::unparked);
    private Agenda.@Nullable Entry timeout;
    private boolean begun;
    private boolean finished;
    /** In the engine's wait: the next turn begins behind it. */
    private boolean inWait;

    private long idleTurns;
    private long lastProgress;

    SimLoop(Host host, Loop loop) {
        this.world = host.world;
        this.host = host;
        this.kernel = host.kernel();
        this.loop = loop;
        world.add(this);
        next();
    }

    private void next() {
        if (finished) {
            return;
        }
        world.turnIn(turnNanos(), this::step);
    }

    private long turnNanos() {
        return world.strikes(Faults.Kind.PAUSE)
                ? world.dice().between(PAUSE_LEAST_NANOS, PAUSE_MOST_NANOS)
                : world.dice().between(TURN_LEAST_NANOS, TURN_MOST_NANOS);
    }

    private void unparked() {
        cancelTimeout();
        next();
    }

    private void cancelTimeout() {
        if (timeout != null) {
            timeout.cancel();
            timeout = null;
        }
    }

    private void step() {
        if (finished) {
            return;
        }
        Host before = world.standOn(host);
        try {
            turn();
        } catch (Throwable e) {
            world.fail("a loop of " + host.name() + " ended: " + e, e);
        } finally {
            world.standOn(before);
        }
    }

    private void turn() {
        if (!begun) {
            begun = true;
            host.making = this;
            loop.begin();
        }
        if (!inWait && loop.isOver()) {
            world.checks().loopEnded(host, loop);
            finished = true;
            loop.finish();
            return;
        }
        world.checks().look(host);
        long wait = inWait ? 0 : loop.beforeWait();
        inWait = false;
        poll(wait);
        if (parking.isParked()) {
            inWait = true;
            if (parking.waitNanos() > 0) {
                timeout = world.in(parking.waitNanos(), parking::unpark);
            }
            world.checks().look(host);
            return;
        }
        loop.afterWait();
        countIdle();
        next();
    }

    private void poll(long wait) {
        try {
            loop.engine().poll(wait);
        } catch (Parking.Waits e) {
            if (!parking.isParked()) {
                throw e;
            }
        }
    }

    /** Its process is gone: it never turns again, and nothing of it is closed. */
    void die(SimKernel process) {
        if (kernel == process) {
            cancelTimeout();
            release();
        }
    }

    /** Releases what the loop still holds where nobody else does: its world has failed, or its host crashed. */
    void release() {
        boolean holds = begun && !finished;
        finished = true;
        if (holds) {
            loop.finish();
        }
    }

    private void countIdle() {
        if (lastProgress != world.progress()) {
            lastProgress = world.progress();
            idleTurns = 0;
        } else if (++idleTurns > IDLE_TURNS_MOST) {
            world.fail(
                    "no progress: a loop of " + host.name() + " turned " + idleTurns + " times and nothing moved",
                    null);
        }
    }
}
