package dev.sluice.http;

import dev.sluice.Cause;
import dev.sluice.Connection;
import dev.sluice.Session;
import java.nio.ByteBuffer;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The client's end of an HTTP/1.1 connection: sends a request, reads its response, and is then free for the next. Both
 * stream, each with back-pressure, and at the same time: a server may answer before it has read the request.
 *
 * <pre>
 *   FREE ──send()──▶ WAITING ──head──▶ READING ──end──▶ FREE, where both are whole and either side keeps the connection
 *     │                 │      └─101─▶ SWITCHED          │
 *     │                 └─ refused, broken, late, malformed: the reader is told ─▶ OVER
 *     └─ anything that comes unasked, or the end ───────────────────────────────▶ OVER
 * </pre>
 *
 * <p>All methods are called in the connection's serialization domain, which is that of who dialled it.
 */
public final class HttpClientSession implements Session, Watch.Watched {
    /** More responses of 1xx to one request than any server has reason for. */
    private static final int INFORMATIONAL_MOST = 16;

    /** Who keeps the connection between requests. */
    public interface Keeper {
        /** The connection can carry another request. */
        void free(HttpClientSession session);

        /** The connection is over. Called once, last. */
        void gone(HttpClientSession session);
    }

    private enum State {
        FREE,
        WAITING,
        READING,
        SWITCHED,
        OVER
    }

    private final Connection connection;
    private final HttpLimits limits;
    private final Keeper keeper;
    private final long connectDeadlineNanos;
    private final long openedNanos;
    private final Watch watch;
    private final ResponseParser parser;
    private final ResponseHead head = new ResponseHead();
    private final OutgoingRequest request;

    private State state = State.FREE;
    private boolean established;
    private boolean persistent = true;
    private boolean stopping;
    private boolean peerEnded;
    private boolean paused;
    private @Nullable ResponseReader reader;
    private @Nullable BodyDecoder decoder;
    private int informational;
    private boolean mayCarryOn;

    private boolean maySwitch;

    private long idleDeadlineNanos = Watch.NEVER;
    private long headNanos;
    private long wholeDeadlineNanos = Watch.NEVER;
    private long stallNanos;
    /** From then on the server has the time that it takes to a head, however that dribbles in. */
    private long requestEndedNanos;

    private long progressNanos;

    /**
     * A session for a connection that is being dialled; a request may be sent at once.
     *
     * @param connectNanos how long that may take
     */
    public HttpClientSession(Connection connection, HttpLimits limits, Keeper keeper, long connectNanos) {
        this.connection = connection;
        this.limits = limits;
        this.keeper = keeper;
        this.parser = new ResponseParser(limits);
        this.request = new OutgoingRequest(connection);
        this.openedNanos = connection.nanoTime();
        this.connectDeadlineNanos = openedNanos + connectNanos;
        this.watch = new Watch(connection, this);
        connection.idleTimeout(0); // a server may take long to answer: the deadlines are here
        watch.atLatest(connectDeadlineNanos);
    }

    // ---- the request

    /**
     * Sends a request's head; its body follows by {@link #write} and {@link #end}.
     *
     * @param requestHead the whole head, framing included; copied
     * @param length of the body as the head states it; 0 for none, -1 for a chunked one
     * @param method to HEAD there is no body
     * @param switching whether the request asks for another protocol, so that 101 is an answer
     */
    public void send(HeadBytes requestHead, long length, String method, boolean switching, ResponseReader taker) {
        if (state != State.FREE) {
            throw new IllegalStateException("the connection is " + state);
        }
        state = State.WAITING;
        idleDeadlineNanos = Watch.NEVER;
        reader = taker;
        decoder = null;
        paused = false;
        informational = 0;
        parser.expect(method.equals("HEAD"));
        maySwitch = switching;
        progressNanos = connection.nanoTime();
        requestEndedNanos = progressNanos;
        request.begin(requestHead, length);
        if (established) {
            taker.ready();
        }
    }

    /**
     * When the request will have taken too long; to be said behind {@link #send}.
     *
     * @param head from the request's last byte to the response's head
     * @param wholeNanos by then the response must be whole; in {@link Connection#nanoTime}
     * @param stall how long the server may be silent in the midst of the body, while bytes are wanted
     */
    public void deadlines(long head, long wholeNanos, long stall) {
        headNanos = head;
        wholeDeadlineNanos = wholeNanos;
        stallNanos = stall;
        watch.atLatest(deadlineNanos());
    }

