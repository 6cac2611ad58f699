package dev.sluice.engine;

/**
 * The lock through which threads take turns in one serialization domain, as {@link BlockingEngine} sees it. Its engine is
 * used by whoever is inside.
 */
public interface Turnstile {
    /** Waits until no other thread is inside. */
    void enter();

    /**
     * Inside: runs what is queued for the domain, and has the engine tell its results, until nothing is left.
     *
     * @return false where something is left because it was too much for one turn
     */
    boolean settle();

    /** Goes out again; what other threads queued meanwhile is run before it returns, or soon by another thread. */
    void leave();

    /**
     * Starts a thread.
     *
     * @throws OutOfMemoryError where the system has no thread left
     */
    void launch(String name, Runnable body);

    /** Whether a connection's thread is to offer its core to others before it receives; from any thread. */
    boolean givesWay();

    /** A thread that waits for a handle failed with an error of ours; its handle is closed. Inside. */
    void broken(Throwable error);
}
