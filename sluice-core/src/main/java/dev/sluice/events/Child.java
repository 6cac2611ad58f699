package dev.sluice.events;

import java.nio.ByteBuffer;

/**
 * A child process. It is always waited for, so that no zombie is left; it ends with its domain's events at the latest, by
 * SIGKILL. Used inside of its domain.
 */
public interface Child extends Source {
    /** Its process id, which may be another's once {@link ChildHandler#exited} was told. */
    int pid();

    /**
     * Queues bytes for its standard input; copies them before it returns and never blocks.
     *
     * @return false when {@link dev.sluice.Options#highWaterBytes} are queued: write no more until {@link
     *     ChildHandler#inputDrained}; also where it reads no more, and the bytes are lost
     * @throws IllegalStateException where {@link dev.sluice.Options#outputLimitBytes} would be queued
     */
    boolean write(ByteBuffer bytes);

    /** Ends its standard input after what is queued. */
    void endInput();

    /** Reads neither of its outputs until {@link #resumeOutput}: once the pipes are full, the child waits. */
    void pauseOutput();

    /** Reads its outputs again. */
    void resumeOutput();

    /** Asks it to end (SIGTERM); {@link ChildHandler#exited} follows if it does. Does nothing once it has ended. */
    void terminate();

    /** Ends it (SIGKILL); {@link ChildHandler#exited} follows. Does nothing once it has ended. */
    void kill();

    /** Ends it (SIGKILL), closes its pipes and tells nothing more. */
    @Override
    void close();
}
