package dev.sluice.source;

import dev.sluice.Connection;
import dev.sluice.Options;
import dev.sluice.disk.Disk;
import dev.sluice.engine.DatagramInput;
import dev.sluice.engine.Watch;
import org.jspecify.annotations.Nullable;

/** The serialization domain that sources of events live in, as they see it. Used inside of it, {@link #submit} apart. */
public interface Home {
    Options options();

    /** Whether it is a world's, which has none of the machine's descriptors. */
    boolean isSimulated();

    /** Watches a descriptor; what is told is told inside the domain. */
    Watch watch(int fd, Watch.Ready ready);

    /** Receives a socket's datagrams, as {@link dev.sluice.engine.Engine#datagrams} does; what is told is told inside the domain. */
    default @Nullable DatagramInput datagrams(int fd, int addressBytes, int maxBytes, int count, Watch.Ready ready) {
        return null;
    }

    /**
     * Opens a disk whose results are told inside the domain, and whose close doesn't wait.
     *
     * @param over runs inside the domain once all of it is closed
     */
    Disk openDisk(Runnable over);

    /** Queues a task to run inside the domain; from any thread. False when the domain is over. */
    boolean submit(Runnable task);

    /** Starts a timer that runs inside the domain. */
    Connection.Timer after(long delayNanos, Runnable task);

    /** A source needs the domain to go on, until as many {@link #sourceEnded}. */
    void sourceBegun();

    void sourceEnded();
}
