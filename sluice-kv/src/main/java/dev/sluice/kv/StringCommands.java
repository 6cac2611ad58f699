package dev.sluice.kv;

/** Setting and getting strings. */
final class StringCommands {
    private static final byte[] SET = Effects.ascii("SET");
    private static final byte[] PXAT = Effects.ascii("PXAT");
    private static final byte[] MSET = Effects.ascii("MSET");
    private static final byte[] PERSIST = Effects.ascii("PERSIST");

    private StringCommands() {}

    static void get(Call call) {
        reply(call, look(call, 1));
    }

    /** A string that is only read, or 0. */
    static long look(Call call, int key) {
        long entry = call.database().findString(call.arguments(), key);
        if (entry == 0) {
            call.store.statistics.misses++;
        } else {
            call.store.statistics.hits++;
        }
        return entry;
    }

    private static void reply(Call call, long entry) {
        if (entry == 0) {
            call.replies.none();
        } else {
            call.replies.bulk(Entry.value(entry), Entry.valueLength(entry));
        }
    }

    static void set(Call call) {
        Arguments arguments = call.arguments();
        if (arguments.count() == 3) {
            long entry = call.database().find(arguments, 1);
            store(call, entry, 2, -1, false);
            call.replies.ok();
            return;
        }
        set(call, SetOptions.ofSet(arguments, 3));
    }

    private static void set(Call call, SetOptions options) {
        Arguments arguments = call.arguments();
        Database database = call.database();
        long deadline = options.deadline(call);
        long entry = options.get() ? database.findString(arguments, 1) : database.find(arguments, 1);
        if (options.get()) {
            reply(call, entry);
        }
        if (options.onlyNew() && entry != 0 || options.onlyOld() && entry == 0) {
            if (!options.get()) {
                call.replies.none();
            }
            return;
        }
        store(call, entry, 2, deadline, options.keep());
        if (!options.get()) {
            call.replies.ok();
        }
    }

    /** Sets the key at 1, with its effect. */
    private static void store(Call call, long entry, int value, long deadline, boolean keep) {
        Arguments arguments = call.arguments();
        Database database = call.database();
        long set = database.setString(entry, arguments, 1, value, keep);
        if (deadline >= 0) {
            database.deadline(set, deadline);
        }
        if (keep) {
            call.effects.string(database, set);
        } else {
            call.effect(SET, deadline < 0 ? 3 : 5);
            call.effects.argument(arguments, 1);
            call.effects.argument(arguments, value);
            if (deadline >= 0) {
                call.effects.argument(PXAT);
                call.effects.argument(deadline);
            }
        }
        call.modified(1);
    }

    static void setnx(Call call) {
        long entry = call.database().find(call.arguments(), 1);
        if (entry == 0) {
            store(call, 0, 2, -1, false);
        }
        call.replies.bool(entry == 0);
    }

    static void setex(Call call) {
        setFor(call, true);
    }

    static void psetex(Call call) {
        setFor(call, false);
    }

    private static void setFor(Call call, boolean seconds) {
        long deadline = SetOptions.deadline(call, call.arguments().number(2), seconds, true);
        long entry = call.database().find(call.arguments(), 1);
        store(call, entry, 3, deadline, false);
        call.replies.ok();
    }

    static void getset(Call call) {
        long entry = look(call, 1);
        reply(call, entry);
        store(call, entry, 2, -1, false);
    }

    static void getdel(Call call) {
        long entry = look(call, 1);
        reply(call, entry);
        if (entry != 0) {
            KeyCommands.remove(call, 1, entry);
        }
    }

    static void getex(Call call) {
        Arguments arguments = call.arguments();
        SetOptions options = SetOptions.ofGetex(arguments, 2);
        long entry = look(call, 1);
        if (entry == 0) {
            call.replies.none();
            return;
        }
        long deadline = options.deadline(call);
        reply(call, entry);
        if (deadline >= 0) {
            ExpiryCommands.endAt(call, entry, deadline);
        } else if (options.persist() && call.database().persist(entry)) {
            call.effect(PERSIST, 2);
            call.effects.argument(arguments, 1);
            call.modified(1);
        }
    }

    static void mget(Call call) {
        Arguments arguments = call.arguments();
        call.replies.array(arguments.count() - 1L);
        for (int i = 1; i < arguments.count(); i++) {
            long entry = call.database().find(arguments, i);
            reply(call, entry != 0 && Entry.isHash(entry) ? 0 : entry);
        }
    }

    static void mset(Call call) {
        if (call.arguments().count() % 2 == 0) {
            throw CommandException.arity("mset");
        }
        setAll(call);
        call.replies.ok();
    }

    static void msetnx(Call call) {
        Arguments arguments = call.arguments();
        if (arguments.count() % 2 == 0) {
            throw CommandException.arity("msetnx");
        }
        for (int i = 1; i < arguments.count(); i += 2) {
            if (call.database().find(arguments, i) != 0) {
                call.replies.integer(0);
                return;
            }
        }
        setAll(call);
        call.replies.integer(1);
    }

    private static void setAll(Call call) {
        Arguments arguments = call.arguments();
        Database database = call.database();
        for (int i = 1; i < arguments.count(); i += 2) {
            var _ = database.setString(database.find(arguments, i), arguments, i, i + 1, false);
            call.modified(i);
        }
        call.effect(MSET, arguments.count());
        for (int i = 1; i < arguments.count(); i++) {
            call.effects.argument(arguments, i);
        }
    }

    /** For commands that set a number: the string's key is at 1. */
    static void storeText(Call call, long entry, byte[] text, int length) {
        Database database = call.database();
        long set = database.setString(entry, call.arguments(), 1, text, 0, length, true);
        call.effects.string(database, set);
        call.modified(1);
    }
}
