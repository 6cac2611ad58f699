package dev.sluice.threading;

import dev.sluice.EventLog;
import dev.sluice.observe.Incidents;
import dev.sluice.os.CallState;
import java.lang.System.Logger.Level;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * Finds callbacks, handlers and tasks that hold their loop: one thread a process, which lives as long as there are loops to
 * watch. A loop counts what it begins and ends ({@link Pulse}) and looks at no clock for it; whoever finds the same
 * count in the middle of something, time after time, knows that it has been there since the first of these looks.
 *
 * <p>It names the connection and what that was doing, with the loop's stack at that moment, at most once a minute for each
 * culprit, and says nothing under a debugger, or where this thread itself did not get its time (a process that was suspended,
 * a collection, a crowded machine).
 */
final class Watchdog implements Runnable {
    private static final int LOOKS_A_THRESHOLD = 4;
    private static final long LEAST_LOOK_NANOS = TimeUnit.MILLISECONDS.toNanos(1);
    private static final long LATE_NANOS = TimeUnit.MILLISECONDS.toNanos(10);
    private static final int CULPRITS_KEPT = 64;
    private static final int FRAMES = 24;

    private static @Nullable Watchdog instance;

    private final List<Guard> guards = new ArrayList<>();
    private final CallState state = new CallState();
    private final Map<String, EventLog.Seldom> seldom = new LinkedHashMap<>(CULPRITS_KEPT, 0.75f, true) {
        @Override
        protected boolean removeEldestEntry(Map.Entry<String, EventLog.Seldom> eldest) {
            return size() > CULPRITS_KEPT;
        }
    };
    private final Thread thread =
            Thread.ofPlatform().daemon().name("sluice-watchdog").unstarted(this);
    private @Nullable Boolean debugged;
    private boolean over;

    private Watchdog() {}

    /** Watches a loop from now on, with the threshold of its options; from any thread but the loop's. */
    static void watch(Loop loop) {
        long threshold = loop.options().watchdog().toNanos();
        if (threshold == 0) {
            return;
        }
        synchronized (Watchdog.class) {
            Watchdog dog = instance;
            if (dog == null) {
                dog = new Watchdog();
                instance = dog;
                dog.thread.start();
            }
            dog.add(new Guard(dog, loop, threshold));
            LockSupport.unpark(dog.thread); // it may have found nothing to watch, or only what needs fewer looks
        }
    }

