package dev.sluice.http;

import dev.sluice.Cause;
import dev.sluice.Connection;
import dev.sluice.Session;
import java.nio.ByteBuffer;
import java.util.concurrent.CompletionException;
import org.jspecify.annotations.Nullable;

/**
 * A request that is not answered at once, from its head to the end of both its body and its response. A session has at
 * most one, so that answers keep their order.
 *
 * <pre>
 *   request:   head ─▶ body arrives ─▶ ended | discarded | failed ─┐
 *   response:  handler at work ─▶ head sent ─▶ body sent ──────────┴─▶ over: the next request, or close
 * </pre>
 *
 * Runs in the session's domain, but for {@link #failed}, {@link #inDomain} and {@link #execute}.
 */
final class Exchange implements Occupant {
    private final HttpSession session;
    private final HttpService service;
    private final Request request;
    private final InboundBody body;
    private final Invocation invocation;
    private boolean continuePending;
    private boolean closing;
    private @Nullable Response response;
    private @Nullable Outbound outbound;
    private boolean responseDone;
    private boolean over;
    private @Nullable Runnable onAbandoned;

    Exchange(HttpSession session, HttpService service, Request request) {
        this.session = session;
        this.service = service;
        this.request = request;
        RequestHead head = request.head();
        this.body = new InboundBody(this, head.contentLength, service.limits(), service.bodyMemory());
        this.invocation = new Invocation(this, service, request);
        this.continuePending = head.expectsContinue && head.contentLength != RequestHead.NO_BODY;
        this.closing = !head.keepAlive;
        request.body(body);
    }

    /** Gives the request to the handler, now or when its body is there. */
    void start() {
        invocation.start();
    }

    /** Runs a handler that has its permit in a later turn of the loop. */
    void runLater(Handler handler, long permit) {
        invocation.runLater(handler, permit);
    }

    /** What a handler's failure is answered with; on any thread. */
    Response failed(@Nullable Throwable failure) {
        Throwable cause = failure == null ? new NullPointerException("a handler gave no response") : failure;
        if (cause instanceof CompletionException && cause.getCause() != null) {
            cause = cause.getCause();
        }
        return service.failure(request, cause);
    }

    // ---- the response

    /** Sends the response; a second one is dropped. */
    void respond(Response answer) {
        if (over || response != null) {
            answer.done();
            return;
        }
        RequestHead head = request.head();
        boolean bare = head.method.equals("HEAD") || Status.isBodiless(answer.status());
        boolean atOnce = bare || Sources.isAtOnce(answer.content());
        BodySource source = null;
        if (!atOnce) {
            try {
                source = Sources.of(
                        answer.content(),
                        service.workers(),
                        () -> session.connection().events().disk());
            } catch (IllegalStateException unfit) {
                answer.done();
                respond(failed(unfit));
                return;
            }
            if (source == null) {
                answer.done();
                respond(Responses.BUSY);
                return;
            }
        }
        response = answer;
        invocation.overtaken();
        boolean keep = body.settle(continuePending) && !answer.closing() && !session.isStopping();
        continuePending = false;
        boolean endless = answer.length() < 0 && head.minorVersion == 0;
        closing |= !keep || endless && !bare;
        if (source == null) {
            sent(session.writer().whole(answer, session.persistence(head, closing), bare, head.minorVersion == 1));
            return;
        }
        session.writer().head(answer, session.persistence(head, closing), !endless);
        outbound = new Outbound(this, session, answer.length(), !endless);
        outbound.start(source);
        session.tellPhase();
    }

    /** A handler is about to run on the session's thread, where it may wait on some models. */
    void handling() {
        session.tellPhase();
    }

    /** Whether a response was sent, or begun. */
    boolean isAnswered() {
        return response != null;
    }

    /** The response's last byte is queued. */
    void sent(long bodyBytes) {
        Response answer = response;
        if (answer != null && !responseDone) {
            responseDone = true;
            answer.done();
            session.log(request, answer.status(), bodyBytes);
            settle();
        }
    }

    /** The response can't be sent whole. */
    void cut(long bodyBytes, Throwable cause, boolean reset) {
        closing = true;
        if (!(cause instanceof HttpException)) {
            service.failed(request.requestLine(), cause);
        }
        if (reset) {
            session.connection().abort();
        }
        sent(bodyBytes);
    }

    /** Ends the exchange where both sides are done. */
    private void settle() {
        if (responseDone && !over && (closing || body.isEnded())) {
            over = true;
            body.fail(new HttpException(400, "the request was answered before its body was read"));
            session.finished(closing);
        }
    }

    // ---- for a gateway: in the session's domain, which is also that of the connections it dials

    /** Whether the body ends, if at all, only after the response: then the connection can't live on. */
    private void closeUnlessBodyEnded() {
        closing |= !body.isEnded() || session.isStopping();
    }

    /** As {@link #respond}, for an answer of the gateway's own. */
    void respondForGateway(Response answer) {
        if (!over && response == null) {
            closeUnlessBodyEnded();
            continuePending = false;
            respond(answer);
        }
    }

