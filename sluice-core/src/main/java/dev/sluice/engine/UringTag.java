package dev.sluice.engine;

/**
 * What an operation's {@code user_data} says: generation (32 bits), slot (24 bits), operation (8 bits). The generation
 * tells a completion of an earlier bearer of the slot from one of the present bearer.
 */
final class UringTag {
    static final int RECEIVE = 1;
    static final int ACCEPT = 2;
    static final int CONNECT = 3;
    static final int SEND = 4;
    static final int READ = 5;
    /** Cancels an armed receive or accept. */
    static final int DISARM = 6;
    /** Cancels everything on a descriptor that is being closed. */
    static final int CANCEL = 7;

    static final int CLOSE = 8;
    /** The wake-up's poll; it has no slot. */
    static final int WAKE = 9;

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
