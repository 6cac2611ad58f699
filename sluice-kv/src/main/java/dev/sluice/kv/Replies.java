package dev.sluice.kv;

import dev.sluice.os.NativeMemory;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * Writes the replies of a batch of commands into one array, in RESP2 or RESP3: where both say a thing differently, a method says what
 * it is (a map, a double), and the client's protocol how.
 */
final class Replies {
    private static final int KEPT_BYTES = 256 * 1024;
    private static final byte[] OK = ascii("+OK\r\n");
    private static final byte[] PONG = ascii("+PONG\r\n");
    private static final byte[] QUEUED = ascii("+QUEUED\r\n");
    private static final byte[] NULL_BULK = ascii("$-1\r\n");
    private static final byte[] NULL_ARRAY = ascii("*-1\r\n");
    private static final byte[] NULL = ascii("_\r\n");
    private static final int SHORT_NUMBERS = 1024;
    private static final byte[][] INTEGERS = new byte[SHORT_NUMBERS][];

    static {
        for (int i = 0; i < SHORT_NUMBERS; i++) {
            INTEGERS[i] = ascii(":" + i + "\r\n");
        }
    }

    byte[] bytes = new byte[64 * 1024];
    int size;
    /** 2 or 3: the client's. */
    int protocol = 2;

    private static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }

    /** Forgets what was written. */
    void clear() {
        size = 0;
        if (bytes.length > KEPT_BYTES) {
            bytes = new byte[KEPT_BYTES];
        }
    }

    private int reserve(int count) {
        int at = size;
        long needed = (long) at + count;
        if (needed > bytes.length) {
            if (needed > Integer.MAX_VALUE - 8) {
                throw new CommandException("ERR the reply would be larger than 2 GiB");
            }
            bytes = Arrays.copyOf(bytes, (int) Math.min(Math.max(needed, 2L * bytes.length), Integer.MAX_VALUE - 8));
        }
        size = (int) needed;
        return at;
    }

    void raw(byte[] from, int offset, int length) {
        int at = reserve(length);
        System.arraycopy(from, offset, bytes, at, length);
    }

    private void raw(byte[] constant) {
        raw(constant, 0, constant.length);
    }

    void ok() {
        raw(OK);
    }

    void pong() {
        raw(PONG);
    }

    void queued() {
        raw(QUEUED);
    }

    /** A simple string. */
    void status(String text) {
        line('+', text);
    }

    /** An error, with its code; line breaks and what is no ASCII of it are made harmless. */
    void error(String text) {
        line('-', text.replace('\r', ' ').replace('\n', ' '));
    }

    private void line(char type, String text) {
        byte[] encoded = text.getBytes(StandardCharsets.ISO_8859_1);
        int at = reserve(encoded.length + 3);
        bytes[at++] = (byte) type;
        System.arraycopy(encoded, 0, bytes, at, encoded.length);
        at += encoded.length;
        bytes[at++] = '\r';
        bytes[at] = '\n';
    }

    private void line(char type, long number) {
        int digits = Numbers.digits(number);
        int at = reserve(digits + 3);
        bytes[at++] = (byte) type;
        Numbers.format(number, digits, bytes, at);
        at += digits;
        bytes[at++] = '\r';
        bytes[at] = '\n';
    }

    void integer(long number) {
        if (number >= 0 && number < SHORT_NUMBERS) {
            raw(INTEGERS[(int) number]);
        } else {
            line(':', number);
        }
    }

    void bool(boolean value) {
        integer(value ? 1 : 0);
    }

    /** No value. */
    void none() {
        raw(protocol == 2 ? NULL_BULK : NULL);
    }

    /** No array. */
    void noArray() {
        raw(protocol == 2 ? NULL_ARRAY : NULL);
    }

    void bulk(byte[] from, int offset, int length) {
        line('$', length);
        int at = reserve(length + 2);
        System.arraycopy(from, offset, bytes, at, length);
        end(at + length);
    }

    void bulk(byte[] value) {
        bulk(value, 0, value.length);
    }

    void bulk(String text) {
        bulk(text.getBytes(StandardCharsets.UTF_8));
    }

    /** Native bytes. */
    void bulk(long address, int length) {
        line('$', length);
        int at = reserve(length + 2);
        NativeMemory.copy(address, bytes, at, length);
        end(at + length);
    }

    /** A number as a bulk string. */
    void bulkNumber(long number) {
        int digits = Numbers.digits(number);
        line('$', digits);
        int at = reserve(digits + 2);
        Numbers.format(number, digits, bytes, at);
        end(at + digits);
    }

    private void end(int at) {
        bytes[at] = '\r';
        bytes[at + 1] = '\n';
    }

    /** Text for people, which RESP3 tells from data. */
    void verbatim(String text) {
        if (protocol == 2) {
            bulk(text);
            return;
        }
        byte[] encoded = ("txt:" + text).getBytes(StandardCharsets.UTF_8);
        line('=', encoded.length);
        raw(encoded);
        end(reserve(2));
    }

    void array(long count) {
        line('*', count);
    }

    /** So many pairs. */
    void map(long pairs) {
        if (protocol == 2) {
            line('*', pairs * 2);
        } else {
            line('%', pairs);
        }
    }

    void set(long count) {
        line(protocol == 2 ? '*' : '~', count);
    }

    /** What the client did not ask for; an array in RESP2. */
    void push(long count) {
        line(protocol == 2 ? '*' : '>', count);
    }
}
