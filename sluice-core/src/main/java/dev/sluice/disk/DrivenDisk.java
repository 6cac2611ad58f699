package dev.sluice.disk;

/**
 * A disk that its owner drives: results are told by {@link #poll}, on the thread that calls it, which is also the one that starts
 * operations. No other thread takes part where the engine needs none, so this is the way with the fewest steps.
 */
public interface DrivenDisk extends Disk {
    /**
     * Submits what was started, waits until there is a result, the time is over or {@link #wake} is called, and tells the results
     * that are there. Not from inside of a {@code done}.
     *
     * @param timeoutNanos 0 returns at once, negative waits without a bound
     * @return how many results were told
     */
    int poll(long timeoutNanos);

    /** Ends the poll that is under way, or the next one. From any thread. */
    void wake();

    /** How often the kernel was called so far to submit and to wait; 0 where the engine does neither. */
    default long waits() {
        return 0;
    }
}
