package dev.sluice.http;

import dev.sluice.Cause;
import dev.sluice.Connection;
import dev.sluice.Session;
import java.nio.ByteBuffer;

/** The session of another protocol, whose the connection is since a request was answered with 101. */
final class Switched implements Occupant {
    private final HttpService service;
    private final Connection connection;
    private final Request request;
    private final Session session;

    Switched(HttpService service, Connection connection, Request request, Session session) {
        this.service = service;
        this.connection = connection;
        this.request = request;
        this.session = session;
    }

    /** A session that throws loses its connection, as anywhere. */
    private void guarded(Exchange.Guarded callback) {
        try {
            callback.run();
        } catch (Exception e) {
            service.failed(requestLine(), e);
            connection.abort();
        }
    }

    @Override
    public void receive(ByteBuffer in) {
        guarded(() -> session.received(in));
    }

    @Override
    public void drained() {
        guarded(session::drained);
    }

    /** The client has sent its last byte of the other protocol. */
    void peerEnded() {
        guarded(session::ended);
    }

    @Override
    public void abandon(Cause cause) {
        guarded(() -> session.closed(cause));
    }

    @Override
    public boolean isStarving() {
        return false;
    }

    @Override
    public void endedEarly() {
        // What is missing is the other protocol's to say.
    }

    @Override
    public long deadlineNanos() {
        return Watch.NEVER;
    }

    @Override
    public void expired() {
        // Nothing of HTTP's is waited for.
    }

    @Override
    public Phase phase() {
        return Phase.SWITCHED;
    }

    @Override
    public String requestLine() {
        return request.requestLine();
    }
}
