package dev.sluice.style;

import dev.sluice.Cause;
import dev.sluice.Connection;
import dev.sluice.Session;
import java.io.EOFException;
import java.io.IOException;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The inner side of a {@link BlockingConnection}: what the runtime tells of it, and what its threads do inside of the domain. A
 * read that waits is given its bytes by the callback that brings them.
 */
final class BlockingSession implements Session {
    private static final byte[] NO_BYTES = {};
    /** What came while nobody reads is kept here up to so much, so that reads behind one another need no callback each. */
    private static final int KEPT_BYTES = 16 * 1024;

    final Connection connection;
    final DomainScheduler scheduler;
    final Intake intake = new Intake();
    final Wait reads;
    final Wait drains;

    private @Nullable Runnable body;
    private @Nullable Wait opening;
    private volatile @Nullable Thread thread;
    private final Entrance entrance;

    /** What was offered and left unread. */
    private boolean left;

    private boolean peerEnded;
    /** Reads are at the end where nothing is left: the peer has ended, or the server drains. */
    private boolean ending;

    private boolean closing;
    private boolean outputEnded;
    private volatile boolean over;
    private Cause why = Cause.LOCAL;

    // the read that is under way: where its bytes go, and how many came; with no place for them they get an array of
    // their own
    private @Nullable ByteBuffer intoBuffer;
    private byte @Nullable [] intoArray;
    private int intoOffset;
    private byte[] frame = NO_BYTES;
    private int count;

    BlockingSession(Connection connection, DomainScheduler scheduler) {
        this.connection = connection;
        this.scheduler = scheduler;
        this.entrance = new Entrance(connection);
        this.reads = new Wait(connection, scheduler, this::readTimedOut);
        this.drains = new Wait(connection, scheduler, this::writeTimedOut);
    }

    /** For an accepted connection: what its own thread runs. */
    BlockingSession serving(Runnable served) {
        body = served;
        return this;
    }

    /** For a dialled one: who waits for it. */
    BlockingSession openingFor(Wait dialler) {
        opening = dialler;
        return this;
    }

    // ---- from the runtime

    @Override
    public void opened() {
        Wait dialler = opening;
        opening = null;
        Runnable served = body;
        if (dialler != null) {
            dialler.end();
        } else if (served != null) {
            scheduler.start(() -> {
                thread = Thread.currentThread();
                try {
                    served.run();
                } finally {
                    thread = null;
                }
            });
        }
    }

    @Override
    public void received(ByteBuffer input) {
        if (reads.isPending() && attempt(input)) {
            reads.end();
        }
        intake.keep(input, KEPT_BYTES);
        left = input.hasRemaining();
    }

    @Override
    public void drained() {
        if (drains.isPending()) {
            drains.end();
        }
    }

    @Override
    public void ended() {
        peerEnded = true;
        endReading();
    }

    private void endReading() {
        ending = true;
        if (reads.isPending() && attempt(null)) {
            reads.end();
        }
    }

    /** The server drains: for a service's own connection that is the end of input, where no frame has begun. */
    @Override
    public void stopping() {
        if (body != null && !(reads.isPending() && intake.hasGathered())) {
            endReading();
        }
    }

    @Override
    public void closed(Cause cause) {
        why = cause;
        Thread busy = thread;
        boolean waitsHere = reads.isWaitedBy(busy) || drains.isWaitedBy(busy);
        over = true;
        failWaiting();
        Wait dialler = opening;
        if (dialler != null && dialler.isPending()) {
            dialler.fail(this::closedNow);
        }
        entrance.close();
        if (busy != null && !waitsHere && thread == busy) {
            busy.interrupt(); // whatever it waits for: its connection is over
        }
    }

    private void failWaiting() {
        if (reads.isPending()) {
            intake.wantNothing();
            reads.fail(this::closedNow);
        }
        if (drains.isPending()) {
            drains.fail(this::closedNow);
        }
    }

    IOException closedNow() {
        return new ConnectionClosedException(why);
    }

    private void readTimedOut() {
        intake.wantNothing();
        reads.fail(() ->
                new SocketTimeoutException("nothing came in time: the peer is silent, or the time-out too short"));
    }

