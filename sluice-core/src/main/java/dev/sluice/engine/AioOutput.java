package dev.sluice.engine;

import dev.sluice.OpenFile;
import dev.sluice.os.Errno;
import java.nio.ByteBuffer;
import java.nio.channels.CompletionHandler;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** The sends of {@link AioEngine}: a chunk, several of them gathered, or a part of a file, read first. */
final class AioOutput implements AutoCloseable {
    private static final int FILE_BYTES = 64 * 1024;
    private static final int GATHER_COUNT = 16;

    private final AioResults results;
    private final EngineCounters counters;
    private final DirectBuffers fileBuffers = new DirectBuffers(FILE_BYTES);
    private final Written<Integer> onWritten = new Written<>();
    private final Written<Long> onGathered = new Written<>();

    AioOutput(AioResults results, EngineCounters counters) {
        this.results = results;
        this.counters = counters;
    }

    void send(AioHandle.Peer h, Chunk first) {
        if (!start(h)) {
            return;
        }
        if (first.next == null) {
            h.socket.write(first.filled(), h, onWritten);
            return;
        }
        @Nullable ByteBuffer[] buffers = h.gathered;
        if (buffers == null) {
            buffers = new @Nullable ByteBuffer[GATHER_COUNT];
            h.gathered = buffers;
        }
        int count = 0;
        for (Chunk c = first; c != null && count < GATHER_COUNT; c = c.next) {
            buffers[count++] = c.filled();
        }
        h.socket.write(buffers, 0, count, 0, TimeUnit.NANOSECONDS, h, onGathered);
    }

    void sendFile(AioHandle.Peer h, OpenFile file, long position, long count) {
        if (!start(h)) {
            return;
        }
        ByteBuffer buffer = fileBuffers.acquire();
        h.fileBuffer = buffer;
        counters.systemCalls++;
        int read = file.read(buffer.limit((int) Math.min(FILE_BYTES, count)), position);
        if (read > 0) {
            h.socket.write(buffer.position(0).limit(read), h, onWritten);
        } else {
            written(h, read == 0 ? -Errno.ENODATA : read); // 0: the file became shorter than what was promised
        }
    }

    /** False where the handle is closed, and nothing is to be sent or told any more. */
    private boolean start(AioHandle.Peer h) {
        assert !h.sending && !h.sentWaits : "one send at a time";
        if (h.closed) {
            return false;
        }
        h.sending = true;
        h.pending++;
        counters.systemCalls++;
        counters.sends++;
        return true;
    }

    private final class Written<N extends Number> implements CompletionHandler<N, AioHandle.Peer> {
        @Override
        public void completed(N count, AioHandle.Peer h) {
            written(h, count.longValue());
        }

        @Override
        public void failed(Throwable error, AioHandle.Peer h) {
            written(h, -ChannelErrors.errno(error));
        }
    }

    private void written(AioHandle.Peer h, long result) {
        ByteBuffer fileBuffer = h.fileBuffer;
        if (fileBuffer != null) {
            h.fileBuffer = null;
            fileBuffers.release(fileBuffer);
        }
        h.sending = false;
        h.pending--;
        h.sentWaits = true;
        h.sentResult = result;
        counters.sentBytes += Math.max(result, 0);
        results.add(h);
    }

    @Override
    public void close() {
        fileBuffers.close();
    }
}
