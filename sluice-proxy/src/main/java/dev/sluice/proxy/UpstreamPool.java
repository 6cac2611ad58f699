package dev.sluice.proxy;

import dev.sluice.Client;
import dev.sluice.Connection;
import dev.sluice.http.HttpClientSession;
import dev.sluice.http.HttpLimits;
import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The connections to back ends of one serialization domain, which are used and reused inside it only. So a client's side and its
 * back end's never race, and nothing here needs a lock.
 *
 * <p>On models with loops the domain is a loop, and its clients share the pool. On {@code threads} and {@code virtual} the domain is
 * one client's connection: its requests reuse what an earlier one dialled, and when the client goes, so does the pool. Sharing
 * among clients would there need a hand-over between threads for each request, which is what those models do without.
 */
final class UpstreamPool {
    /** Wants a connection. Called once, in the domain; possibly before {@link #take} returns. */
    interface Taker {
        /** Here is one: free, or one that is being dialled. */
        void taken(HttpClientSession session);

        /** There is none to be had in time. */
        void refused(String why);
    }

    /** A request that waits; cancelled by {@link #leave}. */
    final class Waiting {
        private final Upstream upstream;
        private final Connection owner;
        private final Taker taker;
        private final Connection.Timer timer;

        private Waiting(Upstream upstream, Connection owner, Taker taker) {
            this.upstream = upstream;
            this.owner = owner;
            this.taker = taker;
            this.timer = owner.after(waitNanos, () -> {
                if (upstream.waiting.remove(this)) {
                    upstream.backend.waiting(-1);
                    taker.refused("no connection to the back end became free in time");
                }
            });
        }

        void leave() {
            if (upstream.waiting.remove(this)) {
                upstream.backend.waiting(-1);
            }
            timer.cancel();
        }
    }

    private final PoolOptions options;
    private final HttpLimits limits;
    private final long connectNanos;
    private final long idleNanos;
    private final long ageNanos;
    private final long waitNanos;
    private final Map<Backend, Upstream> upstreams = new HashMap<>();

    UpstreamPool(PoolOptions options, HttpLimits limits, long connectNanos) {
        this.options = options;
        this.limits = limits;
        this.connectNanos = connectNanos;
        this.idleNanos = options.idleTimeout().toNanos();
        this.ageNanos = options.maxAge().toNanos();
        this.waitNanos = options.waitTimeout().toNanos();
    }

    /**
     * Takes a connection, dials one, or waits for one.
     *
     * @param owner the client's connection
     * @param preamble what a connection starts with that serves this request alone; null for one of the pool's
     * @param fresh whether to dial though one is idle: after one that was idle turned out to be dead
     * @return the place in the queue where it waits, else null
     */
    @Nullable
    Waiting take(Connection owner, Backend backend, byte @Nullable [] preamble, boolean fresh, Taker taker) {
        Upstream upstream = upstreams.get(backend);
        if (upstream == null) {
            upstream = new Upstream(backend);
            upstreams.put(backend, upstream);
        }
        if (preamble == null && !fresh) {
            HttpClientSession idle = upstream.idle(owner.nanoTime());
            if (idle != null) {
                taker.taken(idle);
                return null;
            }
        }
        if (upstream.open >= options.connectionsMost() && !upstream.closeOneIdle()) {
            return upstream.queue(owner, taker);
        }
        upstream.dial(owner, preamble, taker);
        return null;
    }

    /** Closes what is idle: the domain's only client is gone. */
    void closeIdle() {
        for (Upstream upstream : upstreams.values()) {
            while (upstream.closeOneIdle()) {
                // the next one
            }
        }
    }

    /** The connections to one back end. */
    private final class Upstream {
        private final Backend backend;
        /** The one that was used last is last, and taken first: the others may so grow old and close. */
        private final ArrayDeque<HttpClientSession> idle = new ArrayDeque<>();

        private final ArrayDeque<Waiting> waiting = new ArrayDeque<>();
        private int open;

        Upstream(Backend backend) {
            this.backend = backend;
        }

        @Nullable
        HttpClientSession idle(long nowNanos) {
            while (true) {
                HttpClientSession session = idle.pollLast();
                if (session == null) {
                    return null;
                }
                if (session.isFree() && !isOld(session, nowNanos)) {
                    return session;
                }
                session.close();
            }
        }

        private boolean isOld(HttpClientSession session, long nowNanos) {
            return ageNanos > 0 && nowNanos - session.openedNanos() > ageNanos;
        }

        boolean closeOneIdle() {
            HttpClientSession oldest = idle.pollFirst();
            if (oldest != null) {
                oldest.close();
            }
            return oldest != null;
        }

        void dial(Connection owner, byte @Nullable [] preamble, Taker taker) {
            open++;
            backend.connections(1);
            Keeping keeper = new Keeping(this, preamble == null);
            Client.dial(owner, backend.address(), connection -> {
                if (preamble != null) {
                    connection.write(preamble, 0, preamble.length);
                }
                HttpClientSession session = new HttpClientSession(connection, limits, keeper, connectNanos);
                taker.taken(session);
                return session;
            });
        }

        @Nullable
        Waiting queue(Connection owner, Taker taker) {
            if (waiting.size() >= options.waitingMost()) {
                taker.refused("all connections to the back end are taken, and enough requests wait for one");
                return null;
            }
            Waiting place = new Waiting(this, owner, taker);
            waiting.add(place);
            backend.waiting(1);
            return place;
        }

        /** The request that has waited longest; null for none. */
        @Nullable
        Waiting next() {
            Waiting next = waiting.poll();
            if (next != null) {
                backend.waiting(-1);
                next.timer.cancel();
            }
            return next;
        }
    }

    /** What becomes of one connection. */
    private final class Keeping implements HttpClientSession.Keeper {
        private final Upstream upstream;
        private final boolean reusable;

        Keeping(Upstream upstream, boolean reusable) {
            this.upstream = upstream;
            this.reusable = reusable;
        }

        @Override
        public void free(HttpClientSession session) {
            if (!reusable || upstream.isOld(session, session.connection().nanoTime())) {
                session.close();
                return;
            }
            Waiting next = upstream.next();
            if (next != null) {
                next.taker.taken(session);
            } else if (upstream.idle.size() < options.idleMost()) {
                session.closeAfter(idleNanos);
                upstream.idle.addLast(session);
            } else {
                session.close();
            }
        }

        @Override
        public void gone(HttpClientSession session) {
            upstream.open--;
            upstream.backend.connections(-1);
            upstream.idle.remove(session);
            Waiting next = upstream.open < options.connectionsMost() ? upstream.next() : null;
            if (next != null) {
                upstream.dial(next.owner, null, next.taker);
            } else if (upstream.open == 0) {
                upstreams.remove(upstream.backend, upstream); // back ends come and go as the configuration does
            }
        }
    }
}