    private void writeTimedOut() {
        connection.abort(); // a part of what was to be written is on its way
        drains.fail(() -> new SocketTimeoutException("the peer took too little in time; the connection is closed"));
    }

    // ---- reading; inside

    /** Says where bytes go: to one of the two, or to an array of their own. */
    void readInto(@Nullable ByteBuffer buffer, byte @Nullable [] array, int offset) {
        intoBuffer = buffer;
        intoArray = array;
        intoOffset = offset;
    }

    /** Begins the read that {@link #intake} was told of; it may be over at once. */
    void beginReading(Thread reader, long timeoutNanos) {
        reads.begin(reader, timeoutNanos);
        if (over || closing) {
            intake.wantNothing();
            reads.giveUp(this::closedNow);
        } else if (attempt(null)) {
            reads.giveUp();
        } else if (left) {
            connection.resumeReading();
        }
    }

    /** Whether the read is over by what is there. */
    private boolean attempt(@Nullable ByteBuffer input) {
        try {
            ByteBuffer bytes = input == null ? intake.take() : intake.take(input);
            if (bytes != null) {
                take(bytes);
                if (input != null) {
                    intake.release(input);
                }
                return true;
            }
        } catch (FrameTooLongException e) {
            return failed(() -> e);
        }
        boolean atEnd = ending && (input == null ? !left : !input.hasRemaining());
        if (!atEnd) {
            return false;
        }
        count = -1;
        intake.wantNothing();
        return !intake.hasGathered()
                || failed(() -> new EOFException("the end came in the middle of what was to be read"));
    }

    private boolean failed(Supplier<IOException> error) {
        reads.failNext(error);
        return true;
    }

    private void take(ByteBuffer bytes) {
        count = bytes.remaining();
        ByteBuffer buffer = intoBuffer;
        byte[] array = intoArray;
        if (buffer != null) {
            buffer.put(bytes);
        } else if (array != null) {
            bytes.get(array, intoOffset, count);
        } else {
            frame = new byte[count];
            bytes.get(frame);
        }
    }

    /** Of a read that is over: how many bytes, or -1 at the end. */
    int count() {
        return count;
    }

    /** Of a read that is over: its bytes, where it had no place for them. */
    byte @Nullable [] takeFrame() {
        byte[] taken = frame;
        frame = NO_BYTES;
        return count < 0 ? null : taken;
    }

    // ---- writing and closing; inside

    void beginWriting(Thread writer, long timeoutNanos, ByteBuffer bytes) {
        if (mayWrite()) {
            long before = connection.queuedBytes();
            wrote(writer, timeoutNanos, connection.write(bytes) && connection.queuedBytes() > before);
        }
    }

    void beginWriting(Thread writer, long timeoutNanos, byte[] bytes, int offset, int length) {
        if (mayWrite()) {
            long before = connection.queuedBytes();
            wrote(writer, timeoutNanos, connection.write(bytes, offset, length) && connection.queuedBytes() > before);
        }
    }

    private boolean mayWrite() {
        boolean may = !over && !closing && !outputEnded;
        if (!may) {
            drains.giveUp(this::closedNow);
        }
        return may;
    }

    /**
     * Waits where it must.
     *
     * @param goesOn false above the high-water mark, and where the connection took nothing: it is about to close, and a loop of
     *     writes that didn't wait for that would hold up its domain for ever
     */
    private void wrote(Thread writer, long timeoutNanos, boolean goesOn) {
        if (!goesOn) {
            drains.begin(writer, timeoutNanos);
        }
    }

    void endOutput() {
        outputEnded = true;
        connection.end();
    }

    void close() {
        closing = true;
        connection.close();
        failWaiting();
    }

    void abort() {
        closing = true;
        connection.abort();
        failWaiting();
    }

    /** The body is done: all is written, and what the peer still sends is not read. */
    void finish() {
        if (peerEnded) {
            connection.end();
        } else {
            close();
        }
    }

    boolean isOver() {
        return over;
    }

    boolean isClosing() {
        return closing;
    }

    /** Runs something inside, and returns when it has run; from any thread. */
    void inside(Runnable section) throws IOException {
        if (over || scheduler.isInside()) {
            section.run(); // once it is over its connection does nothing any more
        } else if (!entrance.pass(section)) {
            throw closedNow();
        }
    }
}
