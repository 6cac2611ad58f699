package dev.sluice.engine;

import dev.sluice.OpenFile;
import dev.sluice.os.CallState;
import dev.sluice.os.Sockets;
import java.lang.foreign.Arena;
import java.net.SocketAddress;
import org.jspecify.annotations.Nullable;

/** What {@link BlockingEngine} knows of one descriptor and of the thread that waits for it. Inside the domain only. */
final class BlockingHandle extends Handle {
    final int fd;
    final BlockedCall call;

    boolean listener;
    /** Where its thread is to connect to, until that has ended. */
    @Nullable
    SocketAddress connectTo;

    /** Accepting or receiving is armed. */
    boolean armed;
    /** A thread of its own waits for it, and closes it in the end. */
    boolean served;
    /** To be closed, as soon as no thread is in a call on the descriptor. */
    boolean closing;

    boolean reset;
    /** The descriptor is gone. */
    boolean closed;
    /** O_NONBLOCK is set, since sendfile(2) and writev(2) have no MSG_DONTWAIT. */
    boolean nonBlocking;
    /** An end or error came while nothing was armed: polling for it again would never wait. */
    boolean hungUp;
    /**
     * Descriptors ran out. accept4(2) takes a number before it looks for a newcomer, so the failure doesn't say that one
     * waits; until accepting succeeds again the listener is polled first.
     */
    boolean full;

    /** What its thread waits for or is about to; {@link BlockingEngine#RUNNING} where it will look anew before it waits. */
    int waiting;

    /** A receive's end that came after the receive was disarmed, kept for when it is armed again. */
    boolean endWaits;

    int endResult;

    @Nullable
    Chunk chain;

    @Nullable
    OpenFile file;

    long filePosition;
    long fileCount;

    /** Results that wait to be told. */
    boolean sentWaits;

    long sentResult;
    boolean closedWaits;

    BlockingHandle(int fd, Alarm alarm) {
        this.fd = fd;
        this.call = new BlockedCall(alarm);
    }

    boolean outputWaits() {
        return chain != null || file != null;
    }

    /** What its thread is to wait for now. */
    int wanted() {
        if (closing) {
            return BlockingEngine.CLOSE;
        }
        if (connectTo != null) {
            return BlockingEngine.CONNECT;
        }
        if (listener) {
            return !armed
                    ? BlockingEngine.PARK
                    : full ? BlockingEngine.POLL | BlockingEngine.IN : BlockingEngine.ACCEPT;
        }
        if (armed && endWaits) {
            return BlockingEngine.TELL_END;
        }
        if (outputWaits()) {
            return BlockingEngine.POLL | BlockingEngine.OUT | (armed ? BlockingEngine.IN : 0);
        }
        if (armed) {
            return BlockingEngine.RECEIVE;
        }
        return hungUp ? BlockingEngine.PARK : BlockingEngine.POLL;
    }

    /**
     * Wakes its thread if that waits for something else than it now should. A receive that was disarmed goes on: what it
     * brings is told once more, as the contract allows, and that is cheaper than waking it.
     */
    void changed() {
        int wanted = wanted();
        boolean disarmed = waiting == BlockingEngine.RECEIVE && wanted == BlockingEngine.POLL;
        if (waiting != BlockingEngine.RUNNING && waiting != wanted && !disarmed) {
            call.wake();
        }
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
