package dev.sluice.threading;

import dev.sluice.Connection.Timer;
import org.jspecify.annotations.Nullable;

/** A session's timers, in a list by which they are all cancelled when its connection ends. */
final class SessionTimers {
    private final Lifecycle lifecycle;
    private final Domain domain;
    private @Nullable SessionTimer first;

    SessionTimers(Lifecycle lifecycle, Domain domain) {
        this.lifecycle = lifecycle;
        this.domain = domain;
    }

    /** Starts a timer; where the connection is over, one that never runs. */
    Timer start(long delayNanos, Runnable task) {
        SessionTimer timer = new SessionTimer(task);
        if (!lifecycle.isOver()) {
            timer.link();
            domain.start(timer, delayNanos);
        }
        return timer;
    }

    void cancelAll() {
        for (SessionTimer t = first; t != null; t = first) {
            t.cancel();
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
                lifecycle.run(task);
            }
        }
    }
}
