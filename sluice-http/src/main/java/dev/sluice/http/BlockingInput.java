package dev.sluice.http;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.util.Objects;
import java.util.concurrent.Semaphore;
import org.jspecify.annotations.Nullable;

/**
 * A body as a stream. The session's side copies one piece and leaves the rest unread; the worker's side waits for it, and
 * asks for the next. A semaphore hands pieces over: the loop only ever releases it, which takes no lock.
 */
final class BlockingInput extends InputStream implements BodyReader {
    private static final int PIECE_BYTES = 16 * 1024;
    private static final byte[] NONE = new byte[0];

    private final RequestBody body;
    private final Semaphore ready = new Semaphore(0);

    /** Written by the session's side before it releases, read by the worker's after it has acquired. */
    private volatile byte[] piece = NONE;

    private volatile @Nullable HttpException failure;
    private volatile boolean closed;

    private byte[] current = NONE;
    private int taken;
    private boolean exhausted;

    BlockingInput(RequestBody body) {
        this.body = body;
    }

    @Override
    public void received(ByteBuffer bytes) {
        if (closed) {
            bytes.position(bytes.limit());
        } else if (piece.length == 0) {
            byte[] copy = new byte[Math.min(PIECE_BYTES, bytes.remaining())];
            bytes.get(copy);
            piece = copy;
            ready.release();
        }
    }

    @Override
    public void ended() {
        ready.release();
    }

    @Override
    public void failed(HttpException cause) {
        failure = cause;
        ready.release();
    }

    /** Waits until there is a byte to read; false at the end. */
    private boolean fill() throws IOException {
        while (taken == current.length && !exhausted) {
            ready.acquireUninterruptibly();
            current = piece;
            taken = 0;
            if (current.length > 0) {
                piece = NONE;
                body.resume();
            } else {
                exhausted = true;
            }
        }
        HttpException cause = failure;
        if (closed) {
            throw new IOException("the stream is closed");
        }
        if (exhausted && cause != null) {
            throw new IOException(cause.getMessage(), cause);
        }
        return !exhausted;
    }

    @Override
    public int read() throws IOException {
        return fill() ? current[taken++] & 0xFF : -1;
    }

    @Override
    public int read(byte[] into, int offset, int length) throws IOException {
        Objects.checkFromIndexSize(offset, length, into.length);
        if (length == 0) {
            return 0;
        }
        if (!fill()) {
            return -1;
        }
        int count = Math.min(length, current.length - taken);
        System.arraycopy(current, taken, into, offset, count);
        taken += count;
        return count;
    }

    @Override
    public int available() {
        return current.length - taken;
    }

    @Override
    public void close() {
        closed = true;
        exhausted = true;
        body.resume();
    }
}
