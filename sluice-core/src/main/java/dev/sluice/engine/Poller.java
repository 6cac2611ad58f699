package dev.sluice.engine;

/**
 * The kernel's (or a loop's own) way of saying which descriptors are ready: all that one model of the reactor or polling
 * family is. It only translates: what is registered, and what is to be done about readiness, {@link ReadinessEngine}
 * knows. Used by one thread, apart from {@link #wake}. Spurious readiness is allowed; missed readiness is not.
 *
 * <p>Results are 0 or a count, or a negative errno.
 */
public interface Poller extends AutoCloseable {
    /** Readable, or the peer has ended, or an error waits. */
    int IN = 1;
    /** Writable, or a connect has ended. */
    int OUT = 2;
    /** The peer has ended or is gone, or an error waits: read on until an end or an error. Only ever reported. */
    int HUP = 4;
    /** Of several loops that wait on the same socket wake one. Only ever asked for, with {@link #IN}. */
    int EXCLUSIVE = 8;

    /** Whether readiness is told once for each change (edge), rather than as long as it lasts (level). */
    boolean edgeTriggered();

    /** Whether {@link #poll} sleeps when nothing is ready. */
    default boolean sleeps() {
        return true;
    }

    /** Whether it only guesses that all are ready. */
    default boolean guesses() {
        return false;
    }

    /** Whether this descriptor can be watched at all. */
    default boolean holds(int fd) {
        return true;
    }

    int add(int fd, int interest);

    int modify(int fd, int interest);

    int remove(int fd);

    /** The descriptor is closed next. Kernels that forget a closed descriptor by themselves need no call. */
    default int closing(int fd) {
        return remove(fd);
    }

    /**
     * Waits until something is ready, the time is over, or {@link #wake} is called.
     *
     * @param timeoutNanos 0 returns at once, negative waits without a bound
     * @return how many descriptors are ready
     */
    int poll(long timeoutNanos);

    /** The descriptor of a result of the last poll. */
    int readyFd(int index);

    /** {@link #IN}, {@link #OUT} and {@link #HUP} of a result of the last poll. */
    int readyEvents(int index);

    /** Ends the poll that is under way, or the next one. From any thread. */
    void wake();

    /** System calls made so far. */
    long systemCalls();

    @Override
    void close();
}
