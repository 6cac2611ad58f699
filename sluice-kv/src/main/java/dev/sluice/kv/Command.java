package dev.sluice.kv;

/**
 * A command as COMMAND tells of it.
 *
 * @param name in lower case
 * @param arity how many arguments it takes, its name being one; negative: so many at least
 * @param flags what it does: bits of {@link Flag}
 * @param firstKey the first argument that is a key, or 0
 * @param lastKey the last one, counted from the end where negative
 * @param keyStep how far keys are apart
 * @param handler does it
 */
record Command(String name, int arity, int flags, int firstKey, int lastKey, int keyStep, Handler handler) {
    /** What there is to know of a command before it runs. */
    enum Flag {
        WRITE(1),
        READONLY(2),
        /** Refused where there is no memory left. */
        DENYOOM(4),
        ADMIN(8),
        PUBSUB(16),
        FAST(32),
        /** Runs for who hasn't said the password. */
        NO_AUTH(64),
        /** Runs at once though MULTI was said. */
        NO_QUEUE(128);

        final int bit;

        Flag(int bit) {
            this.bit = bit;
        }
    }

    /** Does a command: replies, and has effects. Throws before it has changed anything. */
    @FunctionalInterface
    interface Handler {
        void run(Call call);
    }

    boolean is(Flag flag) {
        return (flags & flag.bit) != 0;
    }

    boolean takes(int count) {
        return arity >= 0 ? count == arity : count >= -arity;
    }
}
