package dev.sluice.threading;

import dev.sluice.Connection.Timer;
import org.jspecify.annotations.Nullable;

/**
 * A session's timers, in a list by which they are all cancelled when its connection ends.
 *
 * <p>A layer of a {@link SocketConnection}.
 */
abstract class SessionTimers extends SessionTasks {
    private @Nullable SessionTimer first;

    SessionTimers(Domain domain) {
        super(domain);
    }

    /** Starts a timer; where the connection is over, one that never runs. */
    public final Timer after(long delayNanos, Runnable task) {
        SessionTimer timer = new SessionTimer(task, 0);
        timer.start(delayNanos);
        return timer;
    }

    /** Starts a timer that goes on. */
    public final Timer every(long periodNanos, Runnable task) {
        if (periodNanos <= 0) {
            throw new IllegalArgumentException("a period of " + periodNanos + " ns: it must be longer than nothing");
        }
        SessionTimer timer = new SessionTimer(task, periodNanos);
        timer.start(periodNanos);
        return timer;
    }

    /** A timer to be started. */
    public final Timer timer(Runnable task) {
        return new SessionTimer(task, 0);
    }

    final void cancelTimers() {
        for (SessionTimer t = first; t != null; t = first) {
            t.cancel();
        }
    }

    /** Takes the timers out of the domain, until {@link #resumeTimers}. */
    final void suspendTimers() {
        for (SessionTimer t = first; t != null; t = t.behind) {
            domain.cancel(t);
        }
    }

    /** Gives the timers to a loop, in the order in which they were started. */
    final void resumeTimers(Loop loop) {
        SessionTimer last = first;
        while (last != null && last.behind != null) {
            last = last.behind;
        }
        for (SessionTimer t = last; t != null; t = t.before) {
            loop.startAt(t, t.deadlineNanos);
        }
    }

    private final class SessionTimer extends TimerWheel.Entry implements Timer {
        private final Runnable task;
        private final long periodNanos;
        private @Nullable SessionTimer before;
        private @Nullable SessionTimer behind;
        private boolean linked;

        /**
         * A timer that is not started.
         *
         * @param periodNanos from run to run, 0 for a single one
         */
        SessionTimer(Runnable task, long periodNanos) {
            this.task = task;
            this.periodNanos = periodNanos;
        }

        @Override
        public void start(long delayNanos) {
            if (isOver()) {
                return;
            }
            if (linked) {
                domain.cancel(this);
            } else {
                link();
            }
            domain.start(this, delayNanos);
        }

        private void link() {
            behind = first;
            if (behind != null) {
                behind.before = this;
            }
            before = null;
            first = this;
            linked = true;
        }

        private void unlink() {
            linked = false;
            if (before == null) {
                first = behind;
            } else {
                before.behind = behind;
            }
            if (behind != null) {
                behind.before = before;
            }
        }

        @Override
        public void cancel() {
            if (linked) {
                unlink();
                domain.cancel(this);
            }
        }

        @Override
        protected void run() {
            if (!linked) {
                return;
            }
            if (periodNanos == 0) {
                unlink();
            } else { // before the task, which may cancel it
                domain.startAt(this, nextTime());
            }
            runTask(task);
        }

        /** Of the times at which it is due, the first that is not past. */
        private long nextTime() {
            long late = domain.nanoTime() - deadlineNanos;
            return deadlineNanos + (late / periodNanos + 1) * periodNanos;
        }
    }
}
