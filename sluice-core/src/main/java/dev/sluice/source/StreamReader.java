package dev.sluice.source;

import dev.sluice.engine.Poller;
import dev.sluice.engine.Watch;
import dev.sluice.os.CallState;
import dev.sluice.os.Descriptors;
import dev.sluice.os.Errno;
import dev.sluice.os.Poll;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * Reads a stream from a descriptor, and offers it: a turn's bytes at most in one go, nothing while it is paused, and what was
 * left unread again in front of what comes next.
 */
final class StreamReader {
    /** Told by a reader. */
    interface Listener {
        /** Lends what there is; calls a handler, and contains what that throws. */
        void offered(ByteBuffer bytes);

        /** 0 at the end of the stream, else a negative errno. Nothing follows. */
        void over(int result);
    }

    private final DomainEvents events;
    private final int fd;
    private final boolean mayBlock;
    private final Listener listener;
    private final Watch watch;
    /** What was left unread, from 0 to its position. */
    private @Nullable ByteBuffer kept;

    private boolean paused;
    private boolean closed;

    /**
     * A reader of a descriptor that is its owner's.
     *
     * @param mayBlock whether read(2) waits where nothing is there, so that poll(2) must be asked before
     */
    StreamReader(DomainEvents events, int fd, boolean mayBlock, Listener listener) {
        this.events = events;
        this.fd = fd;
        this.mayBlock = mayBlock;
        this.listener = listener;
        this.watch = events.home().watch(fd, this::ready);
        watch.arm(Poller.IN);
    }

    boolean isClosed() {
        return closed;
    }

    void pause() {
        paused = true;
        if (!closed) {
            watch.arm(0);
        }
    }

    void resume() {
        if (!paused || closed) {
            return;
        }
        paused = false;
        events.home().submit(this::goOn);
    }

    private void goOn() {
        ByteBuffer left = kept;
        if (left != null && !paused && !closed) {
            kept = null;
            offer(left);
        }
        arm();
    }

    private void arm() {
        if (!paused && !closed) {
            watch.arm(Poller.IN);
        }
    }

    private void ready(int found) {
        if (found < 0) {
            end(found);
            return;
        }
        int budget = events.options().turnBytes();
        while (budget > 0 && !paused && !closed) {
            long n = readOnce();
            if (n > 0) {
                budget -= (int) n;
            } else if (n == -Errno.EAGAIN) {
                break;
            } else if (n != -Errno.EINTR) {
                end((int) n);
                return;
            }
        }
        arm();
    }

    /** Reads and offers; the bytes read, or the result of read(2). */
    private long readOnce() {
        CallState state = events.state();
        if (mayBlock && Poll.pollOne(fd, Poll.POLLIN, 0, state) == 0) {
            return -Errno.EAGAIN;
        }
        ByteBuffer buffer = kept == null ? events.lend() : kept;
        kept = null;
        long at = MemorySegment.ofBuffer(buffer).address(); // of its position
        long n = Descriptors.read(fd, at, buffer.remaining(), state);
        if (n > 0) {
            buffer.position(buffer.position() + (int) n);
            offer(buffer);
        } else {
            keep(buffer);
        }
        return n;
    }

    /** Offers a buffer's bytes, from 0 to its position. */
    private void offer(ByteBuffer buffer) {
        buffer.flip();
        listener.offered(buffer);
        keep(buffer.compact());
        if (!buffer.hasRemaining() && kept != null) {
            paused = true; // it is full, and nobody has read of it
        }
    }

    private void keep(ByteBuffer buffer) {
        if (buffer.position() > 0 && !closed) {
            kept = buffer;
        } else {
            events.takeBack(buffer);
        }
    }

    private void end(int result) {
        close();
        listener.over(result);
    }

    /** Reads no more; the descriptor is still open. */
    void close() {
        if (!closed) {
            closed = true;
            kept = null;
            watch.close();
        }
    }
}
