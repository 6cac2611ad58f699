package dev.sluice.kv;

/** When keys end. */
final class ExpiryCommands {
    private static final byte[] PEXPIREAT = Effects.ascii("PEXPIREAT");
    private static final byte[] PERSIST = Effects.ascii("PERSIST");
    private static final long SECOND = 1000;

    private ExpiryCommands() {}

    static void expire(Call call) {
        expire(call, SECOND, call.store.now());
    }

    static void pexpire(Call call) {
        expire(call, 1, call.store.now());
    }

    static void expireat(Call call) {
        expire(call, SECOND, 0);
    }

    static void pexpireat(Call call) {
        expire(call, 1, 0);
    }

    private static void expire(Call call, long unit, long base) {
        Arguments arguments = call.arguments();
        Condition condition = Condition.parse(arguments, 3);
        long given = arguments.number(2);
        if (given > Long.MAX_VALUE / unit || given < Long.MIN_VALUE / unit || given * unit > Long.MAX_VALUE - base) {
            throw CommandException.invalidExpiry(call.name());
        }
        long deadline = given * unit + base;
        long entry = call.database().find(arguments, 1);
        if (entry == 0 || !condition.allows(call.database().deadline(entry), deadline)) {
            call.replies.integer(0);
            return;
        }
        endAt(call, entry, deadline);
        call.replies.integer(1);
    }

    /** Gives the key at 1 a deadline; removes it where that is past. */
    static void endAt(Call call, long entry, long deadline) {
        if (deadline <= call.store.now() && !call.store.isReplaying()) {
            KeyCommands.remove(call, 1, entry);
            return;
        }
        call.database().deadline(entry, deadline);
        call.effect(PEXPIREAT, 3);
        call.effects.argument(call.arguments(), 1);
        call.effects.argument(deadline);
        call.modified(1);
    }

    /** NX, XX, GT and LT. */
    private record Condition(boolean nx, boolean xx, boolean gt, boolean lt) {
        static Condition parse(Arguments arguments, int from) {
            boolean nx = false;
            boolean xx = false;
            boolean gt = false;
            boolean lt = false;
            for (int i = from; i < arguments.count(); i++) {
                if (arguments.is(i, "NX")) {
                    nx = true;
                } else if (arguments.is(i, "XX")) {
                    xx = true;
                } else if (arguments.is(i, "GT")) {
                    gt = true;
                } else if (arguments.is(i, "LT")) {
                    lt = true;
                } else {
                    throw new CommandException("ERR Unsupported option " + arguments.text(i));
                }
            }
            if (nx && (xx || gt || lt)) {
                throw new CommandException("ERR NX and XX, GT or LT options at the same time are not compatible");
            }
            if (gt && lt) {
                throw new CommandException("ERR GT and LT options at the same time are not compatible");
            }
            return new Condition(nx, xx, gt, lt);
        }

        /** A key without a deadline (-1) ends later than any other. */
        boolean allows(long current, long deadline) {
            boolean has = current != -1;
            return !(nx && has
                    || xx && !has
                    || gt && (!has || deadline <= current)
                    || lt && has && deadline >= current);
        }
    }

    static void ttl(Call call) {
        tell(call, SECOND, call.store.now());
    }

    static void pttl(Call call) {
        tell(call, 1, call.store.now());
    }

    static void expiretime(Call call) {
        tell(call, SECOND, 0);
    }

    static void pexpiretime(Call call) {
        tell(call, 1, 0);
    }

    private static void tell(Call call, long unit, long base) {
        long entry = call.database().find(call.arguments(), 1);
        if (entry == 0) {
            call.replies.integer(-2);
            return;
        }
        long deadline = call.database().deadline(entry);
        long left = Math.max(deadline - base, 0);
        call.replies.integer(deadline < 0 ? -1 : left / unit + (left % unit * 2 >= unit ? 1 : 0));
    }

    static void persist(Call call) {
        long entry = call.database().find(call.arguments(), 1);
        boolean persisted = entry != 0 && call.database().persist(entry);
        if (persisted) {
            call.effect(PERSIST, 2);
            call.effects.argument(call.arguments(), 1);
            call.modified(1);
        }
        call.replies.bool(persisted);
    }
}
