package dev.sluice.engine;

/**
 * Counts of one engine's work. Written by the engine's thread only; another thread may read a slightly older value.
 */
public final class EngineCounters {
    /** All system calls that the engine made. */
    public long systemCalls;

    public long waits;
    public long readyEvents;
    public long accepts;
    public long acceptFailures;
    public long receives;
    public long receivedBytes;
    public long sends;
    public long sentBytes;
    /** Descriptors that the model can't hold (select beyond FD_SETSIZE). */
    public long refused;
    /** ENOBUFS of provided buffers: the receive was armed again, nothing was lost. */
    public long bufferExhaustions;
    /** Completion-queue overflows that were recovered. */
    public long completionOverflows;
}
