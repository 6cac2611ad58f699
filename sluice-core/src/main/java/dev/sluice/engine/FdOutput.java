package dev.sluice.engine;

import dev.sluice.engine.FdHandle.FilePart;
import dev.sluice.os.CallState;
import dev.sluice.os.Errno;
import dev.sluice.os.Sockets;
import java.lang.foreign.Arena;

/** The sends of {@link ReadinessEngine}: a chunk, several of them gathered, or a part of a file. */
final class FdOutput {
    private final CallState state;
    private final EngineCounters counters;
    private final FdWrites writes;

    FdOutput(Arena arena, CallState state, EngineCounters counters) {
        this.state = state;
        this.counters = counters;
        this.writes = new FdWrites(arena, state);
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
                        ? Sockets.sendNow(
                                h.fd, chain.address + chain.start, chain.length(), FdWrites.flags(chain), state)
                        : writes.gather(h.fd, chain);
            } else if (part != null) {
                n = writes.sendFile(h.fd, part.file(), part.position(), part.count());
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
