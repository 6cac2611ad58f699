package dev.sluice.engine;

import dev.sluice.OpenFile;
import dev.sluice.os.Errno;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** The sends of {@link NioEngine}: a chunk, several of them gathered, or a part of a file, read first. */
final class NioOutput {
    private static final int FILE_BYTES = 64 * 1024;
    private static final int GATHER_COUNT = 16;

    private final EngineCounters counters;
    private final @Nullable ByteBuffer[] gathered = new @Nullable ByteBuffer[GATHER_COUNT];
    /** What sendFile reads into; made when first needed, and empty between two calls. */
    private @Nullable ByteBuffer fileBuffer;

    NioOutput(EngineCounters counters) {
        this.counters = counters;
    }

    /** Tries the handle's send: bytes that the kernel took, 0 where it has no room, or a negative errno. */
    long trySend(NioHandle.Peer h) {
        long n;
        counters.systemCalls++;
        try {
            n = h.chain != null ? sendChain(h.socket, h.chain) : sendFile(h);
        } catch (IOException e) {
            n = -ChannelErrors.errno(e);
        }
        if (n != 0) {
            h.chain = null;
            h.file = null;
            counters.sends++;
            counters.sentBytes += Math.max(n, 0);
        }
        return n;
    }

    private long sendChain(SocketChannel socket, Chunk first) throws IOException {
        if (first.next == null) {
            return socket.write(first.filled());
        }
        int count = 0;
        for (Chunk c = first; c != null && count < GATHER_COUNT; c = c.next) {
            gathered[count++] = c.filled();
        }
        return socket.write(gathered, 0, count);
    }

    /** What the socket does not take of the bytes that were read is read again by the next call. */
    private long sendFile(NioHandle.Peer h) throws IOException {
        OpenFile file = Objects.requireNonNull(h.file, "neither chunks nor a file to send");
        ByteBuffer buffer = fileBuffer;
        if (buffer == null) {
            buffer = ByteBuffer.allocateDirect(FILE_BYTES);
            fileBuffer = buffer;
        }
        buffer.clear().limit((int) Math.min(FILE_BYTES, h.fileCount));
        counters.systemCalls++;
        int read = file.read(buffer, h.filePosition);
        if (read <= 0) {
            return read == 0 ? -Errno.ENODATA : read; // 0: the file became shorter than what was promised
        }
        return h.socket.write(buffer.position(0).limit(read));
    }
}