    /** The loop ends, and is not looked at any more when this returns; the last one takes the watchdog's thread along. */
    static void withdraw(Loop loop) {
        Thread ending = null;
        synchronized (Watchdog.class) {
            Watchdog dog = instance;
            if (dog != null && dog.remove(loop)) {
                instance = null;
                ending = dog.thread;
            }
        }
        if (ending != null) {
            LockSupport.unpark(ending);
            boolean interrupted = false;
            while (ending.isAlive()) {
                try {
                    ending.join();
                } catch (InterruptedException e) {
                    interrupted = true;
                }
            }
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    private synchronized void add(Guard guard) {
        guards.add(guard);
    }

    /** Whether it was the last. */
    private synchronized boolean remove(Loop loop) {
        long now = System.nanoTime();
        guards.stream().filter(guard -> guard.loop == loop).forEach(guard -> guard.forget(now));
        over = guards.removeIf(guard -> guard.loop == loop) && guards.isEmpty();
        return over;
    }

    @Override
    public void run() {
        long before = System.nanoTime();
        long pause = LEAST_LOOK_NANOS;
        while (true) {
            LockSupport.parkNanos(this, pause);
            long now = System.nanoTime();
            boolean late = now - before > 2 * pause + LATE_NANOS;
            before = now;
            synchronized (this) { // the memory of a loop that is looked at stays
                if (over) {
                    return;
                }
                pause = Long.MAX_VALUE;
                for (Guard guard : guards) {
                    pause = Math.min(pause, guard.thresholdNanos / LOOKS_A_THRESHOLD);
                    if (late) {
                        guard.forget(now);
                    } else {
                        guard.look(now);
                    }
                }
                pause = Math.max(pause, LEAST_LOOK_NANOS);
            }
        }
    }

    /** Asked when something was found, so that a start never pays for it. */
    private boolean isDebugged() {
        if (debugged == null) {
            debugged = ManagementFactory.getRuntimeMXBean().getInputArguments().stream()
                    .anyMatch(argument -> argument.contains("jdwp"));
        }
        return debugged;
    }

    /** What is known of one loop. */
    private static final class Guard {
        private final Watchdog dog;
        private final Loop loop;
        private final long thresholdNanos;
        private long pulse;
        /** When the pulse was seen first. */
        private long sinceNanos;
        /** What was told of what holds the loop now, or null. */
        private @Nullable Finding told;

        Guard(Watchdog dog, Loop loop, long thresholdNanos) {
            this.dog = dog;
            this.loop = loop;
            this.thresholdNanos = thresholdNanos;
            this.sinceNanos = System.nanoTime();
        }

        void look(long now) {
            long seen = loop.pulse.count();
            if (seen != pulse || !Pulse.isAtWork(seen)) {
                forget(now);
                pulse = seen;
            } else if (told != null) {
                loop.pulse.blockedSince(sinceNanos, now);
            } else if (now - sinceNanos >= thresholdNanos) {
                tell(now);
            }
        }

        /** Begins anew: the loop went on, or nobody can tell. */
        void forget(long now) {
            Finding had = told;
            if (had != null) {
                told = null;
                loop.pulse.blockedSince(sinceNanos, now);
                loop.pulse.blockEnded();
                Incidents.loopBlocked(loop.name(), had.remote, had.activity, now - sinceNanos, true, had.stack);
            }
            sinceNanos = now;
        }

        private void tell(long now) {
            Finding found = Finding.of(loop, dog.state);
            if (loop.pulse.count() != pulse || dog.isDebugged()) {
                sinceNanos = now; // it went on meanwhile, so that what was found may be something else's
                return;
            }
            told = found;
            loop.pulse.blockBegan();
            Incidents.loopBlocked(loop.name(), found.remote, found.activity, now - sinceNanos, false, found.stack);
            dog.seldom
                    .computeIfAbsent(found.culprit, key -> new EventLog.Seldom())
                    .log(Level.WARNING, found.text(loop.name(), now - sinceNanos), now);
        }
    }

    /**
     * Who holds a loop.
     *
     * @param remote the peer of the connection whose callback runs, or what else it is
     * @param activity of that connection
     * @param culprit the first frame that is not the JDK's: what is said of it is said seldom
     * @param stack the loop's
     */
    private record Finding(String remote, @Nullable String activity, String culprit, String stack) {
        static Finding of(Loop loop, CallState state) {
            SocketConnection connection = loop.calling();
            Thread holder = connection == null ? loop.thread() : connection.domain.runner(loop.thread());
            StackTraceElement[] frames = holder == null ? new StackTraceElement[0] : holder.getStackTrace();
            StringBuilder stack = new StringBuilder();
            String culprit = "";
            for (int i = 0; i < frames.length && i < FRAMES; i++) {
                stack.append("\n    at ").append(frames[i]);
                if (culprit.isEmpty() && !isJdk(frames[i].getClassName())) {
                    culprit = frames[i].toString();
                }
            }
            return connection == null
                    ? new Finding("a task", null, culprit, stack.toString())
                    : new Finding(
                            connection.peerSeenFromOutside(state), connection.activity(), culprit, stack.toString());
        }

        private static boolean isJdk(String className) {
            return className.startsWith("java.") || className.startsWith("jdk.") || className.startsWith("sun.");
        }

        String text(String loop, long nanos) {
            return loop + " has been held for " + TimeUnit.NANOSECONDS.toMillis(nanos) + " ms by " + remote
                    + (activity == null ? "" : " " + activity)
                    + ", and nothing else runs on it meanwhile: take --workers auto, or a model whose handlers may block"
                    + stack;
        }
    }
}
