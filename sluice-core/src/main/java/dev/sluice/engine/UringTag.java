package dev.sluice.engine;

/**
 * What an operation's {@code user_data} says: generation (32 bits), slot (24 bits), operation (8 bits). The generation
 * tells a completion of an earlier bearer of the slot from one of the present bearer.
 */
final class UringTag {
    static final int RECEIVE = 1;
    static final int ACCEPT = 2;
    /** An accept into the ring's table of registered descriptors. */
    static final int ACCEPT_DIRECT = 3;
    /** Opens a socket in the ring's table. */
    static final int SOCKET = 4;

    static final int CONNECT = 5;
    static final int SEND = 6;
    static final int READ = 7;
    static final int SHUTDOWN = 8;
    /** Cancels an armed receive or accept. */
    static final int DISARM = 9;

    static final int CLOSE = 10;

    /** Looks at a descriptor of somebody else's. */
    static final int POLL = 11;

    /** Receives the datagrams of somebody else's socket. */
    static final int DATAGRAMS = 12;

    /** Waits until a connection takes more: of a file, or of what the kernel refused. */
    static final int ROOM = 13;

    // From here on operations have no slot.

    /** The wake-up's poll. */
    static final int WAKE = 20;
    /** Something that is waited for where it is started. */
    static final int NOW = 21;
    /** Cancels what is in flight on a handle that is being closed: told by what it cancels. */
    static final int CANCEL = 24;
    /** Sets a socket's option; it completes only when that fails, which does no harm. */
    static final int OPTION = 22;
    /** Closes a registered descriptor that nobody asked for any more. */
    static final int DISCARD = 23;

    /** An operation of a {@link RingPort}'s guest, whose slot it carries. */
    static final int GUEST = 25;

    static final int MAX_SLOTS = 1 << 24;

    private static final int OPERATION_BITS = 8;
    private static final int GENERATION_SHIFT = 32;

    private UringTag() {}

    /** The tag of a slot's bearer, to which an operation is added. */
    static long of(int slot, int generation) {
        return (long) generation << GENERATION_SHIFT | (long) slot << OPERATION_BITS;
    }

    static int operation(long userData) {
        return (int) userData & 0xff;
    }

    static int slot(long userData) {
        return (int) userData >>> OPERATION_BITS;
    }

    static int generation(long userData) {
        return (int) (userData >>> GENERATION_SHIFT);
    }
}
