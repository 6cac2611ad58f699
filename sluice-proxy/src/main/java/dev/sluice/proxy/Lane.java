package dev.sluice.proxy;

import dev.sluice.http.HeadBytes;
import dev.sluice.http.Request;

/** What the requests of one serialization domain share: connections to back ends, and memory to write heads in. */
final class Lane {
    private final UpstreamPool pool;
    private final Hedging hedging;
    private final HeadBytes head = new HeadBytes();
    private final HeadBytes fields = new HeadBytes();
    private final long headNanos;
    private final long stallNanos;

    Lane(ProxyOptions options) {
        this.pool = new UpstreamPool(
                options.pool(),
                options.limits().withBodyBytes(Long.MAX_VALUE), // it passes through, whatever its length
                options.timeouts().connect().toNanos());
        this.hedging = new Hedging(options.retries());
        this.headNanos = options.timeouts().head().toNanos();
        this.stallNanos = options.timeouts().stall().toNanos();
    }

    UpstreamPool pool() {
        return pool;
    }

    Hedging hedging() {
        return hedging;
    }

    /** For the head of a request. */
    HeadBytes head() {
        return head;
    }

    /** For the fields of a response. */
    HeadBytes fields() {
        return fields;
    }

    long headNanos() {
        return headNanos;
    }

    long stallNanos() {
        return stallNanos;
    }

    /** What consistent hashing goes by: the client's address, so that a client stays with its back end. */
    long hashKey(Request request) {
        return RendezvousHash.key(request.remoteAddress());
    }
}
