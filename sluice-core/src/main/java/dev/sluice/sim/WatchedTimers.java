package dev.sluice.sim;

import dev.sluice.Connection.Timer;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.BiFunction;

/** The timers and tasks of a watched session: each runs once, in its time, unless it was cancelled or the connection closed. */
final class WatchedTimers {
    private static final long LATE_NANOS = TimeUnit.SECONDS.toNanos(5);

    private final Watch watch;
    private final List<Watched> started = new ArrayList<>();
    private int tasks;

    WatchedTimers(Watch watch) {
        this.watch = watch;
    }

    /** A timer of the session's: the task as it is to be run in its place. */
    private final class Watched implements Timer, Runnable {
        private final long startedAt = watch.world().now();
        private final long delay;
        private final Runnable task;
        private boolean over;
        private Timer real = () -> {};

        Watched(long delay, Runnable task) {
            this.delay = delay;
            this.task = task;
        }

        long dueAt() {
            return delay > Long.MAX_VALUE - startedAt ? Long.MAX_VALUE : startedAt + delay;
        }

        @Override
        public void run() {
            if (over) {
                watch.violated("a timer runs that was cancelled or has run");
            }
            over = true;
            started.remove(this);
            if (watch.world().now() < dueAt()) {
                watch.violated("a timer runs " + (dueAt() - watch.world().now()) + " ns early");
            }
            call("timer", task);
        }

        @Override
        public void cancel() {
            over = true;
            started.remove(this);
            real.cancel();
        }
    }

    Timer after(long delayNanos, Runnable task, BiFunction<Long, Runnable, Timer> real) {
        Watched timer = new Watched(Math.max(0, delayNanos), task);
        started.add(timer);
        timer.real = real.apply(delayNanos, timer);
        return timer;
    }

    /** A task for {@code execute}. */
    Runnable task(Runnable task) {
        return () -> {
            tasks--;
            call("task", task);
        };
    }

    void queued() {
        tasks++;
    }

    private void call(String what, Runnable task) {
        watch.task(what);
        try {
            task.run();
        } catch (RuntimeException | Error e) {
            watch.threw(e);
            throw e;
        } finally {
            watch.end();
        }
    }

    void clear() {
        started.clear();
        tasks = 0;
    }

    void look() {
        for (int i = 0; i < started.size(); i++) {
            if (watch.world().now() - LATE_NANOS > started.get(i).dueAt()) {
                watch.violated("a timer that was due at "
                        + Story.seconds(started.get(i).dueAt() - World.BEGIN_NANOS) + " s is forgotten");
            }
        }
    }

    /** Nothing is left to happen. */
    void settled() {
        if (!started.isEmpty()) {
            watch.violated(started.size() + " timers are forgotten");
        }
        if (tasks > 0) {
            watch.violated(tasks + " tasks are forgotten");
        }
    }
}
