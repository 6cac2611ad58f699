package dev.sluice.http;

import dev.sluice.Connection;
import dev.sluice.EventLog;
import dev.sluice.Priority;
import dev.sluice.Service;
import dev.sluice.Session;
import dev.sluice.observe.Incidents;
import dev.sluice.observe.LatencyHistogram;
import dev.sluice.observe.MetricSink;
import dev.sluice.observe.MetricSource;
import java.lang.System.Logger.Level;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * HTTP/1.1 and 1.0 as a service: a handler, and how it is run. Safe for use from any thread.
 *
 * <pre>{@code
 * HttpService service = HttpService.builder()
 *         .handler(request -> Response.text("Hello, " + request.path()))
 *         .build();
 * }</pre>
 */
public final class HttpService implements Service, MetricSource {
    /** In which form requests reach the handler. */
    sealed interface Style {
        /** Whole, its body collected, or ignored. */
        record Whole(Handler handler, boolean ignoresBody) implements Style {}

        /** As soon as the head is there; answered later. */
        record Async(AsyncHandler handler) implements Style {}

        /** As soon as the head is there, on a worker that may wait for the body. */
        record Blocking(Handler handler) implements Style {}

        /** As soon as the head is there, to be passed on with it. */
        record Gateway(GatewayHandler handler) implements Style {}
    }

    private final Style style;
    private final Workers workers;
    private final HttpLimits limits;
    private final BodyMemory bodyMemory;
    private final @Nullable AccessLog accessLog;
    private final FailureListener failureListener;
    private final @Nullable Handler inline;
    private final boolean ignoresBody;
    private final Workbench.Shelf benches;
    private final RequestDeadline deadline;
    private final Admission admission;
    private final @Nullable HttpMetrics metrics;
    /** Of workers that choose. */
    private final @Nullable Placement placement;

    private HttpService(Builder builder, Style style) {
        this.style = style;
        this.workers = builder.workers;
        this.limits = builder.limits;
        this.deadline = new RequestDeadline(limits.requestTimeout().toNanos(), builder.deadlineField);
        this.admission = new Admission(builder.limiter, builder.classes);
        this.bodyMemory = new BodyMemory(builder.heldBodyBytes);
        this.benches = new Workbench.Shelf(limits, new DateClock());
        this.accessLog = builder.accessLog;
        this.failureListener = builder.failureListener;
        this.metrics = builder.metrics;
        boolean beginsOnLoop = workers.inline() || workers.automatic();
        this.inline = style instanceof Style.Whole whole && beginsOnLoop ? whole.handler() : null;
        this.placement = inline != null && workers.automatic() ? new Placement() : null;
        this.ignoresBody = style instanceof Style.Whole whole && whole.ignoresBody();
    }

    /** A service that runs a handler on its connections' loops, with the standard limits. */
    public static HttpService of(Handler handler) {
        return builder().handler(handler).build();
    }

    /** Answers every request with a text. */
    public static Builder respond(String text) {
        Response response = Response.text(text);
        return builder().headHandler(request -> response);
    }

    /** Answers a request that has a body with that body, and GET with {@code OK}. */
    public static Builder reflect() {
        return builder().async(new Reflection());
    }

    public static Builder builder() {
        return new Builder();
    }

    @Override
    public Session open(Connection connection) {
        return new HttpSession(this, connection);
    }

    Style style() {
        return style;
    }

    /** The handler where it runs on the loop and takes whole requests: then one without a body takes a short cut. */
    @Nullable
    Handler inline() {
        return inline;
    }

    boolean ignoresBody() {
        return ignoresBody;
    }

    /** Whether a method is answered by the handler; else with 501. A gateway leaves those to say so that it passes them on to. */
    boolean implementsMethod(RequestHead head) {
        return head.implemented
                || style instanceof Style.Gateway && !head.method.equals("CONNECT") && !head.method.equals("TRACE");
    }

    public Workers workers() {
        return workers;
    }

    public HttpLimits limits() {
        return limits;
    }

    Admission admission() {
        return admission;
    }

    RequestDeadline deadline() {
        return deadline;
    }

    BodyMemory bodyMemory() {
        return bodyMemory;
    }

    @Nullable
    AccessLog accessLog() {
        return accessLog;
    }

    /** Where the handler of a request is to run. */
    Placement.Place placeOf(RequestHead head) {
        if (placement != null) {
            return placement.of(head);
        }
        return workers.inline() ? Placement.Place.LOOP : Placement.Place.WORKERS;
    }

    /** A handler of {@link Placement.Place#BEGINS_ON_LOOP} held its loop for so long before it ended or waited. */
    void held(RequestHead head, long nanos) {
        if (placement != null) {
            placement.held(head, nanos);
        }
    }

    /** Calls a handler; on any thread. */
    Response answer(Handler handler, Request request) {
        if (metrics == null && placement == null && !Incidents.recording()) {
            return call(handler, request);
        }
        long begun = LatencyHistogram.now();
        Response answer = call(handler, request);
        took(request, LatencyHistogram.now() - begun);
        return answer;
    }

    private void took(Request request, long nanos) {
        if (metrics != null) {
            metrics.handlers().record(nanos);
        }
        if (placement != null) {
            placement.took(request.head(), nanos);
        }
        if (nanos >= Incidents.SLOW_NANOS) {
            Incidents.slowHandler(Chars.quote(request.requestLine()), nanos);
        }
    }

