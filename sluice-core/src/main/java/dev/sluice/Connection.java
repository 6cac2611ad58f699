package dev.sluice;

import dev.sluice.events.Events;
import java.net.SocketAddress;
import java.nio.ByteBuffer;
import java.util.random.RandomGenerator;

/**
 * A session's end of a connection, and its only way to the world.
 *
 * <p>Every method except {@link #execute} is called from the session's own callbacks, tasks and timers only. After
 * {@link Session#closed} all of them do nothing.
 */
public interface Connection {
    /**
     * Queues bytes to be sent; copies them before it returns and never blocks. Several writes of one callback leave in
     * as few system calls as the model allows.
     *
     * @param bytes read from position to limit; the caller keeps the buffer
     * @return false when queued output now stands above the high-water mark: write no more until {@link
     *     Session#drained}. At the hard limit the connection closes with {@link Cause.Kind#OUTPUT_LIMIT}.
     */
    boolean write(ByteBuffer bytes);

    /** As {@link #write(ByteBuffer)}, for {@code length} bytes of an array from {@code offset} on. */
    boolean write(byte[] bytes, int offset, int length);

    /**
     * Queues a part of a file, without copying it through user memory where the model can. Retains the region's file
     * until its bytes are sent or the connection closes. The region counts as little queued output; {@link
     * Session#drained} follows when it is sent.
     *
     * @return always false where the region is not empty: wait for {@link Session#drained}
     */
    boolean transfer(FileRegion region);

    /** Ends this side after queued output (half-close, {@code shutdown(SHUT_WR)}). Reading goes on. */
    void end();

    /**
     * Sends queued output, ends this side, discards what the peer still sends for a short time (so that no reset eats
     * the output: RFC 9112 section 9.6), and closes.
     */
    void close();

    /** Closes at once; queued output is lost and the peer sees a reset. */
    void abort();

    /** Stops offering input, and soon receiving, until {@link #resumeReading}. */
    void pauseReading();

    /** Offers kept input again in the next turn, though nothing new arrived, and receives again. */
    void resumeReading();

    /**
     * Has what arrives stay in the kernel, where the model can: the session is offered it by {@link Session#receivedInKernel} rather than
     * {@link Session#received}, to be passed on by another connection's {@link #transfer} (splice(2)). For much of which the session
     * looks at nothing; for little it costs more than a copy. Nothing may have been left unread.
     *
     * @param on false: no longer
     * @return whether it does from now on
     */
    default boolean receiveInKernel(boolean on) {
        return false;
    }

    /**
     * From now on input is offered, and received, also while queued output stands above the high-water mark. For a
     * session that doesn't answer what it reads, such as either side of a relay: where a peer writes back before it
     * reads on, that output would wait for the peer, and the peer for its input to be read. Such a session bounds what
     * it reads by {@link #pauseReading} itself.
     */
    void readIndependently();

    /**
     * Closes the connection with {@link Cause.Kind#TIMEOUT} when nothing was received or sent for so long, from now on;
     * takes the place of {@link Options#idleTimeout}. Where output is queued, it is lost, and the peer sees a reset. Costs
     * nothing while bytes come and go.
     *
     * @param nanos 0: never
     */
    void idleTimeout(long nanos);

    /**
     * Puts the connection into a class; it is {@link Priority#NORMAL} until then. Where a loop has connections of another class
     * than that, what they all receive waits for a turn, and turns are shared out by {@link Priority#weight}, the highest class
     * first; before each the loop looks again who has come, at the latest after a fifth of a millisecond. Tasks and timers keep their
     * order, whatever the class. On models whose connections have threads of their own ({@code threads}, {@code virtual}, {@code
     * prefork}) it changes nothing. Costs nothing where all connections of a loop are normal.
     */
    void priority(Priority priority);

    /**
     * Queues a task in the session's serialization domain; from any thread.
     *
     * @return false when the connection's task queue is full or the connection is closed. A task accepted before the
     *     close and not yet run by then is dropped.
     */
    boolean execute(Runnable task);

    /**
     * Runs a task after a delay, in the session's serialization domain; dropped when the connection closes. Never early. Timers
     * run in the order of their times, and those of the same time in the order in which they were started.
     */
    Timer after(long delayNanos, Runnable task);

    /**
     * Runs a task each time a period is over, until the timer is cancelled or the connection closes. The times are multiples of
     * the period from now on: a run that comes late doesn't move the next, and times that are past by then are left out.
     *
     * @throws IllegalArgumentException where the period is not longer than nothing
     */
    Timer every(long periodNanos, Runnable task);

    /**
     * A timer that is not started: whoever keeps it starts it again and again, which allocates nothing, where {@link #after}
     * makes a new one.
     */
    Timer timer(Runnable task);

    /** Bytes that were written and that the kernel has not taken yet. */
    long queuedBytes();

    /**
     * Bytes that were written and that are certain not to have reached the peer, should the connection be aborted now: no send of
     * them has been started. All of what was written in this callback, or nothing where a send is under way.
     */
    long unsentBytes();

    /**
     * The peer's address; an unnamed {@code UnixDomainSocketAddress} for an unbound Unix-domain peer. Where the peer had reset
     * the connection before this was first asked, the kernel may no longer tell, and it is {@code 0.0.0.0:0}.
     */
    SocketAddress remoteAddress();

    /**
     * From now on the peer counts as having this address: for a session that was told by an intermediary, which it trusts, whom the
     * connection is for.
     */
    void remoteAddress(SocketAddress client);

    /** This side's address. */
    SocketAddress localAddress();

    /** Monotonic time in nanoseconds, as of this turn of the loop. */
    long nanoTime();

    /**
     * How long this turn of the loop has gone on, by a fresh look at the clock: so long others may have waited for its end. 0
     * where they needn't: on {@code threads}, and on virtual threads that the JDK schedules.
     */
    long turnNanos();

    /** Wall-clock time in milliseconds since the epoch, as of this turn of the loop. */
    long currentTimeMillis();

    /** The connection's source of randomness; not for secrets. */
    RandomGenerator random();

    /** The file system as this connection sees it. */
    Files files();

    /**
     * What else this connection's session can be told of in its serialization domain: signals, child processes, files,
     * datagrams, names. Closed when the connection is. A connection that has asked for it stays with its loop.
     */
    Events events();

    /**
     * A timer; used in its connection's serialization domain. Starting and cancelling take constant time, however many there
     * are.
     */
    interface Timer {
        /**
         * Starts it, or starts it anew: it is due after that delay, and no more when it was due before. Does nothing when the
         * connection is closed. One of {@link Connection#every} goes on with its period from there.
         */
        void start(long delayNanos);

        /** Cancels; does nothing where the task has run or was cancelled. It may be started again. */
        void cancel();
    }
}
