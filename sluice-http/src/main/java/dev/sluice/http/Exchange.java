package dev.sluice.http;

import dev.sluice.observe.Incidents;
import java.nio.ByteBuffer;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
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
 * Runs in the session's domain, but for {@link #inDomain}.
 */
final class Exchange {
    private final HttpSession session;
    private final HttpService service;
    private final Request request;
    private final InboundBody body;
    private boolean continuePending;
    private boolean closing;
    private @Nullable Response response;
    private @Nullable Outbound outbound;
    private boolean responseDone;
    private boolean over;
    private final AtomicReference<@Nullable Response> delivered = new AtomicReference<>();

    Exchange(HttpSession session, HttpService service, Request request) {
        this.session = session;
        this.service = service;
        this.request = request;
        RequestHead head = request.head();
        this.body = new InboundBody(this, head.contentLength, service.limits());
        this.continuePending = head.expectsContinue && head.contentLength != RequestHead.NO_BODY;
        this.closing = !head.keepAlive;
        request.body(body);
    }

    // ---- from request to response

    /** Gives the request to the handler, now or when its body is there. */
    void start() {
        switch (service.style()) {
            case HttpService.Style.Whole whole -> startWhole(whole);
            case HttpService.Style.Async async -> startAsync(async.handler());
            case HttpService.Style.Blocking blocking -> onWorker(blocking.handler());
        }
    }

    private void startWhole(HttpService.Style.Whole whole) {
        if (whole.ignoresBody() || body.isEnded()) {
            run(whole.handler());
            return;
        }
        var _ = body.bytes(service.limits().bufferedBodyBytes()).whenComplete((bytes, failure) -> {
            if (failure == null) {
                request.content(bytes);
                run(whole.handler());
            } else {
                respond(failed(failure));
            }
        });
    }

    private void run(Handler handler) {
        if (service.isOnLoop(request.head())) {
            respond(answer(handler));
        } else {
            onWorker(handler);
        }
    }

    private void onWorker(Handler handler) {
        boolean taken = service.workers().submit(() -> deliver(answer(handler)));
        if (!taken) {
            Incidents.shed("request", "all workers are busy");
            respond(Responses.BUSY);
        }
    }

    private Response answer(Handler handler) {
        return service.answer(handler, request);
    }

    private void startAsync(AsyncHandler handler) {
        CompletionStage<Response> stage;
        try {
            stage = handler.handle(request);
        } catch (Exception e) {
            respond(failed(e));
            return;
        }
        var _ = stage.whenComplete((answer, failure) -> {
            Response given = failure == null && answer != null ? answer : failed(failure);
            if (session.domain().isHere()) {
                respond(given);
            } else {
                deliver(given);
            }
        });
    }

    /**
     * Brings a response from another thread. It stands in {@link #delivered} meanwhile, since a task that the connection's
     * close overtakes never runs, and what the response holds must be let go all the same.
     */
    private void deliver(Response answer) {
        delivered.set(answer);
        if (!session.domain().execute(() -> takeDelivery(this::respond))) {
            takeDelivery(Response::done);
        }
    }

    private void takeDelivery(Consumer<Response> taker) {
        Response answer = delivered.getAndSet(null);
        if (answer != null) {
            taker.accept(answer);
        }
    }

    private Response failed(@Nullable Throwable failure) {
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
                source = Sources.of(answer.content(), service.workers());
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

    // ---- the body

    /** Takes what it can of the input; a reader that throws is a handler that failed. */
    void receive(ByteBuffer in) {
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

    /** As sent, what could break a line of a log included. */
    String requestLine() {
        return request.requestLine();
    }

    boolean isStarving() {
        return body.isStarving();
    }

    long deadlineNanos() {
        return body.deadlineNanos();
    }

    // ---- the session's other callbacks

    void drained() {
        if (outbound != null && !responseDone) {
            outbound.drained();
        }
    }

    /** The connection is gone. */
    void abandon() {
        takeDelivery(Response::done);
        body.abandon();
        if (over) {
            return;
        }
        over = true;
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
