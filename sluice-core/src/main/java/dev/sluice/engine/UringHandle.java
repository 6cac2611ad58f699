package dev.sluice.engine;

import java.net.SocketAddress;
import org.jspecify.annotations.Nullable;

/**
 * What a {@link UringEngine} knows of one socket: little, since most of them are idle. It gets a slot with its first operation, so that a newcomer that is
 * handed to another loop leaves no trace in the engine that accepted it.
 */
final class UringHandle extends Handle {
    /** No tag: an operation's bits are set in it, which are clear in every tag. */
    private static final long NO_SLOT = -1;

    final boolean listener;
    /** Whose queues carry its operations: a connection's until it ends here, a listener's until another ring has more room. */
    UringRing ring;
    /** The descriptor, or where it is direct its place in the ring's table; -1 for none. */
    int fd;

    boolean direct;
    /** The upper bits of the {@code user_data} of its operations; they hold its slot. */
    long tag = NO_SLOT;

    /** A bit for each operation that the kernel holds: {@code 1 << operation}. None of them is above 14. */
    private short flying;

    /** Accepting or receiving is to be armed. */
    boolean wanted;

    /** The receive that is armed ends by itself after a turn's bytes. */
    boolean limited;

    /** When a receive brought something last, as {@link UringInput} counts; wraps around. */
    int fedAt;

    /** Its receive is to be armed when it is its turn. */
    boolean queued;

    /** A listener whose newcomers go to other loops, so that each needs a descriptor of its own. */
    boolean handsOver;

    /** The accept that is armed goes on until it is stopped. */
    boolean multishot;

    boolean closing;
    boolean reset;
    /** The descriptor is being closed, or is closed. */
    boolean closeStarted;

    /** What is being sent, until its completion. */
    @Nullable
    UringSend sending;

    private UringHandle(UringRing ring, int fd, boolean direct, boolean listener) {
        this.ring = ring;
        this.fd = fd;
        this.direct = direct;
        this.listener = listener;
    }

    static UringHandle listener(UringRing ring, int fd) {
        return new UringHandle(ring, fd, false, true);
    }

    /** A connection with an ordinary descriptor. */
    static UringHandle of(UringRing ring, int fd) {
        return new UringHandle(ring, fd, false, false);
    }

    /** A connection in the ring's table, at a place or, at -1, not yet. */
    static UringHandle direct(UringRing ring, int place) {
        return new UringHandle(ring, place, true, false);
    }

    boolean hasSlot() {
        return tag != NO_SLOT;
    }

    void leaveSlot() {
        tag = NO_SLOT;
    }

    void takeOff(int operation) {
        assert !isFlying(operation) : "operation " + operation + " twice on fd=" + fd;
        flying = (short) (flying | 1 << operation);
    }

    void landed(int operation) {
        flying = (short) (flying & ~(1 << operation));
    }

    boolean isFlying(int operation) {
        return (flying & 1 << operation) != 0;
    }

    boolean isIdle() {
        return flying == 0;
    }

    /**
     * Whether nothing in flight holds the descriptor. The memory of a zero-copy send may be in use for as long as the
     * peer reads nothing: only the close ends that.
     */
    boolean isReleased() {
        UringSend send = sending;
        return (send != null && send.memoryInUse ? flying & ~(1 << UringTag.SEND) : flying) == 0;
    }

    /** The operation that brings newcomers or bytes: the one that is armed, if one is. */
    int inputOperation() {
        if (!listener) {
            return UringTag.RECEIVE;
        }
        return isFlying(UringTag.ACCEPT_DIRECT) ? UringTag.ACCEPT_DIRECT : UringTag.ACCEPT;
    }

    /** Gives the descriptor away, a direct one as an ordinary one; nothing may be in flight. On the ring's thread if it is direct. */
    int surrender() {
        if (hasSlot() || closing) {
            throw new IllegalStateException("a handle that is handed over must have no operation: fd=" + fd);
        }
        int given = direct ? ring.descriptors.takeOut(fd) : fd;
        fd = -1;
        closing = true;
        return given;
    }

    @Override
    public int descriptor() {
        return direct ? -1 : fd;
    }

    @Override
    public SocketAddress localAddress() {
        return ring.descriptors.localAddress(this);
    }

    @Override
    public SocketAddress remoteAddress() {
        return ring.descriptors.remoteAddress(this);
    }
}
