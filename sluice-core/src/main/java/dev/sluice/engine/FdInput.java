package dev.sluice.engine;

import dev.sluice.FileRegion;
import dev.sluice.os.Errno;
import java.lang.foreign.Arena;
import java.nio.ByteBuffer;

/** The receives of {@link ReadinessEngine}: into the loop's one buffer, lent to one connection after another. */
final class FdInput implements AutoCloseable {
    private static final int RECEIVE_BYTES = 64 * 1024;
    /** Four times what is received into memory at once: a turn of the loop for each load costs what the copy would. */
    static final int PIPE_BYTES = 256 * 1024;

    private final int turnBytes;
    private final FdInterests interests;
    private final FdResults results;
    private final FdCalls calls;
    private final EngineCounters counters;
    private final long receiveAddress;
    private final ByteBuffer receiveBuffer;
    private final PipePool pipes;

    FdInput(
            int turnBytes,
            FdInterests interests,
            FdResults results,
            Arena arena,
            FdCalls calls,
            EngineCounters counters) {
        this.turnBytes = turnBytes;
        this.interests = interests;
        this.results = results;
        this.calls = calls;
        this.counters = counters;
        this.pipes = new PipePool(calls);
        var memory = arena.allocate(RECEIVE_BYTES, 4096);
        this.receiveAddress = memory.address();
        this.receiveBuffer = memory.asByteBuffer();
    }

    /**
     * Receives and tells until nothing is there, or it is stopped, or the turn's budget is spent. True in the last case:
     * there may be more.
     */
    boolean receive(FdHandle h) {
        int budget = turnBytes;
        while (h.receiving) {
            if (h.inKernel) {
                return receiveInKernel(h);
            }
            counters.systemCalls++;
            counters.receives++;
            long n = calls.receive(h.fd, receiveAddress, RECEIVE_BYTES);
            if (n > 0) {
                counters.receivedBytes += n;
                budget -= (int) n;
                receiveBuffer.clear().limit((int) n);
                h.completion().received(receiveBuffer);
                results.tell();
                if (n < RECEIVE_BYTES && !h.readsOn) {
                    h.readReady = false; // epoll(7): a short read of a stream proves that it is empty
                    return false;
                }
                if (budget <= 0) {
                    return h.receiving;
                }
            } else if (isOver(h, (int) n)) {
                return false;
            }
        }
        return false;
    }

    /** Whether a pipe can be had now. */
    boolean hasPipes() {
        KernelPipe pipe = pipes.take();
        if (pipe != null) {
            pipe.release();
        }
        return pipe != null;
    }

    /** The same into pipes. A short load proves nothing here: a pipe takes so many pieces, of whatever size they are. */
    private boolean receiveInKernel(FdHandle h) {
        int budget = turnBytes;
        while (h.receiving && h.inKernel && budget > 0) {
            KernelPipe pipe = pipes.take();
            if (pipe == null) {
                h.inKernel = false;
                return true; // goes on into memory
            }
            counters.systemCalls++;
            counters.receives++;
            long n = calls.splice(h.fd, pipe.writeEnd, PIPE_BYTES);
            if (n > 0) {
                counters.receivedBytes += n;
                budget -= (int) n;
                pipe.filled(n);
                h.completion().receivedInKernel(new FileRegion(pipe, 0, n));
            }
            pipe.release();
            if (n > 0) {
                results.tell();
            } else if (isOver(h, (int) n)) {
                return false;
            }
        }
        return h.receiving;
    }

    /** Whether a receive that brought nothing was the last one for now; it is not where a signal ended it. */
    private boolean isOver(FdHandle h, int result) {
        if (result == -Errno.EAGAIN) {
            h.readReady = false;
        } else if (result != -Errno.EINTR) {
            ended(h, result);
        }
        return result != -Errno.EINTR;
    }

    @Override
    public void close() {
        pipes.close();
    }

    private void ended(FdHandle h, int result) {
        h.receiving = false;
        h.readReady = false;
        interests.changed(h);
        h.completion().receiveEnded(result);
        results.tell();
    }
}
