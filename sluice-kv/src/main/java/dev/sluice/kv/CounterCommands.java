package dev.sluice.kv;

import dev.sluice.os.NativeMemory;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;

/** Strings that are numbers. */
final class CounterCommands {
    private static final int LONGEST_NUMBER = 20;

    private CounterCommands() {}

    static void incr(Call call) {
        add(call, 1);
    }

    static void decr(Call call) {
        add(call, -1);
    }

    static void incrby(Call call) {
        add(call, call.arguments().number(2));
    }

    static void decrby(Call call) {
        long by = call.arguments().number(2);
        if (by == Long.MIN_VALUE) {
            throw new CommandException("ERR decrement would overflow");
        }
        add(call, -by);
    }

    private static void add(Call call, long by) {
        long entry = call.database().findString(call.arguments(), 1);
        long sum = sum(call, entry, by, CommandException.NOT_AN_INTEGER);
        byte[] text = call.store.numberText;
        int digits = Numbers.digits(sum);
        Numbers.format(sum, digits, text, 0);
        StringCommands.storeText(call, entry, text, digits);
        call.replies.integer(sum);
    }

    /** An entry's number, 0 where there is no entry, and another one. */
    static long sum(Call call, long entry, long by, String otherwise) {
        long value = 0;
        if (entry != 0) {
            int length = Entry.valueLength(entry);
            if (length > LONGEST_NUMBER) {
                throw new CommandException(otherwise);
            }
            byte[] text = call.store.numberText;
            NativeMemory.copy(Entry.value(entry), text, 0, length);
            if (!Numbers.isLong(text, 0, length)) {
                throw new CommandException(otherwise);
            }
            value = Numbers.parseLong(text, 0, length);
        }
        long sum = value + by;
        if (((value ^ sum) & (by ^ sum)) < 0) {
            throw new CommandException(CommandException.OVERFLOW);
        }
        return sum;
    }

    static void incrbyfloat(Call call) {
        Arguments arguments = call.arguments();
        long entry = call.database().findString(arguments, 1);
        String stored = entry == 0 ? "0" : new String(Entry.valueBytes(entry), StandardCharsets.ISO_8859_1);
        BigDecimal sum = sum(stored, arguments.text(2), CommandException.NOT_A_FLOAT);
        byte[] text = LongDouble.format(sum).getBytes(StandardCharsets.US_ASCII);
        StringCommands.storeText(call, entry, text, text.length);
        call.replies.bulk(text);
    }

    /** @throws CommandException where the stored text is no number, the other one is none, or one is infinite */
    static BigDecimal sum(String stored, String by, String storedIsNone) {
        boolean infinite = LongDouble.isInfinite(stored);
        BigDecimal a = infinite ? BigDecimal.ZERO : LongDouble.parse(stored, storedIsNone);
        infinite |= LongDouble.isInfinite(by);
        BigDecimal b = LongDouble.isInfinite(by) ? BigDecimal.ZERO : LongDouble.parse(by, CommandException.NOT_A_FLOAT);
        if (infinite) {
            throw new CommandException("ERR increment would produce NaN or Infinity");
        }
        return LongDouble.add(a, b);
    }
}