    /**
     * Sends a part of the body, or of the other protocol behind 101; copied.
     *
     * @return false above the high-water mark: write no more until {@link ResponseReader#drained}
     */
    public boolean write(ByteBuffer bytes) {
        progressNanos = connection.nanoTime();
        return state == State.SWITCHED ? connection.write(bytes) : request.write(bytes);
    }

    /**
     * The body is whole; or, behind 101, this side has sent its last byte.
     *
     * @param trailers field lines that follow a chunked body; null for none
     */
    public void end(@Nullable HeadBytes trailers) {
        if (state == State.SWITCHED) {
            connection.end();
            return;
        }
        request.end(trailers);
        requestEndedNanos = connection.nanoTime();
        watch.atLatest(deadlineNanos());
    }

    /** Offers no more of the response, until {@link #resume}. */
    public void pause() {
        if (!paused) {
            paused = true;
            connection.pauseReading();
        }
    }

    /** Offers again what was left unread, and receives again. */
    public void resume() {
        if (paused) {
            paused = false;
            progressNanos = connection.nanoTime();
            connection.resumeReading();
            watch.atLatest(deadlineNanos());
        }
    }

    /** Gives up: the connection closes, and the reader hears no more. */
    public void cancel() {
        reader = null;
        abort();
    }

    // ---- between requests

    /** Whether {@link #send} may be called. */
    public boolean isFree() {
        return state == State.FREE;
    }

    @Override
    public String phase() {
        return switch (state) {
            case FREE -> "idle";
            case WAITING -> "waiting";
            case READING -> "reading";
            case SWITCHED -> "switched";
            case OVER -> "draining";
        };
    }

    /** Whether it was connected, rather than that it is being dialled. */
    public boolean isEstablished() {
        return established;
    }

    /** When it was dialled, in {@link Connection#nanoTime}. */
    public long openedNanos() {
        return openedNanos;
    }

    public Connection connection() {
        return connection;
    }

    /** Closes it, unless a request is sent within so long. */
    public void closeAfter(long nanos) {
        idleDeadlineNanos = connection.nanoTime() + nanos;
        watch.atLatest(idleDeadlineNanos);
    }

    /** Closes a connection that carries no request. */
    public void close() {
        if (state == State.FREE) {
            state = State.OVER;
            connection.close();
        }
    }

    private void abort() {
        state = State.OVER;
        connection.abort();
    }

    // ---- callbacks

    @Override
    public void opened() {
        established = true;
        connection.readIndependently(); // a server may answer, and close, before it has read the whole request
        if (reader != null) {
            watch.atLatest(deadlineNanos());
            reader.ready();
        }
    }

    @Override
    public void received(ByteBuffer input) {
        progressNanos = connection.nanoTime();
        if (state == State.FREE) {
            // Nothing was asked: whatever this is, it would be taken for the answer to another's request.
            abort();
        }
        mayCarryOn = true;
        while (mayCarryOn && state != State.OVER && state != State.FREE) {
            mayCarryOn = step(input);
        }
        if (state == State.OVER || state == State.FREE) {
            input.position(input.limit());
        } else if (peerEnded) {
            settleEnd(input.hasRemaining());
        }
        head.release();
    }

    private boolean step(ByteBuffer input) {
        ResponseReader taker = Objects.requireNonNull(reader);
        if (state == State.SWITCHED) {
            if (input.hasRemaining()) {
                taker.received(input);
            }
            return false;
        }
        if (state == State.WAITING) {
            return head(input, taker);
        }
        BodyDecoder body = Objects.requireNonNull(decoder);
        int there = body.available(input);
        if (there == BodyDecoder.END) {
            finish(input.hasRemaining());
            return false;
        }
        if (there == BodyDecoder.NEED_MORE) {
            return false;
        }
        if (there < 0) {
            fail(RequestFailure.Kind.MALFORMED, body.problem());
            return false;
        }
        return !paused && offer(input, there, body, taker);
    }

    private boolean offer(ByteBuffer input, int there, BodyDecoder body, ResponseReader taker) {
        int from = input.position();
        int limit = input.limit();
        input.limit(from + there);
        taker.received(input);
        input.limit(limit);
        int taken = input.position() - from;
        body.consumed(taken);
        return taken == there;
    }

