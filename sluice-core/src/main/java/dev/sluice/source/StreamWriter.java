package dev.sluice.source;

import dev.sluice.engine.Poller;
import dev.sluice.engine.Watch;
import dev.sluice.os.Descriptors;
import dev.sluice.os.Errno;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import org.jspecify.annotations.Nullable;

/** Writes a stream to a descriptor that doesn't block, and queues what finds no room. Owns the descriptor. */
final class StreamWriter {
    private final DomainEvents events;
    private final int fd;
    private final Runnable drained;
    private final ArrayDeque<ByteBuffer> queue = new ArrayDeque<>();
    /** Made when something must wait. */
    private @Nullable Watch watch;

    private long queuedBytes;
    private boolean above;
    private boolean endAsked;
    private boolean closed;

    /** @param drained runs when what was queued has gone, after a write had returned false */
    StreamWriter(DomainEvents events, int fd, Runnable drained) {
        this.events = events;
        this.fd = fd;
        this.drained = drained;
    }

    boolean write(ByteBuffer bytes) {
        if (closed || endAsked) {
            bytes.position(bytes.limit());
            return false;
        }
        if (queuedBytes + bytes.remaining() > events.options().outputLimitBytes()) {
            throw new IllegalStateException(
                    "a child has " + queuedBytes
                            + " bytes of input queued that it does not read: wait for 'inputDrained' after a write that returned false");
        }
        if (queue.isEmpty()) {
            writeSome(bytes);
        }
        if (!closed && bytes.hasRemaining()) {
            queuedBytes += bytes.remaining();
            ByteBuffer copy = ByteBuffer.allocate(bytes.remaining());
            queue.add(copy.put(bytes).flip());
            await();
        }
        above = queuedBytes > events.options().highWaterBytes();
        return !closed && !above;
    }

    void end() {
        endAsked = true;
        if (queue.isEmpty()) {
            close();
        }
    }

    private void await() {
        if (watch == null) {
            watch = events.home().watch(fd, this::ready);
        }
        watch.arm(Poller.OUT);
    }

    private void ready(int found) {
        if (found < 0) {
            close();
        }
        for (ByteBuffer next = queue.peek(); next != null && !closed; next = queue.peek()) {
            int before = next.remaining();
            writeSome(next);
            queuedBytes -= before - next.remaining();
            if (next.hasRemaining()) {
                break;
            }
            queue.remove();
        }
        if (!closed && !queue.isEmpty()) {
            await();
            return;
        }
        if (endAsked) {
            close();
        }
        if (above) {
            above = false;
            drained.run();
        }
    }

    /** Writes what the pipe takes; closes where nobody reads it any more (EPIPE). */
    private void writeSome(ByteBuffer bytes) {
        ByteBuffer buffer = events.lend();
        while (bytes.hasRemaining() && !closed) {
            int length = Math.min(bytes.remaining(), buffer.capacity());
            buffer.clear().put(0, bytes, bytes.position(), length);
            long n = Descriptors.write(fd, MemorySegment.ofBuffer(buffer).address(), length, events.state());
            if (n >= 0) {
                bytes.position(bytes.position() + (int) n);
            } else if (n == -Errno.EAGAIN) {
                break;
            } else if (n != -Errno.EINTR) {
                close();
            }
        }
        events.takeBack(buffer);
    }

    void close() {
        if (!closed) {
            closed = true;
            queue.clear();
            queuedBytes = 0;
            if (watch != null) {
                watch.close();
            }
            Descriptors.close(fd, events.state());
        }
    }
}
