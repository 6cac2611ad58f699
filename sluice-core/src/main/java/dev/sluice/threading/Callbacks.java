package dev.sluice.threading;

import dev.sluice.Cause;
import dev.sluice.Service;
import dev.sluice.Session;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/** The calls of a connection's session, and the containment of what it throws: that ends its own connection only. */
final class Callbacks {
    /** What a session's callback is, apart from {@code received}: the bytes would make it a new object a request. */
    interface Callback {
        void on(Session session) throws Exception;
    }

    private final SocketConnection connection;
    private final Lifecycle lifecycle;
    private final Domain domain;
    private @Nullable Session session;
    private boolean running;

    Callbacks(SocketConnection connection, Lifecycle lifecycle, Domain domain) {
        this.connection = connection;
        this.lifecycle = lifecycle;
        this.domain = domain;
    }

    /** Whether a callback of this connection runs now: it settles when that returns. */
    boolean isRunning() {
        return running;
    }

    void open(Service service) {
        running = true;
        try {
            session = service.open(connection);
        } catch (Throwable e) {
            fail(e);
        } finally {
            running = false;
        }
    }

    void received(ByteBuffer bytes) {
        Session s = session;
        if (s == null) {
            return;
        }
        running = true;
        try {
            s.received(bytes);
        } catch (Throwable e) {
            fail(e);
        } finally {
            running = false;
        }
    }

    void call(Callback callback) {
        Session s = session;
        if (s == null) {
            return;
        }
        running = true;
        try {
            callback.on(s);
        } catch (Throwable e) {
            fail(e);
        } finally {
            running = false;
        }
    }

    /** The last call. */
    void closed(Cause cause) {
        Session s = session;
        if (s != null) {
            try {
                s.closed(cause);
            } catch (Throwable e) {
                domain.failed(connection, e);
            }
        }
    }

    private void fail(Throwable error) {
        domain.failed(connection, error);
        lifecycle.finish(Cause.failure(error), true);
    }
}
