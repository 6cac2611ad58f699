package dev.sluice.proxy;

import dev.sluice.Connection;
import dev.sluice.http.BodyReader;
import dev.sluice.http.BodyWriter;
import dev.sluice.http.GatewayExchange;
import dev.sluice.http.HeadBytes;
import dev.sluice.http.HttpClientSession;
import dev.sluice.http.HttpException;
import dev.sluice.http.Request;
import dev.sluice.http.RequestFailure;
import dev.sluice.http.Response;
import dev.sluice.http.ResponseHead;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * A client's request on its way: sent to a back end, to another one where that fails and may be repeated, and its response
 * passed back. The first head that comes is the answer; whatever else was asked is cancelled.
 *
 * <pre>
 *   start ─▶ {@link Try} ──head──▶ answered ─▶ over
 *              │  └─late, by option─▶ a second try beside it (a hedge)
 *              └─failed─▶ the next try, where {@link Retry} allows it ─▶ … ─▶ 502, 503, 504
 * </pre>
 */
final class ProxyRequest implements BodyReader {
    private final ProxyHandler proxy;
    private final Lane lane;
    private final GatewayExchange exchange;
    private final Backends backends;
    private final Replay replay;
    private final long wholeDeadlineNanos;
    private final boolean webSocket;

    /** Back ends that were asked already. */
    private final Backend[] tried;

    private int tries;
    private @Nullable Try current;
    private @Nullable Try hedge;
    private Connection.@Nullable Timer hedgeTimer;
    private boolean answered;
    private boolean over;
    private @Nullable BodyWriter out;
    private boolean bodyEnded;

    ProxyRequest(ProxyHandler proxy, Lane lane, GatewayExchange exchange, Backends backends) {
        this.proxy = proxy;
        this.lane = lane;
        this.exchange = exchange;
        this.backends = backends;
        this.replay = new Replay(proxy.options().retries().replayBytes());
        this.tried = new Backend[proxy.options().retries().triesMost()];
        this.webSocket = Forwarding.isWebSocket(exchange);
        this.bodyEnded = exchange.bodyLength() == 0;
        long whole = proxy.options().timeouts().whole().toNanos();
        long own = whole == 0 ? Request.NO_DEADLINE : nanoTime() + whole;
        this.wholeDeadlineNanos = Math.min(own, exchange.request().deadlineNanos());
    }

    GatewayExchange exchange() {
        return exchange;
    }

    private long nanoTime() {
        return exchange.connection().nanoTime();
    }

    private String method() {
        return exchange.request().method();
    }

    // ---- tries

    void start() {
        proxy.earn();
        exchange.onAbandoned(this::abandon);
        if (!tryNext(false)) {
            answer(503, "no back end is healthy");
        }
        if (!over && !bodyEnded) {
            exchange.read(this);
        }
        if (!over && !answered && lane.hedging().isOn() && Retry.isIdempotent(method()) && exchange.bodyLength() == 0) {
            hedgeTimer = exchange.connection().after(lane.hedging().delayNanos(), this::startHedge);
        }
    }

    /** Starts a try on a back end that was not asked yet, or else on any; false where none is healthy. */
    private boolean tryNext(boolean fresh) {
        Backend backend = pick();
        if (backend == null) {
            return false;
        }
        Try next = new Try(this, backend, nanoTime());
        current = next;
        start(next, fresh);
        return true;
    }

    private @Nullable Backend pick() {
        long key = lane.hashKey(exchange.request());
        Backend backend = backends.pick(key, this::wasTried);
        return backend != null || tries == 0 ? backend : backends.pick(key, none -> false);
    }

    private boolean wasTried(Backend backend) {
        for (int i = 0; i < tries; i++) {
            if (tried[i] == backend) {
                return true;
            }
        }
        return false;
    }

    private void mayAskAgain(Backend backend) {
        for (int i = 0; i < tries; i++) {
            if (tried[i] == backend) {
                tries--;
                tried[i] = tried[tries];
                return;
            }
        }
    }

    private void start(Try next, boolean fresh) {
        tried[tries++] = next.backend();
        next.start(lane.pool(), proxy.preamble(exchange.connection()), fresh);
    }

    /** The response is late: somebody else may be faster. Both are asked, the first one answers. */
    private void startHedge() {
        if (over || answered || current == null || hedge != null || tries == tried.length) {
            return;
        }
        Backend other = backends.pick(lane.hashKey(exchange.request()), this::wasTried);
        if (other != null && proxy.spend()) {
            proxy.hedged();
            Try second = new Try(this, other, nanoTime());
            hedge = second;
            start(second, false);
        }
    }

    /** A connection is there, or about to be. */
    void send(Try by, HttpClientSession session) {
        HeadBytes head = lane.head();
        proxy.forwarding().request(exchange, webSocket, head);
        if (!head.isWhole()) {
            throw new IllegalStateException("a head would be sent that is not one");
        }
        session.send(head, exchange.bodyLength(), method(), webSocket, by);
        session.deadlines(lane.headNanos(), wholeDeadlineNanos, lane.stallNanos());
    }

