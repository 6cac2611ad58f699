package dev.sluice.sim;

import dev.sluice.Cause;
import dev.sluice.DelegatingSession;
import dev.sluice.Session;
import java.nio.ByteBuffer;

/** A session's callbacks, each seen by its {@link Watch} first. */
final class WatchedSession extends DelegatingSession {
    private interface Callback {
        void run() throws Exception;
    }

    private final Watch watch;

    WatchedSession(Watch watch, Session session) {
        super(session);
        this.watch = watch;
    }

    private void call(Callback callback) throws Exception {
        try {
            callback.run();
        } catch (Throwable e) {
            watch.threw(e);
            throw e;
        } finally {
            watch.end();
        }
    }

    @Override
    public void opened() throws Exception {
        watch.opened();
        call(super::opened);
    }

    @Override
    public void received(ByteBuffer input) throws Exception {
        watch.received(input);
        int from = input.position();
        try {
            call(() -> super.received(input));
        } finally {
            watch.consumed(input.position() - from);
        }
    }

    @Override
    public void drained() throws Exception {
        watch.drained();
        call(super::drained);
    }

    @Override
    public void ended() throws Exception {
        watch.ended();
        call(super::ended);
    }

    @Override
    public void stopping() throws Exception {
        watch.stopping();
        call(super::stopping);
    }

    @Override
    public void closed(Cause cause) throws Exception {
        watch.closed(cause);
        call(() -> super.closed(cause));
    }
}
