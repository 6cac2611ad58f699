package dev.sluice.style;

import dev.sluice.Client;
import java.net.SocketAddress;
import java.net.SocketTimeoutException;
import org.jspecify.annotations.Nullable;

/** A dial that a thread waits for. All but {@link #opening} and {@link #dialled} is called inside the domain. */
final class Dial {
    private final BlockingSession owner;
    private final SocketAddress remote;
    private final Wait opening;
    private volatile @Nullable BlockingSession dialled;
    private boolean givenUp;

    Dial(BlockingSession owner, SocketAddress remote) {
        this.owner = owner;
        this.remote = remote;
        this.opening = new Wait(owner.connection, owner.scheduler, this::timedOut);
    }

    void begin(Thread caller, long timeoutNanos) {
        if (owner.isOver()) {
            opening.giveUp(owner::closedNow);
            return;
        }
        opening.begin(caller, timeoutNanos);
        Client.dial(owner.connection, remote, connection -> {
            BlockingSession session = new BlockingSession(connection, owner.scheduler).openingFor(opening);
            dialled = session;
            if (givenUp) {
                session.abort();
            }
            return session;
        });
    }

    private void timedOut() {
        opening.fail(() -> new SocketTimeoutException("no connection to " + remote + " in time"));
    }

    void giveUp() {
        givenUp = true;
        opening.giveUp();
        BlockingSession session = dialled;
        if (session != null) {
            session.abort();
        }
    }

    /** Over when there is a connection, or will be none. */
    Wait opening() {
        return opening;
    }

    /** Once the wait ended well. */
    BlockingSession dialled() {
        BlockingSession session = dialled;
        if (session == null) {
            throw new IllegalStateException("a dial ended without a connection");
        }
        return session;
    }
}
