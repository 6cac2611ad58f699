package dev.sluice.kv;

/**
 * The options of SET and GETEX.
 *
 * @param onlyNew NX
 * @param onlyOld XX
 * @param get GET
 * @param keep KEEPTTL
 * @param persist PERSIST
 * @param time the argument that holds a time, or 0
 * @param seconds whether that counts seconds
 * @param relative whether it counts from now on
 */
record SetOptions(
        boolean onlyNew,
        boolean onlyOld,
        boolean get,
        boolean keep,
        boolean persist,
        int time,
        boolean seconds,
        boolean relative) {
    private static final long SECOND = 1000;
    private static final String[] KINDS = {"EX", "PX", "EXAT", "PXAT"};

    static SetOptions ofSet(Arguments arguments, int from) {
        return parse(arguments, from, true);
    }

    static SetOptions ofGetex(Arguments arguments, int from) {
        return parse(arguments, from, false);
    }

    private static SetOptions parse(Arguments arguments, int from, boolean ofSet) {
        boolean nx = false;
        boolean xx = false;
        boolean get = false;
        boolean keep = false;
        boolean persist = false;
        int time = 0;
        int kind = 0;
        boolean seconds = false;
        boolean relative = false;
        for (int i = from; i < arguments.count(); i++) {
            if (ofSet && arguments.is(i, "NX") && !xx) {
                nx = true;
            } else if (ofSet && arguments.is(i, "XX") && !nx) {
                xx = true;
            } else if (ofSet && arguments.is(i, "GET")) {
                get = true;
            } else if (ofSet && arguments.is(i, "KEEPTTL") && time == 0) {
                keep = true;
            } else if (!ofSet && arguments.is(i, "PERSIST") && time == 0) {
                persist = true;
            } else if (!keep && !persist && i + 1 < arguments.count() && isTime(arguments, i, kind)) {
                kind = i;
                seconds = arguments.is(i, "EX") || arguments.is(i, "EXAT");
                relative = arguments.length(i) == 2;
                time = ++i;
            } else {
                throw new CommandException(CommandException.SYNTAX);
            }
        }
        return new SetOptions(nx, xx, get, keep, persist, time, seconds, relative);
    }

    /** Whether it names a time, and the same kind of one as the option before. */
    private static boolean isTime(Arguments arguments, int index, int before) {
        for (String kind : KINDS) {
            if (arguments.is(index, kind)) {
                return before == 0 || arguments.is(before, kind);
            }
        }
        return false;
    }

    /** In milliseconds since the epoch; -1 where none was asked for. */
    long deadline(Call call) {
        return time == 0 ? -1 : deadline(call, call.arguments().number(time), seconds, relative);
    }

    /** @throws CommandException where a time is none, or out of range */
    static long deadline(Call call, long given, boolean seconds, boolean relative) {
        if (given <= 0 || seconds && given > Long.MAX_VALUE / SECOND) {
            throw CommandException.invalidExpiry(call.name());
        }
        long millis = seconds ? given * SECOND : given;
        if (relative && millis > Long.MAX_VALUE - call.store.now()) {
            throw CommandException.invalidExpiry(call.name());
        }
        return relative ? millis + call.store.now() : millis;
    }
}
