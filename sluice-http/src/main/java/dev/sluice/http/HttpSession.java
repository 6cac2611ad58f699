package dev.sluice.http;

import dev.sluice.Cause;
import dev.sluice.Connection;
import dev.sluice.Priority;
import dev.sluice.Session;
import dev.sluice.observe.Incidents;
import java.nio.ByteBuffer;
import java.util.concurrent.TimeUnit;
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
    /**
     * Requests that are answered in a row; then the loop's other connections have their turn. What is pipelined in one receive
     * could else keep it for as long as thousands of look-ups take.
     */
    private static final int ANSWERS_IN_A_ROW = 32;

    /**
     * While a server drains, a connection without a request is kept for so long: one may be on its way, and closing would lose
     * it (RFC 9112 section 9.5). The answer to it says {@code Connection: close}, which no request can cross.
     */
    private static final long LAST_REQUEST_NANOS = TimeUnit.MILLISECONDS.toNanos(250);

    private final HttpService service;
    private final Connection connection;
    /** From a request's first byte until the session is idle again. */
    private @Nullable Workbench bench;

    private @Nullable Occupant occupant;
    /** Of the exchanges, once there was one. */
    private @Nullable ConnectionDomain domain;
    /** Of heads that come bit by bit and of exchanges; a connection that is idle is watched by the runtime. */
    private @Nullable Watch watch;

    private boolean idle;
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

    HttpSession(HttpService service, Connection connection) {
        this.service = service;
        this.connection = connection;
        service.opened();
    }

    private Workbench bench() {
        Workbench had = bench;
        if (had == null) {
            had = service.benches().take(connection);
            bench = had;
        }
        return had;
    }

    private void putBenchBack() {
        Workbench had = bench;
        if (had != null) {
            had.tell(Phase.IDLE, service.metrics());
            bench = null;
            service.benches().putBack(had);
        }
    }

    private Phase phaseNow() {
        Occupant current = occupant;
        Workbench had = bench;
        if (closing) {
            return Phase.DRAINING;
        } else if (current != null) {
            return current.phase();
        } else if (had != null && had.writer().isBlocked()) {
            return Phase.WRITING;
        }
        return headStarted || unread > 0 ? Phase.READING : Phase.IDLE;
    }

    /** Has the connection counted where it is. */
    void tellPhase() {
        HttpMetrics metrics = service.metrics();
        Workbench had = bench;
        if (had != null && metrics != null) {
            had.tell(phaseNow(), metrics);
        }
    }

    // ---- callbacks

    @Override
    public void opened() {
        beIdle(true);
    }

    /** While nothing is asked, the runtime closes a connection that has been idle for too long. */
    private void beIdle(boolean now) {
        if (idle != now) {
            idle = now;
            connection.idleTimeout(now ? idleNanos() : 0);
        }
    }

    private long idleNanos() {
        long nanos = service.limits().idleTimeout().toNanos();
        return stopping && (nanos == 0 || nanos > LAST_REQUEST_NANOS) ? LAST_REQUEST_NANOS : nanos;
    }

    @Override
    public void received(ByteBuffer input) {
        if (closing) {
            input.position(input.limit());
            return;
        }
        Workbench bench = bench();
        receiving = true;
        if (occupant != null) {
            domain().enter();
        }
        int left = ANSWERS_IN_A_ROW;
        try {
            while (!closing && left > 0 && advance(bench, input)) {
                left--;
            }
        } finally {
            receiving = false;
            if (domain != null) {
                domain.leave();
            }
        }
        if (closing) {
            input.position(input.limit());
        }
        unread = input.remaining();
        if (left == 0 && unread > 0) {
            connection.resumeReading();
        }
        bench.head.release();
        settle();
    }

    /** Takes a step with the input; false where it leads no further for now. */
    private boolean advance(Workbench bench, ByteBuffer input) {
        Occupant current = occupant;
        if (current != null) {
            current.receive(input);
            return occupant != current && !closing;
        }
        if (bench.writer().isBlocked()) {
            return false;
        }
        int verdict = bench.parser.parse(input, bench.head);
        needsMore = verdict == RequestParser.NEED_MORE;
        if (needsMore) {
            return false;
        }
        headStarted = false;
        if (verdict < 0) {
            refuse(-verdict, bench.parser.problem(), false);
            return false;
        }
        begin(bench);
        return true;
    }

    @Override
    public void drained() {
        if (bench != null) {
            bench.writer().drained();
        }
        Occupant current = occupant;
        if (current != null) {
            domain().run(current::drained);
        } else if (unread > 0) {
            connection.resumeReading();
        } else {
            settle();
        }
    }

    @Override
    public void ended() {
        peerEnded = true;
        if (occupant instanceof Switched other) {
            domain().run(other::peerEnded);
        }
        settle();
    }

    @Override
    public void stopping() {
        stopping = true;
        if (idle) {
            connection.idleTimeout(idleNanos());
        }
        settle();
    }

    @Override
    public void closed(Cause cause) {
        closing = true;
        Occupant current = occupant;
        if (current != null) {
            domain().run(() -> current.abandon(cause));
        }
        Workbench had = bench;
        if (had != null && had.parser.isFresh()) {
            putBenchBack();
        } else if (had != null) { // it is dropped: its parser stands in the middle of a head, or behind an empty line
            had.tell(Phase.IDLE, service.metrics());
        }
        service.closed();
    }

    @Override
    public String phase() {
        Workbench had = bench;
        return (had != null && had.isHandling() ? Phase.HANDLING : phaseNow()).label;
    }

    @Override
    public @Nullable String activity() {
        Occupant current = occupant;
        if (current != null) {
            return Chars.quote(current.requestLine());
        }
        Workbench had = bench;
        String line = had == null ? "" : had.head.firstLine(service.limits().requestLineBytes());
        if (line.isEmpty()) {
            return headStarted ? "a request's head, not complete" : null;
        }
        return Chars.quote(line);
    }

    @Override
    public long deadlineNanos() {
        if (closing) {
            return Watch.NEVER;
        }
        if (occupant != null) {
            return occupant.deadlineNanos();
        }
        return headStarted ? headStartNanos + service.limits().headerTimeout().toNanos() : Watch.NEVER;
    }

    @Override
    public void expired() {
        Incidents.receiveStalled(connection, occupant == null ? "a request's head" : "a request's body");
        Occupant current = occupant;
        if (current != null) {
            domain().run(current::expired);
        } else {
            refuse(408, "the request came too slowly", false);
        }
    }

    /** After every callback: brings ends and deadlines in line with what is now true. */
    private void settle() {
        if (receiving) {
            return;
        }
        if (!closing) {
            settleEnds();
        }
        tellPhase();
    }

    private void settleEnds() {
        Occupant current = occupant;
        if (current != null) {
            beIdle(false);
            if (peerEnded && unread == 0 && current.isStarving()) {
                domain().run(current::endedEarly);
            } else {
                watch().atLatest(current.deadlineNanos());
            }
            return;
        }
        boolean begun = bench != null && bench.parser.begun();
        if (begun && !headStarted) {
            headStarted = true;
            headStartNanos = connection.nanoTime();
            beIdle(false);
            watch().atLatest(deadlineNanos());
        } else if (!headStarted) {
            beIdle(true);
        }
        if (peerEnded && (unread == 0 || needsMore)) {
            closing = true;
            connection.end();
        } else if (bench != null
                && bench.parser.isFresh()
                && unread == 0
                && !bench.writer().isBlocked()) {
            putBenchBack();
        }
    }

    private Watch watch() {
        Watch had = watch;
        if (had == null) {
            had = new Watch(connection, this);
            watch = had;
        }
        return had;
    }

    // ---- requests

    /** Answers the request whose head was just parsed, or starts to. */
    private void begin(Workbench bench) {
        RequestHead head = bench.head;
        HttpLimits limits = service.limits();
        if (stopping) {
            head.keepAlive = false;
        }
        if (!service.implementsMethod(head)) {
            refuse(501, "the method is not implemented", false);
        } else if (head.expectsOther) {
            refuse(417, "only 100-continue can be expected", true);
        } else if (head.contentLength > limits.bodyBytes()) {
            refuse(413, "the body is too large", true);
        } else {
            bench.lent().begin(connection.currentTimeMillis(), connection.nanoTime());
            if (service.deadline().isUsed() && !setDeadline(bench.lent())) {
                return;
            }
            Handler inline = service.inline();
            if (head.isServerWide()) {
                exchange().respond(Responses.OPTIONS);
            } else if (inline != null
                    && head.contentLength == RequestHead.NO_BODY
                    && service.placeOf(head) == Placement.Place.LOOP) {
                answerInTurn(bench, inline);
            } else {
                exchange().start();
            }
        }
    }

    /** False where the client asked for one that can't be. */
    private boolean setDeadline(Request lent) {
        try {
            lent.deadline(service.deadline().of(lent, connection.nanoTime()));
            return true;
        } catch (HttpException e) {
            refuse(e.status(), e.getMessage(), true);
            return false;
        }
    }

    private void answerInTurn(Workbench bench, Handler handler) {
        Admission admission = service.admission();
        Priority priority = admission.priority(bench.lent());
        long permit = admission.admit(priority);
        if (permit == ConcurrencyLimiter.REFUSED) {
            write(bench, admission.refusal());
        } else if (admission.isItsTurn(connection, priority, permit)) {
            try {
                answerNow(bench, handler);
            } finally {
                admission.release(permit);
            }
        } else {
            exchange().runLater(handler, permit);
        }
    }

    private void answerNow(Workbench bench, Handler handler) {
        bench.tell(Phase.HANDLING, service.metrics()); // it may wait, on models where it may
        Response answer = service.answer(handler, bench.lent());
        if (Sources.isAtOnce(answer.content())) {
            write(bench, answer);
        } else {
            exchange().respond(answer);
        }
    }

    /** Answers the request that was parsed last. */
    private void write(Workbench bench, Response answer) {
        RequestHead head = bench.head;
        Request lent = bench.lent();
        boolean last = !head.keepAlive || answer.closing();
        boolean bare = head.method.equals("HEAD") || Status.isBodiless(answer.status());
        long sent = bench.writer().whole(answer, persistence(head, last), bare, head.minorVersion == 1);
        answer.done();
        log(lent, answer.status(), sent);
        lent.invalidate();
        if (last) {
            shut();
        }
    }

    /** An exchange with a request of its own, for the one that was lent. */
    private Exchange exchange() {
        Workbench bench = bench();
        ConnectionWorld world = bench.share();
        if (service.inline() == null || service.workers().automatic()) {
            world.learn();
        }
        Exchange started = new Exchange(this, service, bench.lent().own());
        bench.lent().invalidate();
        occupant = started;
        domain().enter();
        return started;
    }

    /** Answers what can't be a request, or must not be one, and closes. */
    private void refuse(int status, String why, boolean parsed) {
        Response refusal = Responses.problem(status, why);
        Workbench bench = bench();
        Request lent = bench.lent();
        lent.begin(connection.currentTimeMillis(), connection.nanoTime());
        boolean bare = parsed && bench.head.method.equals("HEAD");
        long sent = bench.writer().whole(refusal, Persistence.CLOSE, bare, true);
        log(lent, status, sent);
        lent.invalidate();
        shut();
    }

    private void shut() {
        closing = true;
        connection.close();
        tellPhase();
    }

    // ---- for the exchange

    /** The exchange is over. The last one stays, to hear that the connection is gone. */
    void finished(boolean last) {
        if (last) {
            shut();
            return;
        }
        occupant = null;
        if (!receiving) {
            if (unread > 0) {
                connection.resumeReading();
            } else {
                settle();
            }
        }
    }

    /** Another protocol follows the exchange. */
    void switched(Switched to) {
        occupant = to;
        wantsInput();
    }

    /** Somebody wants more of the body. */
    void wantsInput() {
        if (!receiving) {
            if (unread > 0) {
                connection.resumeReading();
            } else {
                tellEndOfBody();
            }
            settle();
        }
    }

    /** A reader that paused behind the last byte of a body has not been told that it was the last: no byte follows it. */
    private void tellEndOfBody() {
        Occupant current = occupant;
        if (current != null) {
            current.receive(ByteBuffer.allocate(0));
        }
    }

    Persistence persistence(RequestHead of, boolean last) {
        if (last) {
            return Persistence.CLOSE;
        }
        return of.minorVersion == 1 ? Persistence.IMPLIED : Persistence.STATED;
    }

    void log(Request request, int status, long bodyBytes) {
        service.answered(request, status);
        AccessLog log = service.accessLog();
        if (log != null) {
            log.answered(request, status, bodyBytes, connection.nanoTime() - request.receivedNanos());
        }
    }

    ResponseWriter writer() {
        return bench().writer();
    }

    Connection connection() {
        return connection;
    }

    boolean isStopping() {
        return stopping;
    }

    ConnectionDomain domain() {
        ConnectionDomain had = domain;
        if (had == null) {
            had = new ConnectionDomain(connection);
            domain = had;
        }
        return had;
    }
}
