package dev.sluice.http;

import dev.sluice.Cause;
import dev.sluice.Connection;
import dev.sluice.Session;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * HTTP/1.1 and 1.0 on one connection: parses a request, has it answered, and only then looks at the next, so that answers
 * keep their order and pipelined requests wait in the connection's own bounded input.
 *
 * <pre>
 *   IDLE ──first byte──▶ HEAD ──whole──▶ answered at once ──▶ IDLE
 *                         │  └─────────▶ {@link Exchange} ──over──▶ IDLE
 *                         └─malformed, late─▶ a refusal ─▶ CLOSING      (bytes behind it are never read as a request)
 * </pre>
 */
final class HttpSession implements Session, Watch.Watched {
    private final HttpService service;
    private final HttpLimits limits;
    private final Connection connection;
    private final RequestParser parser;
    private final RequestHead head = new RequestHead();
    private final ConnectionWorld world;
    private final Request lent;
    private final ResponseWriter writer;
    private final ConnectionDomain domain;
    private final Watch watch;
    private @Nullable Exchange exchange;

    private boolean receiving;
    /** Bytes that the last offer left unread. */
    private int unread;
    /** Whether these are the beginning of a head, rather than a request that waits its turn. */
    private boolean needsMore;

    private boolean peerEnded;
    private boolean stopping;
    private boolean closing;
    private boolean headStarted;
    private long headStartNanos;
    private long idleSinceNanos;

    HttpSession(HttpService service, Connection connection) {
        this.service = service;
        this.limits = service.limits();
        this.connection = connection;
        this.parser = new RequestParser(limits);
        this.domain = new ConnectionDomain(connection);
        this.world = new ConnectionWorld(connection, limits);
        this.lent = new Request(world, head);
        this.writer = new ResponseWriter(connection, service.dates());
        this.watch = new Watch(connection, this);
    }

    // ---- callbacks

    @Override
    public void opened() {
        idleSinceNanos = connection.nanoTime();
        watch.atLatest(deadlineNanos());
    }

    @Override
    public void received(ByteBuffer input) {
        if (closing) {
            input.position(input.limit());
            return;
        }
        receiving = true;
        if (exchange != null) {
            domain.enter();
        }
        try {
            boolean moved;
            do {
                moved = advance(input);
            } while (moved && !closing);
        } finally {
            receiving = false;
            domain.leave();
        }
        if (closing) {
            input.position(input.limit());
        }
        unread = input.remaining();
        head.release();
        settle();
    }

    /** Takes a step with the input; false where it leads no further for now. */
    private boolean advance(ByteBuffer input) {
        Exchange current = exchange;
        if (current != null) {
            current.receive(input);
            return exchange == null && !closing;
        }
        if (writer.isBlocked()) {
            return false;
        }
        int verdict = parser.parse(input, head);
        needsMore = verdict == RequestParser.NEED_MORE;
        if (needsMore) {
            return false;
        }
        headStarted = false;
        if (verdict < 0) {
            refuse(-verdict, parser.problem(), false);
            return false;
        }
        begin();
        return true;
    }

    @Override
    public void drained() {
        writer.drained();
        Exchange current = exchange;
        if (current != null) {
            domain.run(current::drained);
        } else if (unread > 0) {
            connection.resumeReading();
        } else {
            settle();
        }
    }

    @Override
    public void ended() {
        peerEnded = true;
        settle();
    }

    @Override
    public void stopping() {
        stopping = true;
        settle();
    }

    @Override
    public void closed(Cause cause) {
        closing = true;
        watch.cancel();
        Exchange current = exchange;
        if (current != null) {
            domain.run(current::abandon);
        }
    }

    @Override
    public long deadlineNanos() {
        if (closing) {
            return Watch.NEVER;
        }
        if (exchange != null) {
            return exchange.deadlineNanos();
        }
        return headStarted
                ? headStartNanos + limits.headerTimeout().toNanos()
                : idleSinceNanos + limits.idleTimeout().toNanos();
    }

    @Override
    public void expired() {
        Exchange current = exchange;
        if (current != null) {
            domain.run(() -> current.bodyFailed(408, "the body came too slowly"));
        } else if (headStarted) {
            refuse(408, "the request came too slowly", false);
        } else {
            shut();
        }
    }

