package dev.sluice.kv;

import java.util.Arrays;

/** Keys, whatever their values are. */
final class KeyCommands {
    private static final byte[] FLUSHDB = Effects.ascii("FLUSHDB");
    private static final byte[] FLUSHALL = Effects.ascii("FLUSHALL");
    private static final int RANDOM_TRIES = 100;

    private KeyCommands() {}

    /** Removes what was found by an argument, with the effect of it. */
    static void remove(Call call, int key, long entry) {
        call.effects.delete(call.database().number(), call.arguments(), key);
        call.database().remove(entry);
        call.modified(key);
    }

    static void del(Call call) {
        int count = 0;
        for (int i = 1; i < call.arguments().count(); i++) {
            long entry = call.database().find(call.arguments(), i);
            if (entry != 0) {
                remove(call, i, entry);
                count++;
            }
        }
        call.replies.integer(count);
    }

    static void exists(Call call) {
        int count = 0;
        for (int i = 1; i < call.arguments().count(); i++) {
            if (call.database().find(call.arguments(), i) != 0) {
                count++;
            }
        }
        call.replies.integer(count);
    }

    static void type(Call call) {
        long entry = call.database().find(call.arguments(), 1);
        call.replies.status(entry == 0 ? "none" : Entry.isHash(entry) ? "hash" : "string");
    }

    static void dbsize(Call call) {
        call.replies.integer(call.database().keys().size());
    }

    static void randomkey(Call call) {
        Database database = call.database();
        for (int i = 0; i < RANDOM_TRIES; i++) {
            long entry = database.keys().random(call.store.random);
            if (entry == 0) {
                break;
            }
            if (!database.isDue(entry)) {
                call.replies.bulk(Entry.key(entry), Entry.keyLength(entry));
                return;
            }
        }
        call.replies.none();
    }

    static void rename(Call call) {
        long from = call.database().find(call.arguments(), 1);
        if (from == 0) {
            throw new CommandException(CommandException.NO_SUCH_KEY);
        }
        if (!isSameKey(call.arguments())) {
            move(call);
        }
        call.replies.ok();
    }

    static void renamenx(Call call) {
        if (call.database().find(call.arguments(), 1) == 0) {
            throw new CommandException(CommandException.NO_SUCH_KEY);
        }
        if (isSameKey(call.arguments()) || call.database().find(call.arguments(), 2) != 0) {
            call.replies.integer(0);
            return;
        }
        move(call);
        call.replies.integer(1);
    }

    private static boolean isSameKey(Arguments arguments) {
        return Arrays.equals(arguments.bytes(1), arguments.bytes(2));
    }

    /** The whole of it is told, for it may be replayed where the old key isn't any more. */
    private static void move(Call call) {
        Arguments arguments = call.arguments();
        Database database = call.database();
        long to = database.find(arguments, 2);
        if (to != 0) {
            database.remove(to);
        }
        call.effects.delete(database.number(), arguments, 2);
        long from = database.find(arguments, 1);
        long entry = database.rename(from, arguments.data, arguments.offset(2), arguments.length(2));
        if (Entry.isHash(entry)) {
            call.effects.hash(database, entry);
        } else {
            call.effects.string(database, entry);
        }
        call.effects.delete(database.number(), arguments, 1);
        call.modified(1);
        call.modified(2);
    }

    static void flushdb(Call call) {
        checkFlush(call);
        flush(call, call.database());
        call.effect(FLUSHDB, 1);
        call.replies.ok();
    }

    static void flushall(Call call) {
        checkFlush(call);
        for (int i = 0; i < call.store.databaseCount(); i++) {
            flush(call, call.store.database(i));
        }
        call.effect(FLUSHALL, 1);
        call.replies.ok();
    }

    /** What is flushed is freed bit by bit either way. */
    private static void checkFlush(Call call) {
        Arguments arguments = call.arguments();
        boolean known = arguments.count() == 1
                || arguments.count() == 2 && (arguments.is(1, "ASYNC") || arguments.is(1, "SYNC"));
        if (!known) {
            throw new CommandException(CommandException.SYNTAX);
        }
    }

    private static void flush(Call call, Database database) {
        call.store.flushed(database);
        database.clear();
    }
}
