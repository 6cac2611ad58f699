package dev.sluice.kv;

import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * Where the effects of commands go before they are answered. One thread at a time uses it, in the store's own order.
 *
 * <p>A record is the effect of one command or transaction: it is there as a whole after a crash, or not at all. What it holds is
 * the store's business: canonical commands, which do the same whenever they are replayed.
 */
public interface Journal {
    /**
     * Appends a record; copies it before it returns. Not where {@link #refusal} says why.
     *
     * @param effects read from position to limit
     * @return its number, counted from 1: its reply, and each later one of that connection, waits until {@link #durable} has
     *     come so far
     */
    long append(ByteBuffer effects);

    /** The number of the last record that is as durable as was asked for, with all before it. */
    long durable();

    /** Is told, in the store's own order, each time that {@link #durable} or {@link #failure} has changed. */
    void onProgress(Runnable listener);

    /** Why nothing can be appended any more: the {@link #failure}, or that it was closed; null while all is well. */
    @Nullable
    String refusal();

    /**
     * What has failed, as in {@code sync of log-000003: Input/output error}; null while all is well. A record that was not durable
     * by then never is; one that was appended before a close still becomes so.
     */
    @Nullable
    String failure();
}
