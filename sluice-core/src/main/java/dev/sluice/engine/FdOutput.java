package dev.sluice.engine;

import dev.sluice.OpenFile;
import dev.sluice.os.CallState;
import dev.sluice.os.Descriptors;
import dev.sluice.os.Errno;
import dev.sluice.os.NativeMemory;
import dev.sluice.os.Sockets;
import java.lang.foreign.Arena;

/** The sends of {@link ReadinessEngine}: a chunk, several of them gathered, or a part of a file. */
final class FdOutput {
    private static final int SENDFILE_BYTES = 1 << 20;
    private static final int IOVECS = 16;
    private static final int IOVEC_BYTES = 16;

    private final CallState state;
    private final EngineCounters counters;
    private final long iovecs;

    FdOutput(Arena arena, CallState state, EngineCounters counters) {
        this.state = state;
        this.counters = counters;
        this.iovecs = arena.allocate(IOVECS * IOVEC_BYTES, 8).address();
    }

    /** Tries the handle's send: bytes that the kernel took, -EAGAIN where it has no room, or another negative errno. */
    long trySend(FdHandle h) {
        Chunk chain = h.chain;
        OpenFile file = h.file;
        long n = 0;
        do {
            counters.systemCalls++;
            if (chain != null) {
                n = chain.next == null
                        ? Sockets.send(h.fd, chain.address + chain.start, chain.length(), Sockets.MSG_NOSIGNAL, state)
                        : gather(h.fd, chain);
            } else if (file != null) {
                n = Descriptors.sendfile(
                        h.fd, file.descriptor(), h.filePosition, Math.min(h.fileCount, SENDFILE_BYTES), state);
                n = n == 0 ? -Errno.ENODATA : n; // the file became shorter than what was promised
            }
        } while (n == -Errno.EINTR);
        if (n != -Errno.EAGAIN) {
            h.chain = null;
            h.file = null;
            counters.sends++;
            counters.sentBytes += Math.max(n, 0);
        }
        return n;
    }

    private long gather(int fd, Chunk first) {
        int count = 0;
        for (Chunk c = first; c != null && count < IOVECS; c = c.next) {
            long iovec = iovecs + (long) count * IOVEC_BYTES;
            NativeMemory.putLong(iovec, c.address + c.start);
            NativeMemory.putLong(iovec + Long.BYTES, c.length());
            count++;
        }
        return Descriptors.writev(fd, iovecs, count, state);
    }
}
