package dev.sluice.engine;

/**
 * A descriptor of somebody else's (a pipe, a pidfd, a datagram socket …) that an engine, or the {@link SharedWatcher}, looks
 * at: its owner is told when it is ready, and makes the calls on it. The same on every engine: level-triggered, and told once
 * for each {@link #arm}, so that an owner that asks for nothing costs nothing.
 *
 * <p>An engine holds one watch for a descriptor. Used by the engine's thread only.
 */
public interface Watch extends AutoCloseable {
    /** Whom a watch tells, always from the engine's poll, never from {@link #arm}. */
    @FunctionalInterface
    interface Ready {
        /**
         * The descriptor is ready, perhaps spuriously; nothing more is told until the watch is armed again.
         *
         * @param events of {@link Poller#IN}, {@link Poller#OUT} and {@link Poller#HUP} those that are true; or a negative
         *     errno where the engine can't watch this descriptor
         */
        void ready(int events);
    }

    /**
     * Asks to be told once, from the next poll on.
     *
     * @param interest {@link Poller#IN}, {@link Poller#OUT}, both, or 0 for neither; takes the place of what was asked before
     */
    void arm(int interest);

    /** Nothing is told any more. The descriptor stays open; its owner may close it right after. Closing twice does nothing. */
    @Override
    void close();
}
