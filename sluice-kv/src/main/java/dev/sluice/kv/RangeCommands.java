package dev.sluice.kv;

import dev.sluice.os.NativeMemory;

/** Parts of strings. */
final class RangeCommands {
    private static final byte[] SETRANGE = Effects.ascii("SETRANGE");
    /** What a string that grows gets beside, as Redis's do: as much again, up to this. */
    private static final int SPARE_MOST = 1024 * 1024;

    private RangeCommands() {}

    static void strlen(Call call) {
        long entry = StringCommands.look(call, 1);
        call.replies.integer(entry == 0 ? 0 : Entry.valueLength(entry));
    }

    static void getrange(Call call) {
        long from = call.arguments().number(2);
        long to = call.arguments().number(3);
        long entry = StringCommands.look(call, 1);
        long length = entry == 0 ? 0 : Entry.valueLength(entry);
        if (from < 0 && to < 0 && from > to) {
            call.replies.bulk(0, 0);
            return;
        }
        long first = Math.max(from < 0 ? length + from : from, 0);
        long last = Math.min(Math.max(to < 0 ? length + to : to, 0), length - 1);
        if (first > last || length == 0) {
            call.replies.bulk(0, 0);
        } else {
            call.replies.bulk(Entry.value(entry) + first, (int) (last - first + 1));
        }
    }

    static void append(Call call) {
        Arguments arguments = call.arguments();
        long entry = call.database().findString(arguments, 1);
        long before = entry == 0 ? 0 : Entry.valueLength(entry);
        call.replies.integer(write(call, entry, before, 2));
    }

    static void setrange(Call call) {
        Arguments arguments = call.arguments();
        long offset = arguments.number(2);
        if (offset < 0) {
            throw new CommandException("ERR offset is out of range");
        }
        long entry = call.database().findString(arguments, 1);
        if (arguments.length(3) == 0) {
            call.replies.integer(entry == 0 ? 0 : Entry.valueLength(entry));
            return;
        }
        call.replies.integer(write(call, entry, offset, 3));
    }

    /** Writes into the string at 1, which grows where needed; tells its length. */
    private static long write(Call call, long entry, long offset, int value) {
        Arguments arguments = call.arguments();
        Database database = call.database();
        int length = arguments.length(value);
        int most = call.store.options().valueMostBytes();
        if (offset > most || offset + length > most) {
            throw new CommandException(CommandException.TOO_LONG);
        }
        int before = entry == 0 ? 0 : Entry.valueLength(entry);
        int after = (int) Math.max(before, offset + length);
        long written = entry;
        if (written == 0) {
            written = database.addString(arguments, 1, after);
        } else if (after > before) {
            written = database.resize(written, after, Math.min(after, SPARE_MOST));
            if (offset > before) {
                NativeMemory.clear(Entry.value(written) + before, offset - before);
            }
        }
        NativeMemory.copy(arguments.data, arguments.offset(value), length, Entry.value(written) + offset);
        if (entry == 0) {
            call.effects.string(database, written);
        } else if (length > 0) {
            call.effect(SETRANGE, 4);
            call.effects.argument(arguments, 1);
            call.effects.argument(offset);
            call.effects.argument(arguments, value);
        }
        call.modified(1); // with an empty APPEND too, as Redis has it
        return after;
    }
}
