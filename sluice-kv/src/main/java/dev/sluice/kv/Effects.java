package dev.sluice.kv;

import dev.sluice.os.NativeMemory;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.function.LongConsumer;

/**
 * The record that is being written: what commands did, as commands that do the same whenever they are replayed, on whatever came of the
 * ones before and after it. So they say what a thing is from then on (SET k v PXAT ms), never how it changed (INCR k).
 */
final class Effects {
    private static final int KEPT_BYTES = 256 * 1024;
    private static final byte[] SET = ascii("SET");
    private static final byte[] HSET = ascii("HSET");
    private static final byte[] DEL = ascii("DEL");
    private static final byte[] PXAT = ascii("PXAT");
    private static final byte[] PEXPIREAT = ascii("PEXPIREAT");

    private byte[] bytes = new byte[4096];
    private int size;
    /** The database that a replay would be in at the end of the record. */
    private int database;

    static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }

    boolean isEmpty() {
        return size == 0;
    }

    int size() {
        return size;
    }

    /** The record; lent until the next effect. */
    ByteBuffer record() {
        return ByteBuffer.wrap(bytes, 0, size);
    }

    void clear() {
        size = 0;
        database = 0;
        if (bytes.length > KEPT_BYTES) {
            bytes = new byte[KEPT_BYTES];
        }
    }

    /** Begins a command of so many arguments, its name being one; each is to follow. */
    void command(int inDatabase, byte[] name, int count) {
        if (inDatabase != database) {
            database = inDatabase;
            begin('*', 2);
            argument(ascii("SELECT"));
            argument(inDatabase);
        }
        begin('*', count);
        argument(name);
    }

    private int reserve(int count) {
        int at = size;
        long needed = (long) at + count;
        if (needed > bytes.length) {
            bytes = Arrays.copyOf(bytes, (int) Math.min(Math.max(needed, 2L * bytes.length), Integer.MAX_VALUE - 8));
        }
        size = Math.toIntExact(needed);
        return at;
    }

    private void begin(char type, long number) {
        int digits = Numbers.digits(number);
        int at = reserve(digits + 3);
        bytes[at] = (byte) type;
        Numbers.format(number, digits, bytes, at + 1);
        bytes[at + digits + 1] = '\r';
        bytes[at + digits + 2] = '\n';
    }

    void argument(byte[] from, int offset, int length) {
        begin('$', length);
        int at = reserve(length + 2);
        System.arraycopy(from, offset, bytes, at, length);
        bytes[at + length] = '\r';
        bytes[at + length + 1] = '\n';
    }

    void argument(byte[] value) {
        argument(value, 0, value.length);
    }

    void argument(Arguments arguments, int index) {
        argument(arguments.data, arguments.offset(index), arguments.length(index));
    }

    void argument(long address, int length) {
        begin('$', length);
        int at = reserve(length + 2);
        NativeMemory.copy(address, bytes, at, length);
        bytes[at + length] = '\r';
        bytes[at + length + 1] = '\n';
    }

    void argument(long number) {
        int digits = Numbers.digits(number);
        begin('$', digits);
        int at = reserve(digits + 2);
        Numbers.format(number, digits, bytes, at);
        bytes[at + digits] = '\r';
        bytes[at + digits + 1] = '\n';
    }

    // ---- whole effects

    void delete(int inDatabase, long entry) {
        command(inDatabase, DEL, 2);
        argument(Entry.key(entry), Entry.keyLength(entry));
    }

    void delete(int inDatabase, Arguments arguments, int key) {
        command(inDatabase, DEL, 2);
        argument(arguments, key);
    }

    /** A string's key, value and deadline, as they are now. */
    void string(Database in, long entry) {
        long deadline = in.deadline(entry);
        command(in.number(), SET, deadline < 0 ? 3 : 5);
        argument(Entry.key(entry), Entry.keyLength(entry));
        argument(Entry.value(entry), Entry.valueLength(entry));
        if (deadline >= 0) {
            argument(PXAT);
            argument(deadline);
        }
    }

    /** A hash's fields and deadline, as they are now. */
    void hash(Database in, long entry) {
        Table fields = in.fields(entry);
        command(in.number(), HSET, Math.toIntExact(2 + 2 * fields.size()));
        argument(Entry.key(entry), Entry.keyLength(entry));
        LongConsumer each = this::field;
        long cursor = 0;
        do {
            cursor = fields.scan(cursor, each);
        } while (cursor != 0);
        deadline(in, entry);
    }

    /** A field and its value, as two arguments. */
    void field(long field) {
        argument(Entry.key(field), Entry.keyLength(field));
        argument(Entry.value(field), Entry.valueLength(field));
    }

    /** A key's deadline, where it has one. */
    void deadline(Database in, long entry) {
        long deadline = in.deadline(entry);
        if (deadline >= 0) {
            command(in.number(), PEXPIREAT, 3);
            argument(Entry.key(entry), Entry.keyLength(entry));
            argument(deadline);
        }
    }
}
