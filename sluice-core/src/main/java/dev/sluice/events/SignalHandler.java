package dev.sluice.events;

/** Told of a signal. */
@FunctionalInterface
public interface SignalHandler {
    /**
     * The signal came.
     *
     * @param count how often since the last call; the kernel keeps one pending, so more may have been sent
     */
    void signalled(int count) throws Exception;
}
