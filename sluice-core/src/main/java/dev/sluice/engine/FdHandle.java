package dev.sluice.engine;

import dev.sluice.OpenFile;
import dev.sluice.os.CallState;
import dev.sluice.os.Sockets;
import java.lang.foreign.Arena;
import java.net.SocketAddress;
import org.jspecify.annotations.Nullable;

/** What {@link ReadinessEngine} knows of one descriptor. */
final class FdHandle extends Handle {
    final int fd;
    /**
     * The turn of the loop in which it appeared: readiness of that turn was meant for an earlier bearer of its number.
     */
    final long bornTurn;

    boolean listener;
    boolean shared;
    boolean connecting;
    boolean closed;
    /** Accepting or receiving is armed. */
    boolean receiving;
    /** A send waits for room. */
    boolean sendWaits;
    /** Edge-triggered: readable until a read proves the opposite. */
    boolean readReady;
    /** An end or an error was seen, which a short read doesn't cover. */
    boolean hungUp;
    /** In the list of handles that go on in the next turn. */
    boolean goesOn;
    /** Its interest may differ from what the poller knows. */
    boolean dirty;
    /** What the poller knows; -1 where it knows nothing. */
    int registered = -1;

    @Nullable
    Chunk chain;

    @Nullable
    OpenFile file;

    long filePosition;
    long fileCount;

    /** Results that wait to be told from poll. */
    boolean sentWaits;

    long sentResult;
    boolean connectedWaits;
    int connectedResult;
    boolean closedWaits;

    FdHandle(int fd, long bornTurn) {
        this.fd = fd;
        this.bornTurn = bornTurn;
    }

    @Override
    public int descriptor() {
        return closed ? -1 : fd;
    }

    @Override
    public SocketAddress localAddress() {
        try (Arena arena = Arena.ofConfined()) {
            return Sockets.localAddress(fd, new CallState(arena));
        }
    }

    @Override
    public SocketAddress remoteAddress() {
        try (Arena arena = Arena.ofConfined()) {
            return Sockets.peerAddress(fd, new CallState(arena));
        }
    }
}
