package dev.sluice.sim;

import dev.sluice.Connection.Timer;
import java.util.LinkedHashSet;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.BiFunction;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** The timers and tasks of a watched session: each runs once, in its time, unless it was cancelled or the connection closed. */
final class WatchedTimers {
    private static final long LATE_NANOS = TimeUnit.SECONDS.toNanos(5);

    private final Watch watch;
    private final Set<Watched> started = new LinkedHashSet<>();
    private int tasks;

    WatchedTimers(Watch watch) {
        this.watch = watch;
    }

    /** A timer of the session's: the task as it is to be run in its place. */
    private final class Watched implements Timer, Runnable {
        private final Runnable task;
        /** 0 for a single run. */
        private final long period;

        private long dueAt;
        private @Nullable Timer real;

        Watched(Runnable task, long period) {
            this.task = task;
            this.period = period;
        }

        void begin(long delayNanos) {
            long now = watch.world().now();
            long delay = Math.max(0, delayNanos);
            dueAt = delay > Long.MAX_VALUE - now ? Long.MAX_VALUE : now + delay;
            started.add(this);
        }

        @Override
        public void run() {
            long now = watch.world().now();
            if (!started.contains(this)) {
                watch.violated("a timer runs that was cancelled or has run");
            }
            if (now < dueAt) {
                watch.violated("a timer runs " + (dueAt - now) + " ns early");
            }
            if (period > 0) {
                dueAt += ((now - dueAt) / period + 1) * period;
            } else {
                started.remove(this);
            }
            call("timer", task);
        }

        @Override
        public void start(long delayNanos) {
            begin(delayNanos);
            Objects.requireNonNull(real).start(delayNanos);
        }

        @Override
        public void cancel() {
            started.remove(this);
            if (real != null) {
                real.cancel();
            }
        }
    }

    Timer after(long delayNanos, Runnable task, BiFunction<Long, Runnable, Timer> real) {
        Watched timer = new Watched(task, 0);
        timer.begin(delayNanos);
        timer.real = real.apply(delayNanos, timer);
        return timer;
    }

    Timer every(long periodNanos, Runnable task, BiFunction<Long, Runnable, Timer> real) {
        Watched timer = new Watched(task, periodNanos);
        timer.real = real.apply(periodNanos, timer);
        timer.begin(periodNanos);
        return timer;
    }

    Timer timer(Runnable task, Function<Runnable, Timer> real) {
        Watched timer = new Watched(task, 0);
        timer.real = real.apply(timer);
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
        for (Watched timer : started) {
            if (watch.world().now() - LATE_NANOS > timer.dueAt) {
                watch.violated("a timer that was due at " + Story.seconds(timer.dueAt - World.BEGIN_NANOS)
                        + " s is forgotten");
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
