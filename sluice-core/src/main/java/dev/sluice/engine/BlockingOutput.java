package dev.sluice.engine;

import dev.sluice.OpenFile;
import dev.sluice.os.CallState;
import dev.sluice.os.Descriptors;
import dev.sluice.os.Errno;
import dev.sluice.os.Sockets;
import java.lang.foreign.Arena;

/** The sends of {@link BlockingEngine}, which never wait: a chunk, several of them gathered, or a part of a file. */
final class BlockingOutput {
    private final CallState state;
    private final EngineCounters counters;
    private final FdWrites writes;

    BlockingOutput(CallState state, EngineCounters counters) {
        this.state = state;
        this.counters = counters;
        this.writes = new FdWrites(Arena.ofAuto(), state);
    }

    /** Tries the handle's send: bytes that the kernel took, -EAGAIN where it has no room, or another negative errno. */
    long trySend(BlockingHandle h) {
        long n;
        do {
            counters.systemCalls++;
            n = sendOnce(h);
        } while (n == -Errno.EINTR);
        if (n != -Errno.EAGAIN) {
            h.chain = null;
            h.file = null;
            counters.sends++;
            counters.sentBytes += Math.max(n, 0);
        }
        return n;
    }

    private long sendOnce(BlockingHandle h) {
        Chunk chain = h.chain;
        if (chain != null && chain.next == null) {
            long from = chain.address + chain.start;
            return Sockets.sendNow(h.fd, from, chain.length(), FdWrites.flags(chain.more), state);
        }
        int switched = nonBlocking(h, true);
        if (switched < 0) {
            return switched;
        }
        if (chain != null) {
            return writes.gather(h.fd, chain);
        }
        OpenFile file = h.file;
        if (file == null) {
            throw new IllegalStateException("there is nothing to send");
        }
        return writes.sendFile(h.fd, file, h.filePosition, h.fileCount);
    }

    /** Switches O_NONBLOCK. A call that waits already goes on waiting: the kernel looks at the flag when it begins. */
    int nonBlocking(BlockingHandle h, boolean on) {
        if (h.nonBlocking == on) {
            return 0;
        }
        h.nonBlocking = on;
        counters.systemCalls++;
        return Descriptors.fcntl(h.fd, Descriptors.F_SETFL, on ? Descriptors.O_NONBLOCK : 0, state);
    }
}