    private boolean head(ByteBuffer input, ResponseReader taker) {
        int verdict = parser.parse(input, head);
        if (verdict == HeadParser.NEED_MORE) {
            return false;
        }
        if (verdict < 0) {
            fail(RequestFailure.Kind.MALFORMED, parser.problem());
            return false;
        }
        if (head.status == 101) {
            if (!maySwitch || !request.isEnded()) {
                fail(RequestFailure.Kind.MALFORMED, "a switch of protocols that nobody asked for");
                return false;
            }
            state = State.SWITCHED;
            persistent = false;
            taker.head(head);
            return true;
        }
        if (head.isInformational()) {
            if (++informational > INFORMATIONAL_MOST) {
                fail(RequestFailure.Kind.MALFORMED, "more than " + INFORMATIONAL_MOST + " responses of 1xx");
                return false;
            }
            taker.informational(head);
            return true;
        }
        state = State.READING;
        persistent &= head.keepAlive;
        decoder = BodyDecoder.of(head.contentLength, limits);
        taker.head(head);
        watch.atLatest(deadlineNanos());
        return true;
    }

    /** The response is whole. What follows it was not asked for. */
    private void finish(boolean moreBehind) {
        ResponseReader taker = Objects.requireNonNull(reader);
        HeadBytes trailers = decoder instanceof ChunkDecoder chunks ? chunks.trailers() : null;
        reader = null;
        decoder = null;
        if (paused) { // behind its last byte: the connection is watched again
            paused = false;
            connection.resumeReading();
        }
        boolean keep = persistent && request.isEnded() && !moreBehind && !peerEnded && !stopping;
        if (keep) {
            state = State.FREE;
        } else if (request.isEnded() && !moreBehind) {
            state = State.OVER;
            connection.close();
        } else {
            abort(); // the server reads no more of the request, or sends what nobody asked for
        }
        taker.ended(trailers);
        if (keep && state == State.FREE) {
            keeper.free(this);
        }
    }

    private void fail(RequestFailure.Kind kind, String detail) {
        ResponseReader taker = reader;
        reader = null;
        abort();
        if (taker != null) {
            taker.failed(new RequestFailure(kind, detail));
        }
    }

    @Override
    public void drained() {
        progressNanos = connection.nanoTime();
        if (reader != null) {
            reader.drained();
        }
    }

    @Override
    public void ended() {
        peerEnded = true;
        if (state == State.FREE) {
            close();
        } else if (state == State.SWITCHED) {
            Objects.requireNonNull(reader).ended(null);
        } else if (state == State.WAITING && !parser.begun() && request.isUnsent()) {
            fail(RequestFailure.Kind.UNSENT, "the server had closed the connection");
        } else if (state != State.OVER) {
            settleEnd(paused);
        }
    }

    /** The server has sent its last byte. What a reader left unread may still be a part of the response. */
    private void settleEnd(boolean unread) {
        if (decoder instanceof EndDecoder && !unread) {
            finish(false);
        } else if (!paused) {
            fail(RequestFailure.Kind.CLOSED, "the server closed the connection before the response was whole");
        }
    }

    @Override
    public void stopping() {
        stopping = true;
        close();
    }

    @Override
    public void closed(Cause cause) {
        ResponseReader taker = reader;
        reader = null;
        state = State.OVER;
        if (taker != null) {
            taker.failed(new RequestFailure(kind(cause), cause.toString()));
        }
        keeper.gone(this);
    }

    private RequestFailure.Kind kind(Cause cause) {
        if (!established) {
            return RequestFailure.Kind.CONNECT;
        }
        if (request.wasDropped()) {
            return RequestFailure.Kind.UNSENT;
        }
        return cause.kind() == Cause.Kind.TIMEOUT ? RequestFailure.Kind.TIMEOUT : RequestFailure.Kind.CLOSED;
    }

    // ---- time

    @Override
    public long deadlineNanos() {
        if (!established) {
            return Math.min(connectDeadlineNanos, reader == null ? Watch.NEVER : wholeDeadlineNanos);
        }
        return switch (state) {
            case WAITING ->
                request.isEnded() ? Math.min(requestEndedNanos + headNanos, wholeDeadlineNanos) : wholeDeadlineNanos;
            case READING ->
                paused || stallNanos == 0
                        ? wholeDeadlineNanos
                        : Math.min(wholeDeadlineNanos, progressNanos + stallNanos);
            case FREE -> idleDeadlineNanos;
            case SWITCHED, OVER -> Watch.NEVER;
        };
    }

    @Override
    public void expired() {
        if (!established) {
            fail(RequestFailure.Kind.CONNECT_TIMEOUT, "the connection was not established in time");
        } else if (state == State.FREE) {
            close();
        } else if (state == State.READING) {
            fail(RequestFailure.Kind.TIMEOUT, "the response's body came too slowly");
        } else {
            fail(RequestFailure.Kind.TIMEOUT, "the response did not come in time");
        }
    }
}
