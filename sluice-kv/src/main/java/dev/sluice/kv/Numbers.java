package dev.sluice.kv;

/** Whole numbers as Redis reads and writes them: decimal, no leading zero, no plus, no space. */
final class Numbers {
    private static final int LONGEST = 20;

    private Numbers() {}

    /** Whether bytes are a signed number of 64 bits, in the one form that it has. */
    static boolean isLong(byte[] data, int offset, int length) {
        if (length == 0 || length > LONGEST) {
            return false;
        }
        int at = offset;
        int end = offset + length;
        boolean negative = data[at] == '-';
        if (negative && ++at == end) {
            return false;
        }
        int first = data[at];
        if (first == '0') {
            return length == 1;
        }
        long value = 0; // kept negative: that side reaches further
        for (; at < end; at++) {
            int digit = data[at] - '0';
            if (digit < 0 || digit > 9) {
                return false;
            }
            if (value < Long.MIN_VALUE / 10) {
                return false;
            }
            value *= 10;
            if (value < Long.MIN_VALUE + digit) {
                return false;
            }
            value -= digit;
        }
        return negative || value != Long.MIN_VALUE;
    }

    /** The number that {@link #isLong} has found there. */
    static long parseLong(byte[] data, int offset, int length) {
        boolean negative = data[offset] == '-';
        long value = 0;
        for (int i = negative ? 1 : 0; i < length; i++) {
            value = value * 10 - (data[offset + i] - '0');
        }
        return negative ? value : -value;
    }

    /** How many bytes a number takes. */
    static int digits(long value) {
        int sign = 0;
        long rest = value;
        if (rest >= 0) {
            rest = -rest;
        } else {
            sign = 1;
        }
        long power = -10;
        for (int digits = 1; digits < LONGEST - 1; digits++) {
            if (rest > power) {
                return digits + sign;
            }
            power *= 10;
        }
        return LONGEST - 1 + sign;
    }

    /** Writes a number, of so many {@link #digits}. */
    static void format(long value, int digits, byte[] to, int offset) {
        long rest = value < 0 ? value : -value;
        int at = offset + digits;
        do {
            long next = rest / 10;
            to[--at] = (byte) ('0' - (rest - next * 10));
            rest = next;
        } while (rest != 0);
        if (value < 0) {
            to[--at] = '-';
        }
    }
}
