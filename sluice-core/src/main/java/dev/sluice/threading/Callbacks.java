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

    /** Whether a callback of this connection runs now: it settles when that returns. */
    final boolean isCalling() {
        return calling;
    }

    private void begin() {
        calling = true;
        domain.begins();
    }

    private void end() {
        calling = false;
        domain.ends();
    }

    final void open(Service service) {
        begin();
        try {
            session = service.open(self());
        } catch (Throwable e) {
            fail(e);
        } finally {
            end();
        }
    }

    final void offer(ByteBuffer bytes) {
        Session s = session;
        if (s == null) {
            return;
        }
        begin();
        try {
            s.received(bytes);
        } catch (Throwable e) {
            fail(e);
        } finally {
            end();
        }
    }

    final void call(Callback callback) {
        Session s = session;
        if (s == null) {
            return;
        }
        begin();
        try {
            callback.on(s);
        } catch (Throwable e) {
            fail(e);
        } finally {
            end();
        }
    }

    /** The last call. */
    final void tellClosed(Cause cause) {
        Session s = session;
        if (s != null) {
            domain.begins();
            try {
                s.closed(cause);
            } catch (Throwable e) {
                domain.failed(self(), e);
            } finally {
                domain.ends();
            }
        }
    }

    /**
     * What the session is doing, or null. Also from another thread, while the session is held in a callback: it then tells what it
     * can, which may be a little wrong.
     */
    final @Nullable String activity() {
        Session s = session;
        try {
            return s == null ? null : s.activity();
        } catch (RuntimeException e) {
            return null; // it went on meanwhile, and what was half read is of no use
        }
    }

    /** What the session says that it waits for, or null; asked as {@link #activity} is. */
    final @Nullable String phase() {
        Session s = session;
        try {
            return s == null ? null : s.phase();
        } catch (RuntimeException e) {
            return null; // as above
        }
    }

    private void fail(Throwable error) {
        domain.failed(self(), error);
        finish(Cause.failure(error), true);
    }
}
