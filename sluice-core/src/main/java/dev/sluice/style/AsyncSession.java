package dev.sluice.style;

import dev.sluice.Cause;
import dev.sluice.Session;
import java.nio.ByteBuffer;

/** What the runtime tells of an {@link AsyncConnection}. */
final class AsyncSession implements Session {
    private final AsyncConnection connection;
    private final boolean accepted;
    private final Runnable onOpened;

    /**
     * Of a connection whose session is about to be opened.
     *
     * @param accepted whether it ends when the server drains; who dialled decides that itself
     */
    AsyncSession(AsyncConnection connection, boolean accepted, Runnable onOpened) {
        this.connection = connection;
        this.accepted = accepted;
        this.onOpened = onOpened;
    }

    @Override
    public void opened() {
        onOpened.run();
    }

    @Override
    public void received(ByteBuffer input) {
        connection.received(input);
    }

    @Override
    public void drained() {
        connection.drained();
    }

    @Override
    public void ended() {
        connection.ended();
    }

    @Override
    public void stopping() {
        if (accepted) {
            connection.stopping();
        }
    }

    @Override
    public void closed(Cause cause) {
        connection.closed(cause);
    }
}