    private Response call(Handler handler, Request request) {
        try {
            Response answer = handler.handle(request);
            return answer == null ? failure(request, new NullPointerException("a handler gave no response")) : answer;
        } catch (Exception e) {
            return failure(request, e);
        }
    }

    /** An answer is queued to its last byte. */
    void answered(Request request, int status) {
        if (metrics != null) {
            metrics.answered(status, LatencyHistogram.now() - request.receivedNanos());
        }
    }

    void opened() {
        if (metrics != null) {
            metrics.opened();
        }
    }

    void closed() {
        if (metrics != null) {
            metrics.closed();
        }
    }

    @Nullable
    HttpMetrics metrics() {
        return metrics;
    }

    /** Tells what the service counts: where it was asked to ({@link Builder#metrics}), and of its limit and workers. */
    @Override
    public void tell(MetricSink to) {
        if (metrics != null) {
            metrics.tell(to, !(style instanceof Style.Gateway));
        }
        if (admission.limiter() != null) {
            admission.limiter().tell(to);
        }
        if (!workers.inline()) {
            workers.tell(to);
        }
    }

    /** What a failure is answered with; on any thread. */
    Response failure(Request request, Throwable cause) {
        if (cause instanceof HttpException told) {
            return Responses.problem(told.status(), told.getMessage());
        }
        failed(request.requestLine(), cause);
        return Responses.FAILED;
    }

    void failed(String requestLine, Throwable failure) {
        failureListener.failed(requestLine, failure);
    }

    Workbench.Shelf benches() {
        return benches;
    }

    /** Collects a service. Not safe for use from several threads. */
    public static final class Builder {
        private @Nullable Style style;
        private Workers workers = Workers.none();
        private HttpLimits limits = HttpLimits.standard();
        private @Nullable ConcurrencyLimiter limiter;
        private @Nullable Function<Request, Priority> classes;
        private @Nullable String deadlineField;
        private long heldBodyBytes = Runtime.getRuntime().maxMemory() / 4;
        private @Nullable AccessLog accessLog;
        private @Nullable HttpMetrics metrics;
        private FailureListener failureListener =
                (line, failure) -> EventLog.log(Level.WARNING, "a handler failed on " + Chars.quote(line), failure);

        private Builder() {}

        /** Answers whole requests: a body has arrived, up to {@link HttpLimits#bufferedBodyBytes}. */
        public Builder handler(Handler handler) {
            return style(new Style.Whole(handler, false));
        }

        /** Answers requests whose body, if any, doesn't matter: it is discarded. */
        public Builder headHandler(Handler handler) {
            return style(new Style.Whole(handler, true));
        }

        /** Answers requests later; bodies come as they arrive. */
        public Builder async(AsyncHandler handler) {
            return style(new Style.Async(handler));
        }

        /** Answers requests on a worker, where {@link RequestBody#stream} and {@link Response.Builder#output} wait. */
        public Builder blocking(Handler handler) {
            return style(new Style.Blocking(handler));
        }

        /** Passes requests on, heads and bodies as bytes. */
        public Builder gateway(GatewayHandler handler) {
            return style(new Style.Gateway(handler));
        }

        private Builder style(Style chosen) {
            this.style = chosen;
            return this;
        }

        /** Who runs handlers, apart from an {@link AsyncHandler} and a {@link GatewayHandler}. The caller closes them after the server. */
        public Builder workers(Workers workers) {
            this.workers = workers;
            return this;
        }

        public Builder limits(HttpLimits limits) {
            this.limits = limits;
            return this;
        }

        /**
         * Bounds how many requests are in hand; what is over it is answered with 503 and Retry-After at once, and its
         * connection goes on. Otherwise there is no bound but that of the workers.
         */
        public Builder limiter(ConcurrencyLimiter limiter) {
            this.limiter = limiter;
            return this;
        }

        /**
         * Puts requests into classes: higher ones go first where requests wait, and are refused last. Called on the
         * connection's loop, with a request that is lent; must neither block nor throw. Otherwise all are {@link
         * Priority#NORMAL}.
         */
        public Builder priority(Function<Request, Priority> classes) {
            this.classes = classes;
            return this;
        }

        /**
         * Lets clients shorten {@link HttpLimits#requestTimeout} for a request of theirs, by a header field that holds
         * milliseconds; something else in it is answered with 400. For clients that are trusted not to ask for 0.
         */
        public Builder deadlineField(String name) {
            this.deadlineField = name;
            return this;
        }

        /**
         * What bodies that are collected for handlers, or handled, may hold together; a request that would pass it is answered
         * with 503. Otherwise it is a quarter of the largest heap. Bodies that are read as they arrive don't count.
         */
        public Builder heldBodyBytes(long bytes) {
            this.heldBodyBytes = bytes;
            return this;
        }

        public Builder accessLog(AccessLog log) {
            this.accessLog = log;
            return this;
        }

        /** Has the service count there. */
        public Builder metrics(HttpMetrics counts) {
            this.metrics = counts;
            return this;
        }

        /** Sets who is told of handlers that throw; otherwise it is the runtime's log. */
        public Builder onFailure(FailureListener listener) {
            this.failureListener = listener;
            return this;
        }

        /**
         * Makes the service.
         *
         * @throws IllegalStateException without a handler, or for a blocking one without workers
         */
        public HttpService build() {
            if (style == null) {
                throw new IllegalStateException("a service needs a handler");
            }
            if (style instanceof Style.Blocking && workers.inline()) {
                throw new IllegalStateException("a blocking handler needs workers: a pool, or virtual threads");
            }
            return new HttpService(this, style);
        }
    }
}
