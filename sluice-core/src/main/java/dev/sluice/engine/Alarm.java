package dev.sluice.engine;

/** Runs something short after a while, on a thread of its own that does nothing else. Safe for use from any thread. */
@FunctionalInterface
public interface Alarm {
    /** Runs the task once after the delay, unless the alarm is over by then. */
    void after(long delayNanos, Runnable task);
}
