package dev.sluice.events;

import dev.sluice.disk.Disk;
import java.time.Duration;

/**
 * The events of one serialization domain: what is opened here tells its handler there, one call at a time, never in the midst
 * of a callback of a session of the same domain. So a handler may call the domain's connections, as they call each other.
 *
 * <p>{@link dev.sluice.Connection#events} are those of the connection's domain, and closed with it. {@link
 * dev.sluice.Server#events} and {@link dev.sluice.Client#events} are those of the first loop, for what belongs to no
 * connection, and closed with the server or client. To close means: descriptors are closed, children are killed and waited
 * for, and no handler is called any more.
 *
 * <p>Every method but {@link #execute} is called inside the domain: from a session's callback, a handler, a task or a timer.
 * Handlers must not block a loop. A handler that throws is logged, and its source is closed. Buffers that a handler is given
 * are lent for the call. A world of model {@code sim} has none of this but {@link #execute} and
 * {@link #disk}, and says so.
 *
 * <p>Opening throws {@link IllegalStateException} where the events are closed, and {@link
 * dev.sluice.os.SysException} where the kernel refuses.
 */
public interface Events {
    /**
     * Queues a task to run inside the domain; from any thread.
     *
     * @return false when {@link dev.sluice.Options#taskLimitCount} of them wait, or the events are closed. A task accepted
     *     before the close and not yet run by then is dropped
     */
    boolean execute(Runnable task);

    /**
     * Tells of a signal that is sent to this process, and takes its default effect away until the last such source of the
     * process is closed. Several may be told of the same signal.
     *
     * @param name without "SIG", as in {@code HUP} or {@code TERM}
     * @throws IllegalArgumentException for a signal that doesn't exist or that the virtual machine keeps for itself (SEGV, QUIT,
     *     KILL …)
     */
    Source onSignal(String name, SignalHandler handler);

    /** Starts other programs. */
    Processes processes();

    /**
     * Reads this process's standard input: a terminal, a pipe, a socket, or a file. One at a time in a process.
     *
     * @throws IllegalStateException where it is being read already
     */
    InputSource standardInput(InputHandler handler);

    /** Tells of changes of files and directories ({@link FileChanges#watch}). On Linux. */
    FileChanges fileChanges(FileHandler handler);

    /** Opens a datagram socket. */
    Datagrams datagrams(DatagramOptions options, DatagramHandler handler);

    /**
     * Looks a host's addresses up, without blocking the domain: by the JDK, and cached as it does. A look-up that takes longer
     * than its deadline fails, though the thread that makes it may hang on; while all eight such threads of the process
     * hang, others wait until their own deadlines.
     *
     * @param deadline from now on
     */
    Source resolve(String host, Duration deadline, NameHandler handler);

    /**
     * The domain's way to files, without blocking it: in the loop's own ring on model {@code io_uring}, elsewhere through an engine
     * that all loops of the process share ({@link dev.sluice.Options#disk}). Results are told inside the domain. The same at each
     * call, and closed with these events. In a world it is the host's simulated disk.
     */
    Disk disk();
}
