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
        SessionTimer timer = new SessionTimer(task);
        if (!isOver()) {
            timer.link();
            domain.start(timer, delayNanos);
        }
        return timer;
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

    private final class SessionTimer extends TimerHeap.Entry implements Timer {
        private final Runnable task;
        private @Nullable SessionTimer before;
        private @Nullable SessionTimer behind;
        private boolean linked;

        SessionTimer(Runnable task) {
            this.task = task;
        }

        void link() {
            behind = first;
            if (behind != null) {
                behind.before = this;
            }
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
            if (linked) {
                unlink();
                runTask(task);
            }
        }
    }
}
