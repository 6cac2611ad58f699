package dev.sluice.kv;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * The arguments of one command, its name being the first: ranges of an array. Made once and used for command after command;
 * what it says holds until the next one is parsed.
 */
final class Arguments {
    /** Kept for the next command; what a larger one needed is given back. */
    private static final int KEPT_COUNT = 1024;

    private static final int LETTER_CASE = 0x20;

    byte[] data;
    private int[] offsets = new int[16];
    private int[] lengths = new int[16];
    private int count;

    Arguments(byte[] data) {
        this.data = data;
    }

    /** Copies of values, as a transaction keeps them. */
    static Arguments copyOf(Arguments from) {
        int bytes = 0;
        for (int i = 0; i < from.count; i++) {
            bytes += from.lengths[i];
        }
        Arguments copy = new Arguments(new byte[bytes]);
        copy.offsets = new int[from.count];
        copy.lengths = new int[from.count];
        int at = 0;
        for (int i = 0; i < from.count; i++) {
            System.arraycopy(from.data, from.offsets[i], copy.data, at, from.lengths[i]);
            copy.add(at, from.lengths[i]);
            at += from.lengths[i];
        }
        return copy;
    }

    void clear() {
        count = 0;
        if (offsets.length > KEPT_COUNT) {
            offsets = new int[16];
            lengths = new int[16];
        }
    }

    void add(int offset, int length) {
        if (count == offsets.length) {
            offsets = Arrays.copyOf(offsets, count * 2);
            lengths = Arrays.copyOf(lengths, count * 2);
        }
        offsets[count] = offset;
        lengths[count++] = length;
    }

    /** The data has moved down by so many bytes. */
    void shift(int distance) {
        for (int i = 0; i < count; i++) {
            offsets[i] -= distance;
        }
    }

    /** Takes over what another one has, whose data has been copied from an offset on. */
    void take(Arguments other, int distance) {
        clear();
        for (int i = 0; i < other.count; i++) {
            add(other.offsets[i] - distance, other.lengths[i]);
        }
    }

    int count() {
        return count;
    }

    int offset(int index) {
        return offsets[index];
    }

    int length(int index) {
        return lengths[index];
    }

    /** A copy. */
    byte[] bytes(int index) {
        return Arrays.copyOfRange(data, offsets[index], offsets[index] + lengths[index]);
    }

    /** Byte for byte, as error texts show it. */
    String text(int index) {
        return new String(data, offsets[index], lengths[index], StandardCharsets.ISO_8859_1);
    }

    /** Whether it is a word, whatever its case. */
    boolean is(int index, String upperCase) {
        int length = lengths[index];
        if (length != upperCase.length()) {
            return false;
        }
        int at = offsets[index];
        for (int i = 0; i < length; i++) {
            int b = data[at + i];
            if (b >= 'a' && b <= 'z') {
                b -= LETTER_CASE;
            }
            if (b != upperCase.charAt(i)) {
                return false;
            }
        }
        return true;
    }

    /**
     * A signed number of 64 bits.
     *
     * @throws CommandException where it is none
     */
    long number(int index) {
        return number(index, CommandException.NOT_AN_INTEGER);
    }

    /** The same, with another error. */
    long number(int index, String otherwise) {
        if (!Numbers.isLong(data, offsets[index], lengths[index])) {
            throw new CommandException(otherwise);
        }
        return Numbers.parseLong(data, offsets[index], lengths[index]);
    }
}
