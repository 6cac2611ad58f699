package dev.sluice.http;

import java.io.IOException;
import java.io.OutputStream;
import java.util.Objects;
import java.util.concurrent.Semaphore;
import org.jspecify.annotations.Nullable;

/**
 * A body as a stream that a worker writes. Full pieces are handed to the session's domain one at a time; the permit for the
 * next comes back when the piece is queued and output is not too high. The loop only ever releases, which takes no lock.
 */
final class BlockingOutput extends OutputStream implements BodySource {
    private static final int PIECE_BYTES = 16 * 1024;

    private final Semaphore turn = new Semaphore(0);
    private volatile @Nullable BodyWriter writer;
    private volatile boolean gone;

    // The worker fills one while the domain may still be reading the other.
    private byte[] filling = new byte[PIECE_BYTES];
    private byte[] handed = new byte[PIECE_BYTES];
    private int length;
    private boolean closed;

    /** In the domain: whether the permit waits for output to drain. */
    private boolean awaitsDrain;

    private BlockingOutput() {}

    /** Puts a worker to the body; it waits for {@link #start(BodyWriter)} with the first piece. Null where none is free. */
    static @Nullable BlockingOutput start(BlockingBody body, Workers workers) {
        BlockingOutput output = new BlockingOutput();
        return workers.submit(() -> output.run(body)) ? output : null;
    }

    private void run(BlockingBody body) {
        try {
            body.writeTo(this);
            close();
        } catch (IOException | RuntimeException e) {
            // A body that fails at once may be ahead of start, whose permit says that there is somebody to tell.
            while (writer == null) {
                turn.acquireUninterruptibly();
            }
            hand(w -> w.fail(e));
        }
    }

    @Override
    public void start(BodyWriter to) {
        writer = to;
        to.onDrained(this::drained);
        to.onClosed(this::gone);
        turn.release();
    }

    private void drained() {
        if (awaitsDrain) {
            awaitsDrain = false;
            turn.release();
        }
    }

    /** Nobody takes bytes any more: whoever waits, now or later, is let through to learn that. */
    private void gone() {
        gone = true;
        turn.release(Integer.MAX_VALUE / 2);
    }

    private interface Handing {
        void to(BodyWriter writer);
    }

    private boolean hand(Handing task) {
        BodyWriter to = writer;
        if (gone || to == null) {
            return false;
        }
        if (!to.execute(() -> task.to(to))) {
            gone();
            return false;
        }
        return true;
    }

    @Override
    public void write(int b) throws IOException {
        if (length == PIECE_BYTES) {
            flush();
        }
        filling[length++] = (byte) b;
    }

    @Override
    public void write(byte[] bytes, int offset, int count) throws IOException {
        Objects.checkFromIndexSize(offset, count, bytes.length);
        int from = offset;
        while (from < offset + count) {
            if (length == PIECE_BYTES) {
                flush();
            }
            int some = Math.min(PIECE_BYTES - length, offset + count - from);
            System.arraycopy(bytes, from, filling, length, some);
            length += some;
            from += some;
        }
    }

    @Override
    public void flush() throws IOException {
        if (length > 0) {
            turn.acquireUninterruptibly();
            byte[] piece = filling;
            int pieceLength = length;
            filling = handed;
            handed = piece;
            length = 0;
            requireTaken(hand(w -> take(w, piece, pieceLength)));
        }
    }

    private void take(BodyWriter to, byte[] piece, int pieceLength) {
        if (to.write(piece, 0, pieceLength)) {
            turn.release();
        } else {
            awaitsDrain = true;
        }
    }

    private static void requireTaken(boolean taken) throws IOException {
        if (!taken) {
            throw new IOException("the connection is gone");
        }
    }

    @Override
    public void close() throws IOException {
        if (!closed) {
            flush();
            closed = true;
            turn.acquireUninterruptibly();
            requireTaken(hand(BodyWriter::end));
        }
    }
}
