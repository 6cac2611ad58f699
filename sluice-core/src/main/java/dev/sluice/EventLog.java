package dev.sluice;

import java.lang.System.Logger.Level;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * The runtime's log. What a loop says goes through a bounded queue to a thread of its own, so that a loop never takes a lock
 * that a logger holds: with virtual threads on the loop, both would stop for good. A full queue drops lines and counts them.
 */
public final class EventLog {
    private static final LogWriter WRITER = new LogWriter(
            System.getLogger("dev.sluice"),
            body -> Thread.ofPlatform().daemon().name("sluice-log").start(body));

    /** Takes lines in the log's place. */
    @FunctionalInterface
    public interface Diversion {
        void log(Level level, String text, @Nullable Throwable error);
    }

    private static final ThreadLocal<@Nullable Diversion> DIVERSION = new ThreadLocal<>();

    private EventLog() {}

    /** What the calling thread logs from now on goes there, for a simulated world; null ends that. */
    public static void divert(@Nullable Diversion diversion) {
        if (diversion == null) {
            DIVERSION.remove();
        } else {
            DIVERSION.set(diversion);
        }
    }

    /** Logs without blocking; from any thread. */
    public static void log(Level level, String text, @Nullable Throwable error) {
        Diversion diversion = DIVERSION.get();
        if (diversion != null) {
            diversion.log(level, text, error);
        } else {
            WRITER.log(level, text, error);
        }
    }

    /** Says a thing at most once a minute, with the times it was left unsaid. For one thread. */
    public static final class Seldom {
        private static final long PERIOD_NANOS = TimeUnit.MINUTES.toNanos(1);

        private long lastNanos;
        private boolean said;
        private long unsaid;

        public void log(Level level, String text, long nowNanos) {
            if (said && nowNanos - lastNanos < PERIOD_NANOS) {
                unsaid++;
                return;
            }
            EventLog.log(
                    level, unsaid == 0 ? text : text + " (and " + unsaid + " times more since the last line)", null);
            said = true;
            lastNanos = nowNanos;
            unsaid = 0;
        }
    }
}
