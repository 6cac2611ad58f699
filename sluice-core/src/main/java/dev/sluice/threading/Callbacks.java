package dev.sluice.threading;

import dev.sluice.Cause;
import dev.sluice.Service;
import dev.sluice.Session;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * The calls of a connection's session, and the containment of what it throws: that ends its own connection only.
 *
 * <p>A layer of a {@link SocketConnection}.
 */
abstract class Callbacks extends Deadlines {
    /** What a session's callback is, apart from {@code received}: the bytes would make it a new object a request. */
    interface Callback {
        void on(Session session) throws Exception;
    }

    private @Nullable Session session;
    private boolean calling;

    Callbacks(Domain domain) {
        super(domain);
    }

    abstract SocketConnection self();

    /** Whether a callback of this connection runs now: it settles when that returns. */
    final boolean isCalling() {
        return calling;
    }

    final void open(Service service) {
        calling = true;
        try {
            session = service.open(self());
        } catch (Throwable e) {
            fail(e);
        } finally {
            calling = false;
        }
    }

    final void offer(ByteBuffer bytes) {
        Session s = session;
        if (s == null) {
            return;
        }
        calling = true;
        try {
            s.received(bytes);
        } catch (Throwable e) {
            fail(e);
        } finally {
            calling = false;
        }
    }

    final void call(Callback callback) {
        Session s = session;
        if (s == null) {
            return;
        }
        calling = true;
        try {
            callback.on(s);
        } catch (Throwable e) {
            fail(e);
        } finally {
            calling = false;
        }
    }

    /** The last call. */
    final void tellClosed(Cause cause) {
        Session s = session;
        if (s != null) {
            try {
                s.closed(cause);
            } catch (Throwable e) {
                domain.failed(self(), e);
            }
        }
    }

    private void fail(Throwable error) {
        domain.failed(self(), error);
        finish(Cause.failure(error), true);
    }
}
