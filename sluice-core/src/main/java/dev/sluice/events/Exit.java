package dev.sluice.events;

/**
 * How a process ended.
 *
 * @param code what it exited with, 0 to 255; -1 where a signal ended it
 * @param signal the number of the signal that ended it, or 0
 */
public record Exit(int code, int signal) {
    public boolean isKilled() {
        return signal != 0;
    }

    /** As in {@code exited with code 1} or {@code killed by signal 9}. */
    @Override
    public String toString() {
        return isKilled() ? "killed by signal " + signal : "exited with code " + code;
    }
}
