package dev.sluice.kv;

import java.util.HashSet;
import java.util.Set;
import java.util.function.LongConsumer;

/** Hashes: all fields, or some at random. */
final class HashReadCommands {
    private HashReadCommands() {}

    static void hgetall(Call call) {
        long entry = HashCommands.lookHash(call);
        call.replies.map(entry == 0 ? 0 : call.database().fields(entry).size());
        each(call, entry, field -> {
            key(call, field);
            value(call, field);
        });
    }

    static void hkeys(Call call) {
        all(call, field -> key(call, field));
    }

    static void hvals(Call call) {
        all(call, field -> value(call, field));
    }

    private static void all(Call call, LongConsumer reply) {
        long entry = HashCommands.lookHash(call);
        call.replies.array(entry == 0 ? 0 : call.database().fields(entry).size());
        each(call, entry, reply);
    }

    private static void key(Call call, long field) {
        call.replies.bulk(Entry.key(field), Entry.keyLength(field));
    }

    private static void value(Call call, long field) {
        call.replies.bulk(Entry.value(field), Entry.valueLength(field));
    }

    private static void each(Call call, long entry, LongConsumer to) {
        if (entry == 0) {
            return;
        }
        Table fields = call.database().fields(entry);
        long cursor = 0;
        do {
            cursor = fields.scan(cursor, to);
        } while (cursor != 0);
    }

    static void hrandfield(Call call) {
        Arguments arguments = call.arguments();
        if (arguments.count() == 2) {
            long entry = HashCommands.lookHash(call);
            if (entry == 0) {
                call.replies.none();
            } else {
                key(call, call.database().fields(entry).random(call.store.random));
            }
            return;
        }
        long count = arguments.number(2);
        boolean withValues = arguments.count() > 3;
        if (arguments.count() > 4 || withValues && !arguments.is(3, "WITHVALUES")) {
            throw new CommandException(CommandException.SYNTAX);
        }
        if (count < -Long.MAX_VALUE / 2 || count > Long.MAX_VALUE / 2) {
            throw new CommandException(CommandException.OUT_OF_RANGE);
        }
        long entry = HashCommands.lookHash(call);
        if (entry == 0 || count == 0) {
            call.replies.array(0);
        } else if (count < 0) {
            some(call, entry, -count, withValues);
        } else {
            different(call, entry, count, withValues);
        }
    }

    /** The same one perhaps more than once. */
    private static void some(Call call, long entry, long count, boolean withValues) {
        Table fields = call.database().fields(entry);
        head(call, count, withValues);
        for (long i = 0; i < count; i++) {
            tell(call, fields.random(call.store.random), withValues);
        }
    }

    private static void different(Call call, long entry, long count, boolean withValues) {
        Table fields = call.database().fields(entry);
        if (count >= fields.size()) {
            head(call, fields.size(), withValues);
            each(call, entry, field -> tell(call, field, withValues));
            return;
        }
        head(call, count, withValues);
        if (count * 3 > fields.size()) {
            Remaining rest = new Remaining(count, fields.size());
            each(call, entry, field -> {
                if (rest.takes(call)) {
                    tell(call, field, withValues);
                }
            });
            return;
        }
        Set<Long> told = new HashSet<>();
        while (told.size() < count) {
            long field = fields.random(call.store.random);
            if (told.add(field)) {
                tell(call, field, withValues);
            }
        }
    }

    /** Takes so many out of those that it is asked for, each set of them as likely as another (Knuth's algorithm S). */
    private static final class Remaining {
        private long wanted;
        private long left;

        Remaining(long wanted, long left) {
            this.wanted = wanted;
            this.left = left;
        }

        boolean takes(Call call) {
            boolean taken = call.store.random.nextLong(left--) < wanted;
            wanted -= taken ? 1 : 0;
            return taken;
        }
    }

    private static void head(Call call, long count, boolean withValues) {
        call.replies.array(withValues && call.replies.protocol == 2 ? count * 2 : count);
    }

    private static void tell(Call call, long field, boolean withValue) {
        if (withValue && call.replies.protocol == 3) {
            call.replies.array(2);
        }
        key(call, field);
        if (withValue) {
            value(call, field);
        }
    }
}
