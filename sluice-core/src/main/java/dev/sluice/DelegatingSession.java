package dev.sluice;

import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * A session that passes all that it is told on to another one; for what stands between a connection and a protocol, which
 * overrides what it changes.
 */
public class DelegatingSession implements Session {
    private final Session session;

    protected DelegatingSession(Session session) {
        this.session = session;
    }

    @Override
    public void opened() throws Exception {
        session.opened();
    }

    @Override
    public void received(ByteBuffer input) throws Exception {
        session.received(input);
    }

    @Override
    public void receivedInKernel(FileRegion bytes) throws Exception {
        session.receivedInKernel(bytes);
    }

    @Override
    public void drained() throws Exception {
        session.drained();
    }

    @Override
    public void ended() throws Exception {
        session.ended();
    }

    @Override
    public void stopping() throws Exception {
        session.stopping();
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
        session.closed(cause);
    }
}
