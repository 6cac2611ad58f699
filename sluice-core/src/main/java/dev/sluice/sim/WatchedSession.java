package dev.sluice.sim;

import dev.sluice.Cause;
import dev.sluice.Session;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/** A session's callbacks, each seen by its {@link Watch} first. */
final class WatchedSession implements Session {
    private interface Callback {
        void run() throws Exception;
    }

    private final Watch watch;
    private final Session session;

    WatchedSession(Watch watch, Session session) {
        this.watch = watch;
        this.session = session;
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
        call(session::opened);
    }

    @Override
    public void received(ByteBuffer input) throws Exception {
        watch.received(input);
        int from = input.position();
        try {
            call(() -> session.received(input));
        } finally {
            watch.consumed(input.position() - from);
        }
    }

    @Override
    public void drained() throws Exception {
        watch.drained();
        call(session::drained);
    }

    @Override
    public void ended() throws Exception {
        watch.ended();
        call(session::ended);
    }

    @Override
    public void stopping() throws Exception {
        watch.stopping();
        call(session::stopping);
    }

    @Override
    public @Nullable String activity() {
        return session.activity();
    }

    @Override
    public @Nullable String phase() {
        return session.phase();
    }

    @Override
    public void closed(Cause cause) throws Exception {
        watch.closed(cause);
        call(() -> session.closed(cause));
    }
}
