package dev.sluice.kv;

import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;

/** Hashes: one field or several named ones. */
final class HashCommands {
    private static final byte[] HSET = Effects.ascii("HSET");
    private static final byte[] HDEL = Effects.ascii("HDEL");
    private static final String NOT_AN_INTEGER = "ERR hash value is not an integer";
    private static final String NOT_A_FLOAT = "ERR hash value is not a float";

    private HashCommands() {}

    static void hset(Call call) {
        call.replies.integer(setAll(call));
    }

    static void hmset(Call call) {
        var _ = setAll(call);
        call.replies.ok();
    }

    private static int setAll(Call call) {
        Arguments arguments = call.arguments();
        if (arguments.count() % 2 != 0) {
            throw CommandException.arity(call.name());
        }
        long entry = call.database().findHash(arguments, 1);
        entry = entry == 0 ? add(call) : entry;
        Table fields = call.database().fields(entry);
        int added = 0;
        for (int i = 2; i < arguments.count(); i += 2) {
            boolean isNew = fields.put(
                    arguments.data,
                    arguments.offset(i),
                    arguments.length(i),
                    arguments.data,
                    arguments.offset(i + 1),
                    arguments.length(i + 1));
            added += isNew ? 1 : 0;
        }
        call.effect(HSET, arguments.count());
        for (int i = 1; i < arguments.count(); i++) {
            call.effects.argument(arguments, i);
        }
        changed(call, entry);
        return added;
    }

    private static long add(Call call) {
        Arguments arguments = call.arguments();
        return call.database().addHash(arguments.data, arguments.offset(1), arguments.length(1));
    }

    /**
     * Behind a field's effect: the deadline is told again, as a replay may meet the hash without the fields that kept it
     * alive until here.
     */
    private static void changed(Call call, long entry) {
        call.effects.deadline(call.database(), entry);
        call.modified(1);
    }

    static void hsetnx(Call call) {
        Arguments arguments = call.arguments();
        long entry = call.database().findHash(arguments, 1);
        if (entry != 0 && find(call, entry, 2) != 0) {
            call.replies.integer(0);
            return;
        }
        put(call, entry, arguments.data, arguments.offset(3), arguments.length(3));
        call.replies.integer(1);
    }

    /** Sets the field at 2. */
    private static void put(Call call, long found, byte[] value, int offset, int length) {
        Arguments arguments = call.arguments();
        long entry = found == 0 ? add(call) : found;
        var _ = call.database()
                .fields(entry)
                .put(arguments.data, arguments.offset(2), arguments.length(2), value, offset, length);
        call.effect(HSET, 4);
        call.effects.argument(arguments, 1);
        call.effects.argument(arguments, 2);
        call.effects.argument(value, offset, length);
        changed(call, entry);
    }

    /** A field of a hash that is only read, or 0. */
    private static long look(Call call, int field) {
        long entry = lookHash(call);
        return entry == 0 ? 0 : find(call, entry, field);
    }

    /** A hash that is only read, or 0. */
    static long lookHash(Call call) {
        long entry = call.database().findHash(call.arguments(), 1);
        if (entry == 0) {
            call.store.statistics.misses++;
        } else {
            call.store.statistics.hits++;
        }
        return entry;
    }

    private static long find(Call call, long entry, int field) {
        Arguments arguments = call.arguments();
        return call.database().fields(entry).find(arguments.data, arguments.offset(field), arguments.length(field));
    }

    private static void reply(Call call, long field) {
        if (field == 0) {
            call.replies.none();
        } else {
            call.replies.bulk(Entry.value(field), Entry.valueLength(field));
        }
    }

    static void hget(Call call) {
        reply(call, look(call, 2));
    }

    static void hmget(Call call) {
        long entry = lookHash(call);
        call.replies.array(call.arguments().count() - 2L);
        for (int i = 2; i < call.arguments().count(); i++) {
            reply(call, entry == 0 ? 0 : find(call, entry, i));
        }
    }

    static void hlen(Call call) {
        long entry = lookHash(call);
        call.replies.integer(entry == 0 ? 0 : call.database().fields(entry).size());
    }

    static void hstrlen(Call call) {
        long field = look(call, 2);
        call.replies.integer(field == 0 ? 0 : Entry.valueLength(field));
    }

    static void hexists(Call call) {
        call.replies.bool(look(call, 2) != 0);
    }

    static void hdel(Call call) {
        Arguments arguments = call.arguments();
        long entry = call.database().findHash(arguments, 1);
        if (entry == 0) {
            call.replies.integer(0);
            return;
        }
        Table fields = call.database().fields(entry);
        int count = 0;
        for (int i = 2; i < arguments.count(); i++) {
            long field = find(call, entry, i);
            if (field != 0) {
                fields.remove(field);
                count++;
            }
        }
        if (count > 0 && fields.size() == 0) {
            KeyCommands.remove(call, 1, entry);
        } else if (count > 0) {
            call.effect(HDEL, arguments.count());
            for (int i = 1; i < arguments.count(); i++) {
                call.effects.argument(arguments, i);
            }
            call.modified(1);
        }
        call.replies.integer(count);
    }

    static void hincrby(Call call) {
        long by = call.arguments().number(3);
        long entry = call.database().findHash(call.arguments(), 1);
        long field = entry == 0 ? 0 : find(call, entry, 2);
        long sum = CounterCommands.sum(call, field, by, NOT_AN_INTEGER);
        byte[] text = call.store.numberText;
        int digits = Numbers.digits(sum);
        Numbers.format(sum, digits, text, 0);
        put(call, entry, text, 0, digits);
        call.replies.integer(sum);
    }

    static void hincrbyfloat(Call call) {
        String given = call.arguments().text(3);
        if (LongDouble.isInfinite(given)) {
            throw new CommandException("ERR value is NaN or Infinity");
        }
        var _ = LongDouble.parse(given, CommandException.NOT_A_FLOAT);
        long entry = call.database().findHash(call.arguments(), 1);
        long field = entry == 0 ? 0 : find(call, entry, 2);
        String stored = field == 0 ? "0" : new String(Entry.valueBytes(field), StandardCharsets.ISO_8859_1);
        BigDecimal sum = CounterCommands.sum(stored, given, NOT_A_FLOAT);
        byte[] text = LongDouble.format(sum).getBytes(StandardCharsets.US_ASCII);
        put(call, entry, text, 0, text.length);
        call.replies.bulk(text);
    }
}
