package dev.sluice.engine;

import org.jspecify.annotations.Nullable;

/** What one send uses until its completion; lent to a handle for so long. */
final class UringSend {
    /** What is being sent: kept for an interrupted send. */
    @Nullable
    Chunk chain;
    /** A message header with its vectors, or 0. */
    long message;
    /** What is to be sent of a file once there is room; null where it is read, and sent from memory. */
    @Nullable
    FilePart file;
    /** Where it was read to, or 0; with the bytes of it that are to be sent. */
    long part;

    int partBytes;
    /** A zero-copy send has its result, but the kernel still reads its memory. */
    boolean memoryInUse;
    /** That result. */
    int sentBytes;
    /** Of those that are free. */
    @Nullable
    UringSend next;
}
