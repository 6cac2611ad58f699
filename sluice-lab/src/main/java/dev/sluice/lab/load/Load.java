package dev.sluice.lab.load;

import dev.sluice.UringOptions;
import java.net.URI;
import java.time.Duration;
import java.util.List;

/**
 * What is asked of a server, and how it is offered; immutable. In a closed loop ({@code ratePerSecond} 0) each connection
 * sends its next request when an answer came; in an open loop requests have their times, whatever the server does.
 *
 * @param url http://host:port/path, or tcp://host:port for an echo
 * @param model the I/O model of the generator itself
 * @param uring the switches of its io_uring
 * @param threadsCount its event loops
 * @param connectionsCount active connections; 0 only holds idle ones
 * @param pipelineCount requests in flight on a connection at most
 * @param duration how long is measured
 * @param warmup how long the load is offered before; not counted
 * @param timeout after which a request that was sent counts as lost; its connection is dropped
 * @param ratePerSecond requests a second over all connections; 0 for a closed loop
 * @param arrivals how an open loop spreads them
 * @param burstCount requests of an open loop that arrive at once; the rate stays
 * @param think pause of a closed loop between an answer and the next request of a connection
 * @param churn a new connection for each request; latency then counts from the dialling
 * @param idleCount connections that are held open beside the active ones and send nothing; more than this process may have
 *     open are held by further processes
 * @param asksIdle whether each idle connection makes one request at the end, when the others have finished
 * @param slowBytesPerSecond what a slow connection sends and reads; 0 for full speed
 * @param slowCount slow connections beside the active ones, not measured; 0: where a speed is given, all active ones are slow
 * @param headers further HTTP header fields, as in "Accept: text/html"
 * @param mix the kinds of request; at least one
 */
