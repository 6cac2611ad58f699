package dev.sluice.http;

import dev.sluice.Priority;
import dev.sluice.observe.Incidents;
import java.util.Objects;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A request's way to its handler, within the limit, and the answer's way back: on the loop now or in a later turn of it, on a
 * worker, or as a promise of the handler's.
 *
 * <pre>
 *   body, where it is to be whole ─▶ permit ─▶ handler ─▶ {@link Exchange#respond}
 *                                      └─none─▶ 503
 * </pre>
 *
 * Runs in the session's domain, but for what a worker does.
 */
final class Invocation {
    /** In the place of a permit that is held. */
    private static final long NONE = ConcurrencyLimiter.REFUSED;

    private final Exchange exchange;
    private final HttpService service;
    private final Request request;
    /** Of a handler that waits for its turn on the loop, or of a gateway whose answer has not begun. */
    private long held = NONE;
    /** The deadline has passed: a worker that has not begun need not. */
    private volatile boolean late;

    private final AtomicReference<@Nullable Response> delivered = new AtomicReference<>();

    Invocation(Exchange exchange, HttpService service, Request request) {
        this.exchange = exchange;
        this.service = service;
        this.request = request;
    }

    /** Gives the request to the handler, now or when its body is there. */
    void start() {
        switch (service.style()) {
            case HttpService.Style.Whole whole -> startWhole(whole);
            case HttpService.Style.Async async -> startAsync(async.handler());
            case HttpService.Style.Blocking blocking -> onWorker(blocking.handler(), Placement.Place.WORKERS);
            case HttpService.Style.Gateway gateway -> startGateway(gateway.handler());
        }
    }

    /** Whether the handler has still to be given a body. */
    boolean isReading() {
        return service.style() instanceof HttpService.Style.Whole whole
                && !whole.ignoresBody()
                && !exchange.body().isEnded();
    }

    private void startWhole(HttpService.Style.Whole whole) {
        if (whole.ignoresBody() || exchange.body().isEnded()) {
            run(whole.handler());
            return;
        }
        var _ = exchange.body().bytes(service.limits().bufferedBodyBytes()).whenComplete((bytes, failure) -> {
            if (failure == null) {
                request.content(bytes);
                run(whole.handler());
            } else {
                exchange.respond(exchange.failed(failure));
            }
        });
    }

    /** A permit for the class that the request is of; {@link #NONE} where it is over the limit, which is answered. */
    private long admit(Priority priority) {
        long permit = service.admission().admit(priority);
        if (permit == ConcurrencyLimiter.REFUSED) {
            exchange.respond(service.admission().refusal());
        }
        return permit;
    }

    private Priority priority() {
        return service.admission().priority(request);
    }

    // ---- on the loop

    private void run(Handler handler) {
        Placement.Place place = service.placeOf(request.head());
        if (place != Placement.Place.LOOP) {
            onWorker(handler, place);
            return;
        }
        Priority priority = priority();
        long permit = admit(priority);
        if (permit == NONE) {
            return;
        }
        if (service.admission().isItsTurn(exchange.connection(), priority, permit)) {
            answerHere(handler, permit);
        } else {
            runLater(handler, permit);
        }
    }

    /** Runs a handler that has its permit as a task of the loop, behind those that wait already. */
    void runLater(Handler handler, long permit) {
        held = permit;
        boolean queued = exchange.execute(() -> {
            long now = exchange.nanoTime(); // which also tells the loop how long its tasks take
            if (exchange.isAnswered() || request.isLate(now)) {
                exchange.respond(Responses.LATE);
            } else {
                held = NONE;
                answerHere(handler, permit);
            }
        });
        if (!queued) {
            exchange.respond(Responses.BUSY);
        }
    }

    private void answerHere(Handler handler, long permit) {
        exchange.handling();
        exchange.respond(answerWith(handler, permit));
    }

    private Response answerWith(Handler handler, long permit) {
        try {
            return service.answer(handler, request);
        } finally {
            service.admission().release(permit);
        }
    }

    // ---- on a worker

    private void onWorker(Handler handler, Placement.Place place) {
        Priority priority = priority();
        long permit = admit(priority);
        if (permit != NONE && !toWorker(place, priority, () -> work(handler, permit))) {
            service.admission().cancel(permit);
            Incidents.shed("request", "all workers are busy");
            exchange.respond(Responses.BUSY);
        }
    }

    private boolean toWorker(Placement.Place place, Priority priority, Runnable work) {
        return place == Placement.Place.BEGINS_ON_LOOP
                ? service.workers().begin(exchange.connection(), work, nanos -> service.held(request.head(), nanos))
                : service.workers().submit(priority, work);
    }

    /** On a worker. */
    private void work(Handler handler, long permit) {
        if (late) {
            service.admission().cancel(permit);
        } else {
            deliver(answerWith(handler, permit));
        }
    }

    // ---- of handlers that answer later

    private void startAsync(AsyncHandler handler) {
        long permit = admit(priority());
        if (permit == NONE) {
            return;
        }
        CompletionStage<Response> stage;
        try {
            stage = Objects.requireNonNull(handler.handle(request), "a handler gave no promise");
        } catch (Exception e) {
            service.admission().release(permit);
            exchange.respond(exchange.failed(e));
            return;
        }
        var _ = stage.whenComplete((answer, failure) -> {
            service.admission().release(permit);
            Response given = failure == null && answer != null ? answer : exchange.failed(failure);
            if (exchange.isInDomain()) {
                exchange.respond(given);
            } else {
                deliver(given);
            }
        });
    }

    /** In hand until the answer begins; from then on its pace is the peers'. */
    private void startGateway(GatewayHandler handler) {
        long permit = admit(priority());
        if (permit != NONE) {
            held = permit;
            exchange.guarded(() -> handler.handle(new GatewayExchange(exchange)));
        }
    }

    /** What a gateway asked has begun to answer. */
    void answerBegun() {
        if (held != NONE) {
            service.admission().release(held);
            held = NONE;
        }
    }

    // ---- ends

    /** Another answer has taken the place of the one that was waited for; how long that took says nothing of handlers. */
    void overtaken() {
        if (held != NONE) {
            service.admission().cancel(held);
            held = NONE;
        }
    }

    /** The deadline has passed. */
    void late() {
        late = true;
    }

    /** The connection is gone. */
    void abandon() {
        overtaken();
        takeDelivery(Response::done);
    }

    /**
     * Brings a response from another thread. It stands in {@link #delivered} meanwhile, since a task that the connection's
     * close overtakes never runs, and what the response holds must be let go all the same.
     */
    private void deliver(Response answer) {
        delivered.set(answer);
        if (!exchange.execute(() -> takeDelivery(exchange::respond))) {
            takeDelivery(Response::done);
        }
    }

    private void takeDelivery(Consumer<Response> taker) {
        Response answer = delivered.getAndSet(null);
        if (answer != null) {
            taker.accept(answer);
        }
    }
}