    /** After every callback: brings ends and deadlines in line with what is now true. */
    private void settle() {
        Exchange current = exchange;
        if (closing || receiving) {
            return;
        }
        if (current != null) {
            if (peerEnded && unread == 0 && current.isStarving()) {
                domain.run(() -> current.bodyFailed(400, "the body ended early"));
            } else {
                watch.atLatest(current.deadlineNanos());
            }
            return;
        }
        if (parser.begun() && !headStarted) {
            headStarted = true;
            headStartNanos = connection.nanoTime();
            watch.atLatest(deadlineNanos());
        } else if (!headStarted) {
            idleSinceNanos = connection.nanoTime();
            if (!watch.isSet()) {
                watch.atLatest(deadlineNanos());
            }
        }
        if (peerEnded && (unread == 0 || needsMore)) {
            closing = true;
            connection.end();
        } else if (stopping && !parser.begun() && (unread == 0 || needsMore)) {
            shut();
        }
    }

    // ---- requests

    /** Answers the request whose head was just parsed, or starts to. */
    private void begin() {
        if (stopping) {
            head.keepAlive = false;
        }
        if (!head.implemented) {
            refuse(501, "the method is not implemented", false);
        } else if (head.expectsOther) {
            refuse(417, "only 100-continue can be expected", true);
        } else if (head.contentLength > limits.bodyBytes()) {
            refuse(413, "the body is too large", true);
        } else {
            lent.begin(connection.currentTimeMillis(), connection.nanoTime());
            Handler inline = service.inline();
            if (head.isServerWide()) {
                exchange().respond(Responses.OPTIONS);
            } else if (inline != null && head.contentLength == RequestHead.NO_BODY) {
                answerNow(inline);
            } else {
                exchange().start();
            }
        }
    }

    private void answerNow(Handler handler) {
        Response answer = service.answer(handler, lent);
        if (!Sources.isAtOnce(answer.content())) {
            exchange().respond(answer);
            return;
        }
        boolean last = !head.keepAlive || answer.closing();
        boolean bare = head.method.equals("HEAD") || Status.isBodiless(answer.status());
        long sent = writer.whole(answer, persistence(head, last), bare, head.minorVersion == 1);
        answer.done();
        log(lent, answer.status(), sent);
        lent.invalidate();
        if (last) {
            shut();
        }
    }

    /** An exchange with a request of its own, for the one that was lent. */
    private Exchange exchange() {
        if (service.inline() == null) {
            world.learn();
        }
        Exchange started = new Exchange(this, service, lent.own());
        lent.invalidate();
        exchange = started;
        domain.enter();
        return started;
    }

    /** Answers what can't be a request, or must not be one, and closes. */
    private void refuse(int status, String why, boolean parsed) {
        Response refusal = Responses.problem(status, why);
        lent.begin(connection.currentTimeMillis(), connection.nanoTime());
        long sent = writer.whole(refusal, Persistence.CLOSE, parsed && head.method.equals("HEAD"), true);
        log(lent, status, sent);
        lent.invalidate();
        shut();
    }

    private void shut() {
        closing = true;
        connection.close();
    }

    // ---- for the exchange

    /** The exchange is over. The last one stays, to hear that the connection is gone. */
    void finished(boolean last) {
        if (last) {
            shut();
            return;
        }
        exchange = null;
        if (!receiving) {
            if (unread > 0) {
                connection.resumeReading();
            } else {
                settle();
            }
        }
    }

    /** Somebody wants more of the body. */
    void wantsInput() {
        if (!receiving) {
            if (unread > 0) {
                connection.resumeReading();
            }
            settle();
        }
    }

    Persistence persistence(RequestHead of, boolean last) {
        if (last) {
            return Persistence.CLOSE;
        }
        return of.minorVersion == 1 ? Persistence.IMPLIED : Persistence.STATED;
    }

    void log(Request request, int status, long bodyBytes) {
        AccessLog log = service.accessLog();
        if (log != null) {
            log.answered(request, status, bodyBytes, connection.nanoTime() - request.receivedNanos());
        }
    }

    ResponseWriter writer() {
        return writer;
    }

    Connection connection() {
        return connection;
    }

    boolean isStopping() {
        return stopping;
    }

    ConnectionDomain domain() {
        return domain;
    }
}
