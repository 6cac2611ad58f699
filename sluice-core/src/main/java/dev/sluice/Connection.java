package dev.sluice;

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
     * Queues a task in the session's serialization domain; from any thread.
     *
     * @return false when the connection's task queue is full or the connection is closed. A task accepted before the
     *     close and not yet run by then is dropped.
     */
    boolean execute(Runnable task);

    /** Runs a task after a delay, in the session's serialization domain; dropped when the connection closes. */
    Timer after(long delayNanos, Runnable task);

    /** Bytes that were written and that the kernel has not taken yet. */
    long queuedBytes();

    /**
     * Bytes that were written and that are certain not to have reached the peer, should the connection be aborted now: no send of
     * them has been started. All of what was written in this callback, or nothing where a send is under way.
     */
    default long unsentBytes() {
        return 0;
    }

    /**
     * The peer's address; an unnamed {@code UnixDomainSocketAddress} for an unbound Unix-domain peer. Where the peer had reset
     * the connection before this was first asked, the kernel no longer tells, and it is {@code 0.0.0.0:0}.
     */
    SocketAddress remoteAddress();

    /** This side's address. */
    SocketAddress localAddress();

    /** Monotonic time in nanoseconds, as of this turn of the loop. */
    long nanoTime();

    /**
     * How long this turn of the loop has gone on, by a fresh look at the clock: so long others may have waited for its end. 0
     * where they needn't: on {@code threads}, and on virtual threads that the JDK schedules.
     */
    default long turnNanos() {
        return 0;
    }

    /** Wall-clock time in milliseconds since the epoch, as of this turn of the loop. */
    long currentTimeMillis();

    /** The connection's source of randomness; not for secrets. */
    RandomGenerator random();

    /** The file system as this connection sees it. */
    Files files();

    /** A timer that can be cancelled, from the same serialization domain. */
    interface Timer {
        /** Cancels; does nothing where the task has run or was cancelled. */
        void cancel();
    }
}
