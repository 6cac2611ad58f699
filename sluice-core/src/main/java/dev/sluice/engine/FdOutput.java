package dev.sluice.engine;

import dev.sluice.os.Errno;

/** The sends of {@link ReadinessEngine}: a chunk, several of them gathered, or a part of a file. */
final class FdOutput {
    private final FdCalls calls;
    private final EngineCounters counters;

    FdOutput(FdCalls calls, EngineCounters counters) {
        this.calls = calls;
        this.counters = counters;
    }

    /** Tries the handle's send: bytes that the kernel took, -EAGAIN where it has no room, or another negative errno. */
    long trySend(FdHandle h) {
        Chunk chain = h.chain;
        FilePart part = h.part;
        long n = 0;
        do {
            counters.systemCalls++;
            if (chain != null) {
                n = chain.next == null
                        ? calls.send(h.fd, chain.address + chain.start, chain.length(), chain.more)
                        : calls.gather(h.fd, chain);
            } else if (part != null && part.file() instanceof KernelPipe pipe) {
                n = calls.splice(pipe.readEnd, h.fd, part.count());
                pipe.emptied(Math.max(n, 0));
            } else if (part != null) {
                n = calls.sendFile(h.fd, part.file(), part.position(), part.count());
            }
        } while (n == -Errno.EINTR);
        if (n != -Errno.EAGAIN) {
            h.chain = null;
            h.part = null;
            counters.sends++;
            counters.sentBytes += Math.max(n, 0);
        }
        return n;
    }
}
