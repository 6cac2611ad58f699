package dev.sluice.engine;

import java.net.SocketAddress;
import org.jspecify.annotations.Nullable;

/** What {@link ReadinessEngine} knows of one descriptor: little, since most of them are idle. */
sealed class FdHandle extends Handle permits FdWatch {
    final int fd;
    private final FdCalls calls;
    /**
     * The turn of the loop in which it appeared: readiness of that turn was meant for an earlier bearer of its number.
     */
    final int bornTurn;

    boolean listener;
    boolean shared;
    boolean connecting;
    boolean closed;
    /** Accepting or receiving is armed. */
    boolean receiving;
    /** What arrives is received into pipes. */
    boolean inKernel;
    /** A send waits for room. */
    boolean sendWaits;
    /** Edge-triggered: readable until a read proves the opposite. */
    boolean readReady;
    /** An end, an error or urgent data was seen: a short read doesn't prove that nothing is behind it. */
    boolean readsOn;
    /** In the list of handles that go on in the next turn. */
    boolean goesOn;
    /** Its interest may differ from what the poller knows. */
    boolean dirty;
    /** What the poller knows; -1 where it knows nothing. */
    byte registered = -1;

    @Nullable
    Chunk chain;

    @Nullable
    FilePart part;

    /** Results that wait to be told from poll: one of them, and the close. */
    boolean sentWaits;

    boolean connectedWaits;
    boolean closedWaits;
    /** What was sent, or how the connect ended. */
    long result;

    FdHandle(FdCalls calls, int fd, int bornTurn) {
        this.calls = calls;
        this.fd = fd;
        this.bornTurn = bornTurn;
    }

    @Override
    public int descriptor() {
        return closed ? -1 : fd;
    }

    @Override
    public SocketAddress localAddress() {
        return calls.localAddress(fd);
    }

    @Override
    public SocketAddress remoteAddress() {
        return calls.remoteAddress(fd);
    }
}