public record Load(
        URI url,
        String model,
        UringOptions uring,
        int threadsCount,
        int connectionsCount,
        int pipelineCount,
        Duration duration,
        Duration warmup,
        Duration timeout,
        double ratePerSecond,
        Arrivals arrivals,
        int burstCount,
        Duration think,
        boolean churn,
        int idleCount,
        boolean asksIdle,
        int slowBytesPerSecond,
        int slowCount,
        List<String> headers,
        List<RequestKind> mix) {

    public static final int MAX_CONNECTIONS = 1_000_000;

    public Load {
        headers = List.copyOf(headers);
        mix = List.copyOf(mix);
        within("threads", threadsCount, 1, 1024);
        within("pipeline", pipelineCount, 1, 1024);
        within("burst", burstCount, 1, 1_000_000);
        within("idle", idleCount, 0, MAX_CONNECTIONS);
        within("slow", slowBytesPerSecond, 0, 1 << 30);
        within("slow-connections", slowCount, 0, MAX_CONNECTIONS);
        within("connections", connectionsCount, idleCount > 0 ? 0 : 1, MAX_CONNECTIONS);
        positive("duration", duration);
        positive("timeout", timeout);
        if (warmup.isNegative() || think.isNegative()) {
            throw new IllegalArgumentException("warmup and think can't be negative");
        }
        if (!(ratePerSecond >= 0 && ratePerSecond <= 100e6)) {
            throw new IllegalArgumentException("rate is " + ratePerSecond + ", must be 0 to 100000000 a second");
        }
        refuse(
                threadsCount > Math.max(1, connectionsCount),
                "more threads than connections: some would have nothing to do");
        refuse(ratePerSecond > 0 && connectionsCount == 0, "a rate needs connections that ask");
        refuse(ratePerSecond > 0 && !think.isZero(), "think is a closed loop's: leave rate or think out");
        refuse(ratePerSecond == 0 && burstCount > 1, "burst is an open loop's: give a rate as well");
        refuse(churn && pipelineCount > 1, "churn sends one request a connection: leave pipeline out");
        refuse(slowCount > 0 && slowBytesPerSecond == 0, "slow-connections need slow, their bytes a second");
        refuse(asksIdle && idleCount == 0, "ask-idle needs idle connections: give idle as well");
        refuse(mix.isEmpty(), "no request is to be sent");
    }

    private static void within(String what, int value, int least, int most) {
        if (value < least || value > most) {
            throw new IllegalArgumentException(what + " is " + value + ", must be " + least + " to " + most);
        }
    }

    private static void positive(String what, Duration value) {
        if (value.isZero() || value.isNegative()) {
            throw new IllegalArgumentException(what + " must be longer than nothing");
        }
    }

    private static void refuse(boolean wrong, String why) {
        if (wrong) {
            throw new IllegalArgumentException(why);
        }
    }

    /** Settings for a URL; {@link Builder#build} checks them. */
    public static Builder of(String url) {
        return new Builder(url);
    }

    /** Whether requests have their times. */
    public boolean isOpen() {
        return ratePerSecond > 0;
    }

    /** Collects settings. Not safe for use from several threads. */
    public static final class Builder {
        private final String url;
        private String model = "epoll";
        private UringOptions uring = UringOptions.standard();
        private int threadsCount = 1;
        private int connectionsCount = 64;
        private int pipelineCount = 1;
        private Duration duration = Duration.ofSeconds(8);
        private Duration warmup = Duration.ofSeconds(2);
        private Duration timeout = Duration.ofSeconds(10);
        private double ratePerSecond;
        private Arrivals arrivals = Arrivals.POISSON;
        private int burstCount = 1;
        private Duration think = Duration.ZERO;
        private boolean churn;
        private int idleCount;
        private boolean asksIdle;
        private int slowBytesPerSecond;
        private int slowCount;
        private List<String> headers = List.of();
        private String method = "";
        private Body body = Body.NONE;
        private List<RequestKind> mix = List.of();

        private Builder(String url) {
            this.url = url;
        }

        /** The switches of {@code io_uring}, where that is the model. */
        public Builder uring(UringOptions switches) {
            this.uring = switches;
            return this;
        }

        public Builder model(String name) {
            this.model = name;
            return this;
        }

        public Builder threads(int count) {
            this.threadsCount = count;
            return this;
        }

        public Builder connections(int count) {
            this.connectionsCount = count;
            return this;
        }

        public Builder pipeline(int count) {
            this.pipelineCount = count;
            return this;
        }

        public Builder duration(Duration time) {
            this.duration = time;
            return this;
        }

        public Builder warmup(Duration time) {
            this.warmup = time;
            return this;
        }

        public Builder timeout(Duration time) {
            this.timeout = time;
            return this;
        }

        /** Makes it an open loop. */
        public Builder rate(double perSecond) {
            this.ratePerSecond = perSecond;
            return this;
        }

        public Builder arrivals(Arrivals arrivals) {
            this.arrivals = arrivals;
            return this;
        }

        public Builder burst(int count) {
            this.burstCount = count;
            return this;
        }

        public Builder think(Duration pause) {
            this.think = pause;
            return this;
        }

        public Builder churn(boolean churn) {
            this.churn = churn;
            return this;
        }

        public Builder idle(int count) {
            this.idleCount = count;
            return this;
        }

        /** Lets each idle connection make one request at the end. */
        public Builder asksIdle(boolean asks) {
            this.asksIdle = asks;
            return this;
        }

        public Builder slow(int bytesPerSecond) {
            this.slowBytesPerSecond = bytesPerSecond;
            return this;
        }

        public Builder slowConnections(int count) {
            this.slowCount = count;
            return this;
        }

        public Builder headers(List<String> fields) {
            this.headers = fields;
            return this;
        }

        /** Of the URL's own request; without it GET, or POST where there is a body. */
        public Builder method(String name) {
            this.method = name;
            return this;
        }

        /** Of the URL's own request. */
        public Builder body(Body body) {
            this.body = body;
            return this;
        }

        /** Asks these instead of the URL's own path. */
        public Builder mix(List<RequestKind> kinds) {
            this.mix = kinds;
            return this;
        }

        /**
         * The settings.
         *
         * @throws IllegalArgumentException where they are wrong or don't go together; says which
         */
        public Load build() {
            URI target = Targets.parse(url);
            return new Load(
                    target,
                    model,
                    uring,
                    threadsCount,
                    connectionsCount,
                    pipelineCount,
                    duration,
                    warmup,
                    timeout,
                    ratePerSecond,
                    arrivals,
                    burstCount,
                    think,
                    churn,
                    idleCount,
                    asksIdle,
                    slowBytesPerSecond,
                    slowCount,
                    headers,
                    mix.isEmpty() ? List.of(Targets.own(target, method, body)) : mix);
        }
    }
}
