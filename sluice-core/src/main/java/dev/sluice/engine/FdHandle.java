package dev.sluice.engine;

import dev.sluice.OpenFile;
import dev.sluice.os.CallState;
import dev.sluice.os.Sockets;
import java.lang.foreign.Arena;
import java.net.SocketAddress;
import org.jspecify.annotations.Nullable;

/** What {@link ReadinessEngine} knows of one descriptor: little, since most of them are idle. */
final class FdHandle extends Handle {
    final int fd;
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

    /** A part of a file that is to be sent. */
    record FilePart(OpenFile file, long position, long count) {}

    FdHandle(int fd, int bornTurn) {
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
