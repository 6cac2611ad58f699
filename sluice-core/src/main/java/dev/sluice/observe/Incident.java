package dev.sluice.observe;

import java.util.Locale;

/**
 * Things that happen seldom and that somebody should know of; each is counted for the whole process, and has a Flight Recorder
 * event. Safe for use from any thread.
 */
public enum Incident {
    /** A handler, callback or task held its loop for longer than the watchdog allows. */
    LOOP_BLOCKED,
    /** A handler took longer than {@link Incidents#SLOW_NANOS}, wherever it ran. */
    SLOW_HANDLER,
    /** {@code --workers auto} moved a class of requests off the loop. */
    MOVED_TO_WORKERS,
    /** {@code --workers auto} moved a class of requests back to the loop. */
    MOVED_TO_LOOP,
    /** A peer took none of its output for too long. */
    WRITE_STALL,
    /** A peer sent nothing for too long, or a request too slowly. */
    RECEIVE_STALL,
    /** A newcomer or a request was turned away for want of descriptors, threads or room. */
    SHED,
    /** A ring ran out of provided buffers. */
    BUFFERS_EXHAUSTED,
    /** A model runs with less than it could, since the kernel or the JVM lacks something. */
    FALL_BACK;

    /** How often it happened in this process. */
    public long count() {
        return Incidents.count(this);
    }

    /** Its name in metrics, as in {@code loop_blocked}. */
    public String label() {
        return name().toLowerCase(Locale.ROOT);
    }
}