    /**
     * Sends a response's head.
     *
     * @return what writes the body; null where none follows, and the response is over, or comes too late
     */
    @Nullable
    BodyWriter relay(int status, HeadBytes fields, boolean dated, long length) {
        if (over || response != null) {
            return null;
        }
        RequestHead head = request.head();
        boolean bare = head.method.equals("HEAD") || Status.isBodiless(status);
        boolean endless = length < 0 && head.minorVersion == 0;
        response = Responses.relayed(status);
        invocation.answerBegun();
        closeUnlessBodyEnded();
        closing |= endless && !bare;
        Persistence persistence = session.persistence(head, closing);
        session.writer().relayed(status, fields, dated, persistence, bare ? 0 : length, bare || endless);
        if (bare) {
            sent(0);
            return null;
        }
        outbound = new Outbound(this, session, length, !endless);
        session.tellPhase();
        return outbound;
    }

    /** Sends a response of 1xx ahead of the one that answers. */
    void relayInformational(int status, HeadBytes fields) {
        if (!over && response == null && request.head().minorVersion == 1) {
            if (status != 100 || continuePending) {
                session.writer().informational(status, fields);
            }
            continuePending &= status != 100;
        }
    }

    /** Answers with 101; what comes from now on is another session's. */
    void switchTo(HeadBytes fields, Session next) {
        over = true;
        response = Responses.SWITCHING;
        invocation.answerBegun();
        session.writer().informational(101, fields);
        session.connection().readIndependently();
        session.log(request, 101, 0);
        session.switched(new Switched(service, session.connection(), request, next));
    }

    void onAbandoned(Runnable task) {
        onAbandoned = task;
    }

    Request request() {
        return request;
    }

    InboundBody body() {
        return body;
    }

    Connection connection() {
        return session.connection();
    }

    boolean expectsContinue() {
        return continuePending;
    }

    // ---- the body

    /** Takes what it can of the input; a reader that throws is a handler that failed. */
    @Override
    public void receive(ByteBuffer in) {
        guarded(() -> body.receive(in));
        settle();
    }

    /** Something that a user's code does on the session's thread. */
    interface Guarded {
        void run() throws Exception;
    }

    /** Runs a user's code; what it throws fails the exchange and nothing else. */
    void guarded(Guarded task) {
        try {
            task.run();
        } catch (Exception e) {
            closing = true;
            if (response == null) {
                respond(failed(e));
            } else if (outbound != null && !responseDone) {
                outbound.fail(e);
            } else {
                service.failed(request.requestLine(), e);
            }
            body.fail(new HttpException(500, "the body's reader failed"));
        }
    }

    /** The body is malformed, too large, too slow or cut short. What is behind it is never read as a request. */
    void bodyFailed(int status, String problem) {
        closing = true;
        if (response == null) {
            respond(Responses.problem(status, problem));
        }
        body.fail(new HttpException(status, problem));
        settle();
    }

    /** More came than is discarded for the connection's sake. */
    void discardedTooMuch() {
        closing = true;
        body.fail(new HttpException(413, "an unread body is too large"));
    }

    /** Reading starts: a client that waits to be told is told, unless it is an old one or sends already. */
    void continueReading() {
        if (continuePending && response == null && body.isUntouched()) {
            session.writer().writeContinue();
        }
        continuePending = false;
    }

    /** Somebody wants more of the body than was taken. */
    void wantsBody() {
        session.wantsInput();
    }

    @Override
    public String requestLine() {
        return request.requestLine();
    }

    @Override
    public boolean isStarving() {
        return body.isStarving();
    }

    @Override
    public void endedEarly() {
        bodyFailed(400, "the body ended early");
    }

    @Override
    public Phase phase() {
        if (response != null) {
            return Phase.WRITING;
        }
        return invocation.isReading() ? Phase.READING : Phase.HANDLING;
    }

    /** The first of two: by when the rest of the body must come, and by when the answer must begin. */
    @Override
    public long deadlineNanos() {
        long ofBody = body.deadlineNanos();
        long ofAnswer = response == null ? request.deadlineNanos() : Watch.NEVER;
        if (ofAnswer == Watch.NEVER || ofBody == Watch.NEVER) {
            return Math.min(ofAnswer, ofBody);
        }
        return ofAnswer - ofBody < 0 ? ofAnswer : ofBody;
    }

    /** One of them has passed. What a handler answers from now on is dropped, and the connection goes on. */
    @Override
    public void expired() {
        if (response == null && request.isLate(nanoTime())) {
            invocation.late();
            closing |= !body.isEnded(); // its reader may hold it back for ever
            respond(Responses.LATE);
            if (onAbandoned != null) {
                onAbandoned.run();
            }
        } else {
            bodyFailed(408, "the body came too slowly");
        }
    }

    // ---- the session's other callbacks

    @Override
    public void drained() {
        if (outbound != null && !responseDone) {
            outbound.drained();
        }
    }

    @Override
    public void abandon(Cause cause) {
        invocation.abandon();
        body.abandon();
        if (over) {
            return;
        }
        over = true;
        if (onAbandoned != null) {
            onAbandoned.run();
        }
        if (outbound != null && !responseDone) {
            outbound.closed();
        }
        Response answer = response;
        if (answer != null && !responseDone) {
            responseDone = true;
            session.log(request, answer.status(), outbound == null ? 0 : outbound.bodyBytes());
            answer.done();
        }
    }

    // ---- the domain

    boolean isInDomain() {
        return session.domain().isHere();
    }

    /** Runs a task in the session's domain: now, where this is it. */
    void inDomain(Runnable task, Runnable refused) {
        if (session.domain().isHere()) {
            task.run();
        } else if (!session.domain().execute(task)) {
            refused.run();
        }
    }

    boolean execute(Runnable task) {
        return session.domain().execute(task);
    }

    HttpLimits limits() {
        return service.limits();
    }

    long nanoTime() {
        return session.connection().nanoTime();
    }
}
