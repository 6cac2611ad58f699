package dev.sluice.engine;

import dev.sluice.OpenFile;
import dev.sluice.os.CallState;
import dev.sluice.os.Descriptors;
import dev.sluice.os.Errno;
import dev.sluice.os.SocketMessages;
import dev.sluice.os.Sockets;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.ref.Reference;

/** What engines on descriptors share of writing: a send's flags, several chunks gathered, a part of a file. */
final class FdWrites {
    private static final int SENDFILE_BYTES = 1 << 20;
    private static final int IOVECS = 16;

    private final CallState state;
    private final MemorySegment iovecs;

    FdWrites(Arena arena, CallState state) {
        this.state = state;
        this.iovecs = arena.allocate(SocketMessages.IOVEC.byteSize() * IOVECS, 8);
    }

    /** Of a send of one chunk. */
    static int flags(boolean more) {
        return more ? Sockets.MSG_NOSIGNAL | Sockets.MSG_MORE : Sockets.MSG_NOSIGNAL;
    }

    /** As many chunks of a chain as one writev(2) takes: bytes that the kernel took, or a negative errno. */
    long gather(int fd, Chunk first) {
        int count = 0;
        try {
            for (Chunk c = first; c != null && count < IOVECS; c = c.next) {
                SocketMessages.iovec(iovecs.address(), count++, c.address + c.start, c.length());
            }
            return Descriptors.writev(fd, iovecs.address(), count, state);
        } finally {
            Reference.reachabilityFence(iovecs); // an automatic arena frees it when it can't be reached
        }
    }

    /** A part of a file by sendfile(2): bytes that the kernel took, or a negative errno. */
    long sendFile(int fd, OpenFile file, long position, long count) {
        long n = Descriptors.sendfile(fd, file.descriptor(), position, Math.min(count, SENDFILE_BYTES), state);
        return n == 0 ? -Errno.ENODATA : n; // the file became shorter than what was promised
    }
}
