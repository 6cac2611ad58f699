package dev.sluice.engine;

/** A descriptor that becomes readable when it is asked to; by which a loop is woken that waits for descriptors. */
public interface WakeSignal extends AutoCloseable {
    /** What the loop waits on. */
    int descriptor();

    /** Makes the descriptor readable. From any thread. */
    void wake();

    @Override
    void close();
}
