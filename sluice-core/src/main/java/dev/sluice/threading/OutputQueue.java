package dev.sluice.threading;

import dev.sluice.FileRegion;
import dev.sluice.engine.Chunk;
import dev.sluice.engine.ChunkPool;
import dev.sluice.engine.Engine;
import dev.sluice.engine.Handle;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * A connection's output: bytes and file regions in order. A run from its front is in flight, the engine's until it is
 * told as sent; what lies behind is still being filled. Empty, it holds no memory but itself, and is nobody's: its domain
 * lends it to the next connection that writes.
 */
final class OutputQueue {
    private final ChunkPool pool;
    private @Nullable Chunk flying;
    private @Nullable Chunk head;
    private @Nullable Chunk tail;
    /** Of the domain's free ones. */
    @Nullable
    OutputQueue next;

    private long bytes;
    private int regions;

    // Of its connection's Deadlines: an idle one has no use for them.

    /** Something is in flight. */
    boolean sending;
    /** When the kernel took something last, or nothing was in flight. */
    long progressNanos;

    OutputQueue(ChunkPool pool) {
        this.pool = pool;
    }

    /** Bytes written and not yet taken by the kernel, files apart. */
    long bytes() {
        return bytes;
    }

    /** Whether a file region waits or is being sent. */
    boolean holdsRegion() {
        return regions > 0;
    }

    /** Whether the engine has something of it. */
    boolean isFlying() {
        return flying != null;
    }

    boolean isEmpty() {
        return flying == null && head == null;
    }

    void write(byte[] source, int offset, int length) {
        bytes += length;
        int from = offset;
        int left = length;
        while (left > 0) {
            Chunk chunk = roomy();
            int n = Math.min(left, chunk.room());
            chunk.buffer.put(chunk.end, source, from, n);
            chunk.end += n;
            from += n;
            left -= n;
        }
    }

    void write(ByteBuffer source) {
        bytes += source.remaining();
        while (source.hasRemaining()) {
            Chunk chunk = roomy();
            int n = Math.min(source.remaining(), chunk.room());
            chunk.buffer.put(chunk.end, source, source.position(), n);
            source.position(source.position() + n);
            chunk.end += n;
        }
    }

    private Chunk roomy() {
        Chunk chunk = tail;
        if (chunk != null && chunk.room() > 0 && !(chunk instanceof FileChunk)) {
            return chunk;
        }
        Chunk fresh = pool.acquire();
        append(fresh);
        return fresh;
    }

    void add(FileRegion region) {
        regions++;
        append(new FileChunk(region));
    }

    private void append(Chunk chunk) {
        if (tail == null) {
            head = chunk;
        } else {
            tail.next = chunk;
        }
        tail = chunk;
    }

    /** Hands what stands in front to the engine, unless something is in flight already. */
    void flush(Engine engine, Handle handle) {
        Chunk run = head;
        if (flying != null || run == null) {
            return;
        }
        Chunk end = run;
        if (!(run instanceof FileChunk)) {
            while (end.next != null && !(end.next instanceof FileChunk)) {
                end = end.next;
            }
        }
        head = end.next;
        end.next = null;
        if (head == null) {
            tail = null;
        }
        flying = run;
        if (run instanceof FileChunk part) {
            engine.sendFile(handle, part.file, part.position, part.left);
        } else {
            run.more = head != null; // a head goes into one segment with the beginning of its file
            engine.send(handle, run);
        }
    }

    /** The engine sent so many bytes of what is in flight; what is left of it stands in front again. */
    void sent(long count) {
        Chunk run = flying;
        flying = null;
        if (run instanceof FileChunk part) {
            part.position += count;
            part.left -= count;
            if (part.left > 0) {
                putBack(part);
            } else {
                discard(part);
            }
            return;
        }
        bytes -= count;
        long left = count;
        while (run != null && left >= run.length()) {
            left -= run.length();
            Chunk next = run.next;
            pool.release(run);
            run = next;
        }
        if (run != null) {
            run.start += (int) left;
            putBack(run);
        }
    }

    private void putBack(Chunk rest) {
        Chunk end = rest;
        while (end.next != null) {
            end = end.next;
        }
        end.next = head;
        if (head == null) {
            tail = end;
        }
        head = rest;
    }

    /** Releases everything; only when the engine holds nothing of it any more. */
    void clear() {
        discardAll(flying);
        discardAll(head);
        flying = null;
        head = null;
        tail = null;
        bytes = 0;
        sending = false;
    }

    private void discardAll(@Nullable Chunk chain) {
        Chunk chunk = chain;
        while (chunk != null) {
            Chunk next = chunk.next;
            discard(chunk);
            chunk = next;
        }
    }

    private void discard(Chunk chunk) {
        if (chunk instanceof FileChunk part) {
            regions--;
            part.file.release();
        } else {
            pool.release(chunk);
        }
    }
}
