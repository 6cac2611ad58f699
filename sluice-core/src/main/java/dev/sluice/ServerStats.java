package dev.sluice;

import dev.sluice.engine.ChunkPool;

/**
 * A server's counts at one moment; each a little older or newer than the others.
 *
 * @param accepted connections accepted
 * @param open connections open now
 * @param closed connections closed
 * @param failures sessions that threw
 * @param refused connections that the model can't hold
 * @param shed newcomers closed for want of descriptors
 * @param acceptPauses times that accepting paused for want of descriptors
 * @param lentBuffers chunks out of the pools now
 * @param loopThreads threads that the runtime keeps now for loops, connections and timers
 * @param systemCalls system calls made by the engines, where they count them
 * @param receivedBytes bytes received
 * @param sentBytes bytes sent
 * @param bufferExhaustions times that a ring ran out of provided buffers and was armed again
 * @param completionOverflows times that a completion queue overflowed and was recovered
 * @param moved times that a connection moved from one loop to another
 */
public record ServerStats(
        long accepted,
        long open,
        long closed,
        long failures,
        long refused,
        long shed,
        long acceptPauses,
        long lentBuffers,
        long loopThreads,
        long systemCalls,
        long receivedBytes,
        long sentBytes,
        long bufferExhaustions,
        long completionOverflows,
        long moved) {
    /** What each of the {@link #lentBuffers} holds. */
    public static final int BUFFER_BYTES = ChunkPool.CHUNK_BYTES;
}
