package dev.sluice.engine;

import dev.sluice.os.CallState;
import dev.sluice.os.Sockets;
import java.lang.foreign.Arena;
import java.net.SocketAddress;
import org.jspecify.annotations.Nullable;

/**
 * What a {@link UringEngine} knows of one socket. It gets a slot with its first operation, so that a newcomer that is
 * handed to another loop leaves no trace in the engine that accepted it.
 */
final class UringHandle extends Handle {
    static final int NO_SLOT = -1;

    final boolean listener;
    int fd;
    int slot = NO_SLOT;
    /** The upper bits of the {@code user_data} of its operations. */
    long tag;

    /** A bit for each operation that the kernel holds: {@code 1 << operation}. */
    private int flying;

    /** Accepting or receiving is to be armed. */
    boolean wanted;

    /** The receive that is armed ends by itself after a turn's bytes. */
    boolean limited;

    boolean closing;
    boolean reset;

    /** What is being sent, until its completion: kept for an interrupted send. */
    @Nullable
    Chunk chain;
    /** A message header with its vectors, or 0. */
    long message;
    /** A part of a file, or 0; with the bytes of it that are to be sent. */
    long part;

    int partBytes;
    /** The address that is being connected to, or 0. */
    long address;

    UringHandle(int fd, boolean listener) {
        this.fd = fd;
        this.listener = listener;
    }

    void takeOff(int operation) {
        assert !isFlying(operation) : "operation " + operation + " twice on fd=" + fd;
        flying |= 1 << operation;
    }

    void landed(int operation) {
        flying &= ~(1 << operation);
    }

    boolean isFlying(int operation) {
        return (flying & 1 << operation) != 0;
    }

    boolean isIdle() {
        return flying == 0;
    }

    /** The operation that brings newcomers or bytes. */
    int inputOperation() {
        return listener ? UringTag.ACCEPT : UringTag.RECEIVE;
    }

    /** Gives the descriptor away; nothing may be in flight. */
    int surrender() {
        if (slot != NO_SLOT || closing) {
            throw new IllegalStateException("a handle can be handed over before its first operation only: fd=" + fd);
        }
        int given = fd;
        fd = -1;
        closing = true;
        return given;
    }

    @Override
    public int descriptor() {
        return fd;
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
