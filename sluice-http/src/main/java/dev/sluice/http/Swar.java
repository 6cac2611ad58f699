package dev.sluice.http;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * Scans eight bytes at a time (SIMD within a register). A word's lowest byte is the first one, whatever the buffer's own
 * order, so a borrow that runs out of a match can only forge matches behind it, and the first one found is true.
 */
final class Swar {
    private static final VarHandle WORD = MethodHandles.byteBufferViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);

    private static final long ONES = 0x0101010101010101L;
    private static final long HIGH = 0x8080808080808080L;
    private static final long LOW = 0x7F7F7F7F7F7F7F7FL;

    private Swar() {}

    /** Eight bytes from an index on, the first one lowest. */
    static long word(ByteBuffer in, int at) {
        return (long) WORD.get(in, at);
    }

    /** Of a word's bytes the first ones, one at least. */
    static long mask(int bytes) {
        return -1L >>> (Long.BYTES - bytes) * Byte.SIZE;
    }

    /** The first bytes of a word; what is above them may be anything. */
    static long part(ByteBuffer in, int at, int bytes) {
        if (at <= in.limit() - 8) {
            return word(in, at);
        }
        long word = 0;
        for (int i = bytes - 1; i >= 0; i--) {
            word = word << Byte.SIZE | in.get(at + i) & 0xFF;
        }
        return word;
    }

    private static long below(long word, int bound) {
        return (word - ONES * bound) & ~word & HIGH;
    }

    private static long equal(long word, int value) {
        long zeroed = word ^ (ONES * value);
        return (zeroed - ONES) & ~zeroed & HIGH;
    }

    private static int index(long match) {
        return Long.numberOfTrailingZeros(match) >>> 3;
    }

    /** The first index that no target may hold: a space, a control character, '#', DEL or beyond ASCII; or limit. */
    static int targetEnd(ByteBuffer in, int from, int limit) {
        int i = from;
        for (; i <= limit - 8; i += 8) {
            long word = word(in, i);
            long match = below(word, 0x21) | (word & HIGH) | equal(word, 0x7F) | equal(word, '#');
            if (match != 0) {
                return i + index(match);
            }
        }
        for (; i < limit; i++) {
            int c = in.get(i);
            if (c <= ' ' || c == 0x7F || c == '#') {
                return i;
            }
        }
        return limit;
    }

    /** The first control character other than tab, which is a value's end or an error; or limit. */
    static int control(ByteBuffer in, int from, int limit) {
        int i = from;
        while (i <= limit - 8) {
            long word = word(in, i);
            long match = below(word, 0x20) | equal(word, 0x7F);
            if (match == 0) {
                i += 8;
                continue;
            }
            i += index(match);
            if (in.get(i) != '\t') {
                return i;
            }
            i++;
        }
        for (; i < limit; i++) {
            int c = in.get(i);
            if (c >= 0 && c < ' ' && c != '\t' || c == 0x7F) {
                return i;
            }
        }
        return limit;
    }

    /** The first index that is not part of a token; or limit. Most names are letters and '-' alone, taken as words. */
    static int tokenEnd(ByteBuffer in, int from, int limit) {
        int i = from;
        for (; i <= limit - 8; i += 8) {
            long word = word(in, i);
            long other = ~(letters(word) | same(word, '-')) & HIGH;
            if (other != 0) {
                i += index(other);
                break;
            }
        }
        while (i < limit && Chars.TOKEN[in.get(i) & 0xFF]) {
            i++;
        }
        return i;
    }

    /** The first index that is no letter, digit, '-' or '.', of which most hosts are made alone; less than a word is left to the caller. */
    static int hostEnd(ByteBuffer in, int from, int limit) {
        int i = from;
        for (; i <= limit - 8; i += 8) {
            long word = word(in, i);
            long low = word & LOW;
            long dashToNine = (low + ONES * (0x80 - '-')) & ~(low + ONES * (0x80 - ':')) & ~word;
            long other = ~(letters(word) | dashToNine & ~same(word, '/')) & HIGH;
            if (other != 0) {
                return i + index(other);
            }
        }
        return i;
    }

    /** The first index of a character of ASCII; or limit. */
    static int find(ByteBuffer in, int from, int limit, int character) {
        int i = from;
        for (; i <= limit - 8; i += 8) {
            long match = equal(word(in, i), character);
            if (match != 0) {
                return i + index(match);
            }
        }
        while (i < limit && in.get(i) != character) {
            i++;
        }
        return i;
    }

    // Of the next two, unlike above, every byte's verdict is exact, since no sum leaves its byte.

    private static long letters(long word) {
        long folded = (word | (ONES * 0x20)) & LOW;
        return (folded + ONES * (0x80 - 'a')) & ~(folded + ONES * (0x80 - '{')) & ~word;
    }

    private static long same(long word, int value) {
        long differs = word ^ (ONES * value);
        return ~(((differs & LOW) + LOW) | differs);
    }
}
