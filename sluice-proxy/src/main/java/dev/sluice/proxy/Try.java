package dev.sluice.proxy;

import dev.sluice.http.HeadBytes;
import dev.sluice.http.HttpClientSession;
import dev.sluice.http.RequestFailure;
import dev.sluice.http.ResponseHead;
import dev.sluice.http.ResponseReader;
import java.nio.ByteBuffer;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** One request sent to one back end. Runs in the domain of the client's connection, as all of a {@link ProxyRequest} does. */
final class Try implements ResponseReader, UpstreamPool.Taker {
    private final ProxyRequest request;
    private final Backend backend;
    private final long startedNanos;
    private UpstreamPool.@Nullable Waiting waiting;
    private @Nullable HttpClientSession session;
    private boolean ready;
    /** Whether the connection had served others before. */
    private boolean reused;

    private boolean over;
    /** Since 101. */
    private @Nullable Upgrade upgrade;

    Try(ProxyRequest request, Backend backend, long nowNanos) {
        this.request = request;
        this.backend = backend;
        this.startedNanos = nowNanos;
    }

    void start(UpstreamPool pool, byte @Nullable [] preamble, boolean fresh) {
        backend.started();
        UpstreamPool.Waiting place = pool.take(request.exchange().connection(), backend, preamble, fresh, this);
        if (session == null && !over) {
            waiting = place;
        }
    }

    Backend backend() {
        return backend;
    }

    /** Whether it failed since its connection was old, and not by any fault of the back end's: that may be asked again. */
    boolean wasStale(RequestFailure failure) {
        return reused && (failure.kind() == RequestFailure.Kind.UNSENT || failure.kind() == RequestFailure.Kind.CLOSED);
    }

    /** Whether the body may be written. */
    boolean isReady() {
        return ready && !over;
    }

    boolean write(ByteBuffer bytes) {
        HttpClientSession to = session;
        return to == null || to.write(bytes);
    }

    void endBody(@Nullable HeadBytes trailers) {
        if (session != null) {
            session.end(trailers);
        }
    }

    void resume() {
        if (session != null && !over) {
            session.resume();
        }
    }

    /** Nobody wants it any more: the back end is told by the connection's end. */
    void cancel() {
        if (over) {
            return;
        }
        over = true;
        backend.ended(Backend.Outcome.CANCELLED);
        if (waiting != null) {
            waiting.leave();
        }
        if (session != null) {
            session.cancel();
        }
    }

    private void end(Backend.Outcome outcome) {
        over = true;
        backend.ended(outcome);
    }

    // ---- from the pool

    @Override
    public void taken(HttpClientSession connection) {
        waiting = null;
        session = connection;
        reused = connection.isEstablished();
        if (over) {
            connection.cancel(); // the client went while it was dialled
        } else {
            request.send(this, connection);
        }
    }

    @Override
    public void refused(String why) {
        waiting = null;
        if (!over) {
            end(Backend.Outcome.CANCELLED); // it is not the back end that failed
            request.refused(this, why);
        }
    }

    // ---- from the back end

    @Override
    public void ready() {
        ready = true;
        request.ready(this);
    }

    @Override
    public void informational(ResponseHead head) {
        request.informational(head);
    }

    @Override
    public void head(ResponseHead head) {
        if (head.status() == 101) {
            upgrade = request.upgrade(this, Objects.requireNonNull(session), head);
        } else if (head.status() < 600) {
            long took = request.exchange().connection().nanoTime() - startedNanos;
            backend.began(took);
            request.head(this, head, took);
        } else {
            if (session != null) {
                session.cancel();
            }
            failed(new RequestFailure(RequestFailure.Kind.MALFORMED, "status " + head.status()));
        }
    }

    @Override
    public void received(ByteBuffer bytes) {
        boolean more = upgrade != null ? upgrade.fromServer(bytes) : request.received(this, bytes);
        if (!more && session != null && !over) {
            session.pause();
        }
    }

    @Override
    public void drained() {
        if (upgrade != null) {
            upgrade.serverDrained();
        } else {
            request.drained(this);
        }
    }

    @Override
    public void ended(@Nullable HeadBytes trailers) {
        if (over) {
            return;
        }
        if (upgrade != null) {
            upgrade.serverEnded();
        } else {
            end(Backend.Outcome.ANSWERED);
            request.responseEnded(trailers);
        }
    }

    @Override
    public void failed(RequestFailure failure) {
        if (over) {
            return;
        }
        if (upgrade != null) {
            end(Backend.Outcome.ANSWERED);
            upgrade.serverGone();
        } else {
            end(Backend.Outcome.FAILED);
            request.failed(this, failure);
        }
    }
}
