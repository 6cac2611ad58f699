package dev.sluice.kv;

import dev.sluice.os.NativeMemory;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Going over keys and fields, all at once or a cursor at a time. */
final class ScanCommands {
    private static final long COUNT = 10;
    private static final long EMPTY_LOOKS = 10;
    /** A hash of so few fields is told at once, as Redis tells those that it keeps as a list. */
    private static final int SMALL_HASH = 128;

    private ScanCommands() {}

    static void keys(Call call) {
        Bytes pattern = new Bytes(call.arguments().bytes(1));
        List<Long> found = new ArrayList<>();
        Database database = call.database();
        long cursor = 0;
        do {
            cursor = database.keys().scan(cursor, entry -> {
                if (!database.isDue(entry) && matches(pattern, entry)) {
                    found.add(entry);
                }
            });
        } while (cursor != 0);
        call.replies.array(found.size());
        found.forEach(entry -> call.replies.bulk(Entry.key(entry), Entry.keyLength(entry)));
    }

    private static boolean matches(@Nullable Bytes pattern, long entry) {
        if (pattern == null) {
            return true;
        }
        byte[] key = new byte[Entry.keyLength(entry)];
        NativeMemory.copy(Entry.key(entry), key, 0, key.length);
        return Glob.matches(pattern.array(), key);
    }

    private record Options(
            long count, @Nullable Bytes match, @Nullable String type) {
        static Options parse(Arguments arguments, int from, boolean withType) {
            long count = COUNT;
            Bytes match = null;
            String type = null;
            for (int i = from; i < arguments.count(); i += 2) {
                boolean hasValue = i + 1 < arguments.count();
                if (hasValue && arguments.is(i, "COUNT")) {
                    count = arguments.number(i + 1);
                    if (count < 1) {
                        throw new CommandException(CommandException.SYNTAX);
                    }
                } else if (hasValue && arguments.is(i, "MATCH")) {
                    match = new Bytes(arguments.bytes(i + 1));
                } else if (hasValue && withType && arguments.is(i, "TYPE")) {
                    type = arguments.text(i + 1);
                } else {
                    throw new CommandException(CommandException.SYNTAX);
                }
            }
            return new Options(count, match, type);
        }

        boolean isOfType(long entry) {
            return type == null || type.equalsIgnoreCase(Entry.isHash(entry) ? "hash" : "string");
        }
    }

    private static long cursor(Arguments arguments, int index) {
        try {
            return Long.parseUnsignedLong(arguments.text(index));
        } catch (NumberFormatException e) {
            throw new CommandException("ERR invalid cursor");
        }
    }

    static void scan(Call call) {
        Arguments arguments = call.arguments();
        long from = cursor(arguments, 1);
        Options options = Options.parse(arguments, 2, true);
        Database database = call.database();
        List<Long> found = new ArrayList<>();
        long cursor = collect(database.keys(), from, options.count, found);
        found.removeIf(entry -> database.isDue(entry) || !options.isOfType(entry) || !matches(options.match, entry));
        reply(call, cursor, found.size());
        found.forEach(entry -> call.replies.bulk(Entry.key(entry), Entry.keyLength(entry)));
    }

    static void hscan(Call call) {
        Arguments arguments = call.arguments();
        long from = cursor(arguments, 2);
        long entry = HashCommands.lookHash(call);
        if (entry == 0) {
            reply(call, 0, 0);
            return;
        }
        Options options = Options.parse(arguments, 3, false);
        Table fields = call.database().fields(entry);
        List<Long> found = new ArrayList<>();
        boolean small = fields.size() <= SMALL_HASH;
        long cursor = collect(fields, small ? 0 : from, small ? Long.MAX_VALUE / EMPTY_LOOKS : options.count, found);
        found.removeIf(field -> !matches(options.match, field));
        reply(call, cursor, found.size() * 2L);
        for (long field : found) {
            call.replies.bulk(Entry.key(field), Entry.keyLength(field));
            call.replies.bulk(Entry.value(field), Entry.valueLength(field));
        }
    }

    private static long collect(Table table, long from, long count, List<Long> to) {
        long cursor = from;
        long looks = count > Long.MAX_VALUE / EMPTY_LOOKS ? Long.MAX_VALUE : count * EMPTY_LOOKS;
        do {
            cursor = table.scan(cursor, to::add);
        } while (cursor != 0 && to.size() < count && looks-- > 0);
        return cursor;
    }

    private static void reply(Call call, long cursor, long count) {
        call.replies.array(2);
        call.replies.bulk(Long.toUnsignedString(cursor));
        call.replies.array(count);
    }
}
