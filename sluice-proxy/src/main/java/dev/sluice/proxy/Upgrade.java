package dev.sluice.proxy;

import dev.sluice.Cause;
import dev.sluice.Connection;
import dev.sluice.Session;
import dev.sluice.http.HttpClientSession;
import java.nio.ByteBuffer;

/**
 * A WebSocket once both sides have changed over: what either sends goes to the other as it is, and either is held back while
 * the other's output stands above its mark. A session of the client's connection; the back end's calls come through a {@link Try}.
 */
final class Upgrade implements Session {
    private final Connection client;
    private final HttpClientSession server;
    private final Try of;
    private boolean over;

    Upgrade(Connection client, HttpClientSession server, Try of, long idleNanos) {
        this.client = client;
        this.server = server;
        this.of = of;
        client.idleTimeout(idleNanos);
    }

    // ---- the client's side

    @Override
    public void received(ByteBuffer input) {
        if (!server.write(input)) {
            client.pauseReading();
        }
    }

    @Override
    public void drained() {
        server.resume();
    }

    @Override
    public void ended() {
        server.end(null);
    }

    @Override
    public void closed(Cause cause) {
        if (!over) {
            over = true;
            of.cancel();
        }
    }

    // ---- the back end's side

    /** False where the back end is to be held back. */
    boolean fromServer(ByteBuffer bytes) {
        return client.write(bytes);
    }

    void serverDrained() {
        client.resumeReading();
    }

    void serverEnded() {
        client.end();
    }

    void serverGone() {
        if (!over) {
            over = true;
            client.close();
        }
    }
}