    /** It may go on: a try failed, or none could be started. */
    void failed(Try by, RequestFailure failure) {
        boolean otherRuns = forget(by);
        if (by.wasStale(failure)) {
            mayAskAgain(by.backend());
        }
        if (answered) {
            cut("the back end broke off: " + failure.detail());
        } else if (!otherRuns && !over && !tryAgain(failure)) {
            proxy.failed(by.backend(), failure);
            answer(Retry.status(failure), "the back end gave no answer");
        }
    }

    /** No connection was to be had in time. */
    void refused(Try by, String why) {
        if (!forget(by) && !over && !answered) {
            answer(503, why);
        }
    }

    /** A try is over; whether the other one still runs. */
    private boolean forget(Try by) {
        if (by == hedge) {
            hedge = null;
        } else if (by == current) {
            current = hedge;
            hedge = null;
        }
        return current != null;
    }

    private boolean tryAgain(RequestFailure failure) {
        boolean again = tries < tried.length
                && Retry.isSafe(method(), failure)
                && replay.isWhole()
                && wholeDeadlineNanos > nanoTime()
                // What no server has seen is no load to any, so the budget is for the rest.
                && (failure.isUnseen() || proxy.spend())
                && tryNext(true);
        if (again) {
            proxy.retried();
        }
        return again;
    }

    /** The client is gone. */
    private void abandon() {
        over = true;
        cancelTries();
    }

    private void cancelTries() {
        if (hedgeTimer != null) {
            hedgeTimer.cancel();
            hedgeTimer = null;
        }
        Try one = current;
        Try two = hedge;
        current = null;
        hedge = null;
        if (one != null) {
            one.cancel();
        }
        if (two != null) {
            two.cancel();
        }
    }

    private void answer(int status, String why) {
        over = true;
        cancelTries();
        Response.Builder answer = Response.builder(status)
                .contentType("text/plain; charset=utf-8")
                .body(status + ": " + why + "\n");
        exchange.respond(status == 503 ? answer.header("Retry-After", "1").build() : answer.build());
    }

    private void cut(String why) {
        over = true;
        if (out != null) {
            out.fail(new HttpException(502, why));
        }
    }

    // ---- the request's body

    /** The back end's connection is there: what was sent before goes first, then what comes. */
    void ready(Try by) {
        if (by != current || exchange.bodyLength() == 0) {
            return;
        }
        if (replay.length() > 0) {
            by.write(replay.bytes());
        }
        if (bodyEnded) {
            by.endBody(Forwarding.trailers(exchange.trailers()));
        } else {
            exchange.resume();
        }
    }

    @Override
    public void received(ByteBuffer bytes) {
        Try to = current;
        if (over) {
            bytes.position(bytes.limit()); // answered early; the connection closes behind that
        } else if (to != null && to.isReady()) {
            replay.keep(bytes);
            if (!to.write(bytes)) {
                exchange.pause();
            }
        }
    }

    void drained(Try by) {
        if (by == current && !bodyEnded) {
            exchange.resume();
        }
    }

    @Override
    public void ended() {
        bodyEnded = true;
        Try to = current;
        if (to != null && to.isReady()) {
            to.endBody(Forwarding.trailers(exchange.trailers()));
        }
    }

    /** The client's body won't come whole; the exchange has answered that. */
    @Override
    public void failed(HttpException cause) {
        over = true;
        cancelTries();
    }

    // ---- the response

    void informational(ResponseHead head) {
        proxy.forwarding().response(head, true, lane.fields());
        exchange.informational(head.status(), lane.fields());
    }

    /** The first head that comes is the answer. */
    void head(Try by, ResponseHead head, long tookNanos) {
        settleOn(by);
        lane.hedging().took(tookNanos);
        boolean bare = method().equals("HEAD") || head.status() == 204 || head.status() == 304;
        proxy.forwarding().response(head, bare, lane.fields());
        boolean dated = head.find("Date", 0) >= 0;
        out = exchange.respond(head.status(), lane.fields(), dated, head.length());
        if (out != null) {
            out.onDrained(by::resume);
        }
    }

    private void settleOn(Try by) {
        Try other = by == current ? hedge : current;
        current = null;
        hedge = null;
        cancelTries();
        current = by;
        answered = true;
        replay.drop();
        if (other != null) {
            other.cancel();
        }
    }

    /** Bytes of the body; false where the client has enough for now. */
    boolean received(Try by, ByteBuffer bytes) {
        BodyWriter to = out;
        if (to == null || by != current) {
            bytes.position(bytes.limit());
            return true;
        }
        return to.write(bytes);
    }

    void responseEnded(@Nullable HeadBytes trailers) {
        current = null;
        boolean bodyLeft = !bodyEnded;
        over = true;
        if (out != null) {
            out.end(Forwarding.trailers(trailers));
        }
        if (bodyLeft) {
            exchange.resume(); // what still comes is dropped
        }
    }

    /** Both sides change over to WebSocket. */
    Upgrade upgrade(Try by, HttpClientSession server, ResponseHead head) {
        settleOn(by);
        proxy.forwarding().switching(head, lane.fields());
        long idle = proxy.options().timeouts().tunnel().toNanos();
        Upgrade upgrade = new Upgrade(exchange.connection(), server, by, idle);
        exchange.switchProtocols(lane.fields(), upgrade);
        return upgrade;
    }
}
