package dev.sluice.http;

import dev.sluice.FileRegion;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/** The body of the response that is being sent, in the framing that its head states. Runs in the session's domain. */
final class Outbound implements BodyWriter {
    private static final byte[] LINE_END = {'\r', '\n'};

    private final Exchange exchange;
    private final HttpSession session;
    private final ResponseWriter out;
    /** Of a stated length; negative for none. */
    private long remaining;

    private final boolean chunked;
    private final boolean untilClose;
    private byte @Nullable [] chunkHead;
    private long bodyBytes;
    private boolean ended;
    private @Nullable Runnable onDrained;
    private @Nullable Runnable onClosed;

    /**
     * The body of a response.
     *
     * @param length the stated length, or -1
     * @param mayChunk whether a body without one is chunked; else the connection's end is its own
     */
    Outbound(Exchange exchange, HttpSession session, long length, boolean mayChunk) {
        this.exchange = exchange;
        this.session = session;
        this.out = session.writer();
        this.remaining = length;
        this.chunked = length < 0 && mayChunk;
        this.untilClose = length < 0 && !mayChunk;
    }

    void start(BodySource source) {
        guarded(() -> source.start(this));
    }

    private void guarded(Exchange.Guarded task) {
        try {
            task.run();
        } catch (Exception e) {
            fail(e);
        }
    }

    long bodyBytes() {
        return bodyBytes;
    }

    /** Queued output is low again. */
    void drained() {
        Runnable task = onDrained;
        if (task != null && !ended) {
            guarded(task::run);
        }
    }

    /** The connection is gone. */
    void closed() {
        if (!ended) {
            ended = true;
            tellClosed();
        }
    }

    private void tellClosed() {
        Runnable task = onClosed;
        if (task != null) {
            task.run();
        }
    }

    private void claim(long count) {
        if (ended) {
            throw new IllegalStateException("the body has ended");
        }
        if (remaining >= 0) {
            if (count > remaining) {
                throw new IllegalStateException("the body is longer than its response says, by " + (count - remaining));
            }
            remaining -= count;
        }
        bodyBytes += count;
        if (chunked) {
            byte[] head = chunkHead;
            if (head == null) {
                head = new byte[ChunkSize.MOST];
                chunkHead = head;
            }
            out.write(head, 0, ChunkSize.encode(count, head));
        }
    }

    private boolean claimed() {
        return chunked ? out.write(LINE_END, 0, LINE_END.length) : !out.isBlocked();
    }

    @Override
    public boolean write(ByteBuffer bytes) {
        if (!bytes.hasRemaining()) {
            return !out.isBlocked();
        }
        claim(bytes.remaining());
        out.write(bytes);
        return claimed();
    }

    @Override
    public boolean write(byte[] bytes, int offset, int length) {
        if (length == 0) {
            return !out.isBlocked();
        }
        claim(length);
        out.write(bytes, offset, length);
        return claimed();
    }

    @Override
    public boolean transfer(FileRegion region) {
        if (region.count() == 0) {
            return !out.isBlocked();
        }
        claim(region.count());
        out.transfer(region);
        return claimed();
    }

    @Override
    public void onDrained(Runnable task) {
        onDrained = task;
    }

    @Override
    public void onClosed(Runnable task) {
        onClosed = task;
    }

    @Override
    public void end() {
        end(null);
    }

    @Override
    public void end(@Nullable HeadBytes trailers) {
        if (ended) {
            return;
        }
        if (remaining > 0) {
            fail(new IllegalStateException("the body is shorter than its response says, by " + remaining));
            return;
        }
        ended = true;
        if (chunked) {
            byte[] last = ChunkSize.last(trailers);
            out.write(last, 0, last.length);
        }
        exchange.sent(bodyBytes);
    }

    @Override
    public void fail(Throwable cause) {
        if (!ended) {
            ended = true;
            // Where the connection's end is the body's, only a reset tells the client that it isn't whole.
            exchange.cut(bodyBytes, cause, untilClose);
            tellClosed();
        }
    }

    @Override
    public boolean execute(Runnable task) {
        return session.domain().execute(() -> guarded(task::run));
    }
}
