package dev.sluice.style;

import dev.sluice.Connection;
import dev.sluice.Session;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.SocketAddress;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import java.nio.channels.ByteChannel;
import java.nio.channels.ClosedByInterruptException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * A connection for sequential code: its operations block, on a virtual thread that runs inside of the connection's domain. On
 * loops that is the loop's own thread, and on {@code threads} the connection's own; a wait gives it back. So the code of one
 * connection, its {@link #scope}s and what it dials never overlaps, and may share state without locks.
 *
 * <p>Safe for use by other threads too, which enter the domain for each operation. Of several readers one reads at a time, and
 * of several writers one writes.
 *
 * <p>A thread that is interrupted while it waits here finds the connection closed, with a {@link ClosedByInterruptException}
 * and its interrupt status set, as with any interruptible channel. The thread that serves a connection is interrupted when that
 * is gone while it waits for something else.
 */
public final class BlockingConnection implements ByteChannel {
    /** Written at once before queued output is looked at. */
    private static final int PIECE_BYTES = 64 * 1024;

    /** Sequential code that serves a connection. */
    @FunctionalInterface
    public interface Body {
        /**
         * Serves a connection, which is closed when this returns.
         *
         * @throws IOException closes the connection too, and that is all; any other exception is the session's failure, logged
         *     and counted
         */
        void serve(BlockingConnection connection) throws Exception;
    }

    private final BlockingSession session;
    private final ReentrantLock reading = new ReentrantLock();
    private final ReentrantLock writing = new ReentrantLock();
    private volatile long readNanos;
    private volatile long writeNanos;

    private BlockingConnection(BlockingSession session) {
        this.session = session;
    }

    /** Opens a session that sequential code serves, on a virtual thread of its own. */
    public static Session session(Connection connection, Body body) {
        BlockingSession session = new BlockingSession(connection, new DomainScheduler(connection));
        BlockingConnection opened = new BlockingConnection(session);
        return session.serving(() -> opened.serve(body));
    }

    private void serve(Body body) {
        try {
            serveToItsEnd(body);
        } catch (Throwable e) {
            DomainTasks.fail(session.connection, e);
        }
    }

    private void serveToItsEnd(Body body) throws Exception {
        try {
            body.serve(this);
            finish();
        } catch (IOException e) {
            finish();
        } catch (InterruptedException e) {
            if (!session.isOver()) {
                throw e; // else it was told so that it ends
            }
        }
    }

    private void finish() {
        try {
            session.inside(session::finish);
        } catch (IOException gone) {
            return; // there is nothing to close any more
        }
    }

    /**
     * Dials in this connection's domain, and waits until the connection is established. It does not end with this one: close it.
     *
     * @param timeout zero: as long as the system tries
     * @throws ConnectionClosedException where it can't be established, with the reason
     * @throws SocketTimeoutException where it is not established in time
     */
    public BlockingConnection dial(SocketAddress remote, Duration timeout) throws IOException {
        Dial dial = new Dial(session, remote);
        Thread caller = Thread.currentThread();
        session.inside(() -> dial.begin(caller, timeout.toNanos()));
        try {
            await(dial.opening(), dial::giveUp);
            return new BlockingConnection(dial.dialled());
        } catch (IOException e) {
            session.inside(dial::giveUp);
            throw e;
        }
    }

    /** The connection below, for use inside of its domain. */
    public Connection connection() {
        return session.connection;
    }

    /** Calls in parallel, with one deadline over all; see {@link Scope}. Belongs into a try-with-resources statement. */
    public Scope scope(Duration deadline) throws IOException {
        return new Scope(this, session, deadline);
    }

    /** From now on a read that waits longer throws {@link SocketTimeoutException}, and may be tried again; zero: never. */
    public BlockingConnection readTimeout(Duration timeout) {
        readNanos = timeout.toNanos();
        return this;
    }

    /**
     * From now on a write that waits longer for queued output to drain throws {@link SocketTimeoutException} and closes the
     * connection; zero: never.
     */
    public BlockingConnection writeTimeout(Duration timeout) {
        writeNanos = timeout.toNanos();
        return this;
    }

    // ---- reading

    @Override
    public int read(ByteBuffer into) throws IOException {
        if (!into.hasRemaining()) {
            return 0;
        }
        reading.lock();
        try {
            if (session.scheduler.isInside()) {
                beginSome(Thread.currentThread(), into);
            } else {
                Thread reader = Thread.currentThread();
                session.inside(() -> beginSome(reader, into));
            }
            await(session.reads);
            return session.count();
        } finally {
            reading.unlock();
        }
    }

    private void beginSome(Thread reader, ByteBuffer into) {
        session.readInto(into, null, 0);
        session.intake.wantSome(into.remaining());
        session.beginReading(reader, readNanos);
    }

    int read(byte[] into, int offset, int length) throws IOException {
        reading.lock();
        try {
            Thread reader = Thread.currentThread();
            if (session.scheduler.isInside()) {
                beginSome(reader, into, offset, length);
            } else {
                session.inside(() -> beginSome(reader, into, offset, length));
            }
            await(session.reads);
            return session.count();
        } finally {
            reading.unlock();
        }
    }

    private void beginSome(Thread reader, byte[] into, int offset, int length) {
        session.readInto(null, into, offset);
        session.intake.wantSome(length);
        session.beginReading(reader, readNanos);
    }

    /**
     * All in front of a delimiter, which is taken off.
     *
     * @param delimiter one byte or more, as ISO 8859-1
     * @param most bytes in front of it
     * @return null where the end comes first
     * @throws java.io.EOFException where the end comes in the middle
     * @throws FrameTooLongException where no delimiter is behind so many bytes
     */
    public byte @Nullable [] readUntil(String delimiter, int most) throws IOException {
        byte[] end = delimiter.getBytes(StandardCharsets.ISO_8859_1);
        return frame(() -> session.intake.wantUntil(end, most));
    }

    /** So many bytes; null where the end comes first, {@link java.io.EOFException} where it comes in the middle. */
    public byte @Nullable [] readExactly(int count) throws IOException {
        return frame(() -> session.intake.wantExactly(count));
    }

    private byte @Nullable [] frame(Runnable want) throws IOException {
        reading.lock();
        try {
            Thread reader = Thread.currentThread();
            session.inside(() -> {
                session.readInto(null, null, 0);
                want.run();
                session.beginReading(reader, readNanos);
            });
            await(session.reads);
            return session.takeFrame();
        } finally {
            reading.unlock();
        }
    }

    /** The bytes that come, as a stream. To close it closes the connection. */
    public InputStream input() {
        return new ConnectionInput(this);
    }

    // ---- writing

    /** Writes all of it; waits while queued output stands above the high-water mark. */
    @Override
    public int write(ByteBuffer bytes) throws IOException {
        int count = bytes.remaining();
        int limit = bytes.limit();
        writing.lock();
        try {
            while (bytes.hasRemaining()) {
                bytes.limit(Math.min(limit, bytes.position() + PIECE_BYTES));
                writePiece(bytes);
                bytes.limit(limit);
            }
        } finally {
            bytes.limit(limit);
            writing.unlock();
        }
        return count;
    }

    private void writePiece(ByteBuffer piece) throws IOException {
        Thread writer = Thread.currentThread();
        if (session.scheduler.isInside()) {
            session.beginWriting(writer, writeNanos, piece);
        } else {
            session.inside(() -> session.beginWriting(writer, writeNanos, piece));
        }
        await(session.drains);
    }

    /** As {@link #write(ByteBuffer)}, for all of an array. */
    public void write(byte[] bytes) throws IOException {
        write(bytes, 0, bytes.length);
    }

    /** As {@link #write(ByteBuffer)}, for a text in ISO 8859-1. */
    public void write(String text) throws IOException {
        write(text.getBytes(StandardCharsets.ISO_8859_1));
    }

    void write(byte[] bytes, int offset, int length) throws IOException {
        writing.lock();
        try {
            int end = offset + length;
            for (int from = offset; from < end; from += PIECE_BYTES) {
                writePiece(bytes, from, Math.min(PIECE_BYTES, end - from));
            }
        } finally {
            writing.unlock();
        }
    }

    private void writePiece(byte[] bytes, int offset, int length) throws IOException {
        Thread writer = Thread.currentThread();
        if (session.scheduler.isInside()) {
            session.beginWriting(writer, writeNanos, bytes, offset, length);
        } else {
            session.inside(() -> session.beginWriting(writer, writeNanos, bytes, offset, length));
        }
        await(session.drains);
    }

    /** A stream of what is written; it buffers nothing, since the connection does. To close it closes the connection. */
    public OutputStream output() {
        return new ConnectionOutput(this);
    }

    // ---- waiting

    private void await(Wait wait) throws IOException {
        await(wait, session::abort);
    }

    private void await(Wait wait, Runnable onInterrupt) throws IOException {
        while (!wait.isOver()) {
            if (Thread.currentThread().isInterrupted()) {
                session.inside(onInterrupt);
                throw new ClosedByInterruptException();
            }
            LockSupport.park(this);
        }
        wait.check();
    }

    // ---- the end

    /** Ends this side behind what was written (half-close). Reading goes on. */
    public void end() throws IOException {
        session.inside(session::endOutput);
    }

    @Override
    public boolean isOpen() {
        return !session.isOver() && !session.isClosing();
    }

    /** Sends what was written and closes the connection; a read or write that waits throws. */
    @Override
    public void close() throws IOException {
        if (isOpen()) {
            session.inside(session::close);
        }
    }
}
