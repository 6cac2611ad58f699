package dev.sluice.http;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * The parsed head of a message: offsets into the bytes that it was parsed from, and what its framing fields say. A session
 * keeps one and fills it anew for each message, so that parsing allocates nothing.
 *
 * <p>Whoever is lent one may use it for the length of that call. Text is Latin-1, a byte each char. Every offset counts from
 * the head's first byte.
 */
public abstract sealed class MessageHead permits RequestHead, ResponseHead {
    /** The message has no body. */
    static final long NO_BODY = 0;
    /** The body is chunked. */
    static final long CHUNKED = -1;

    private static final ByteBuffer NOTHING = ByteBuffer.allocate(0);
    private static final int INTS_A_FIELD = 4;
    private static final int FIELDS_AT_FIRST = 16;

    /** What the head was parsed from; lent, unless this is a copy. */
    private ByteBuffer bytes = NOTHING;

    /** Where in {@link #bytes} the head starts. */
    private int start;

    /** Bytes of the head, its last empty line included. */
    int length;

    int minorVersion;
    long contentLength;
    boolean keepAlive;

    private int[] fields = new int[FIELDS_AT_FIRST * INTS_A_FIELD];
    private int count;

    MessageHead() {}

    void reset(ByteBuffer from, int at) {
        bytes = from;
        start = at;
        length = 0;
        minorVersion = 1;
        contentLength = NO_BODY;
        keepAlive = true;
        count = 0;
    }

    /** The same head was offered again, elsewhere and with more behind it. */
    final void moved(ByteBuffer from, int at) {
        bytes = from;
        start = at;
    }

    /** Forgets the lent bytes; the offsets stay, for a head that is not complete. */
    final void release() {
        bytes = NOTHING;
        start = 0;
    }

    /** Takes over what another head says; its first {@code take} bytes are copied. */
    final void copyOf(MessageHead other, int take) {
        byte[] own = new byte[take];
        other.bytes.get(other.start, own);
        bytes = ByteBuffer.wrap(own);
        start = 0;
        length = take;
        minorVersion = other.minorVersion;
        contentLength = other.contentLength;
        keepAlive = other.keepAlive;
        fields = Arrays.copyOf(other.fields, other.count * INTS_A_FIELD);
        count = other.count;
    }

    final void addField(int nameStart, int nameEnd, int valueStart, int valueEnd) {
        int at = count * INTS_A_FIELD;
        if (at == fields.length) {
            fields = Arrays.copyOf(fields, at * 2);
        }
        fields[at] = nameStart;
        fields[at + 1] = nameEnd;
        fields[at + 2] = valueStart;
        fields[at + 3] = valueEnd;
        count++;
    }

    /** How many field lines there are. */
    public final int fieldCount() {
        return count;
    }

    public final String fieldName(int index) {
        return text(fields[index * INTS_A_FIELD], fields[index * INTS_A_FIELD + 1]);
    }

    public final String fieldValue(int index) {
        return text(fields[index * INTS_A_FIELD + 2], fields[index * INTS_A_FIELD + 3]);
    }

    /** The length of a field's name, in bytes. */
    public final int nameLength(int index) {
        return fields[index * INTS_A_FIELD + 1] - fields[index * INTS_A_FIELD];
    }

    /** Whether a field has this name, in any case. */
    public final boolean isNamed(int index, String name) {
        return nameLength(index) == name.length() && matches(fields[index * INTS_A_FIELD], name);
    }

    /** The index of the first field of a name, from an index on, or -1. */
    public final int find(String name, int from) {
        for (int i = from; i < count; i++) {
            if (isNamed(i, name)) {
                return i;
            }
        }
        return -1;
    }

    /** Copies a field's line as it was received, without the blanks around its value, but with a line end. */
    final void copyField(int index, HeadBytes to) {
        int at = index * INTS_A_FIELD;
        to.copy(bytes, start + fields[at], fields[at + 1] - fields[at]);
        to.text(": ");
        to.copy(bytes, start + fields[at + 2], fields[at + 3] - fields[at + 2]);
        to.text("\r\n");
    }

    final void copyText(int from, int to, HeadBytes target) {
        target.copy(bytes, start + from, to - from);
    }

    private boolean matches(int at, String name) {
        for (int i = 0; i < name.length(); i++) {
            int ours = bytes.get(start + at + i);
            int theirs = name.charAt(i);
            if (ours != theirs && (lower(ours) != lower(theirs))) {
                return false;
            }
        }
        return true;
    }

    private static int lower(int c) {
        return c >= 'A' && c <= 'Z' ? c + ('a' - 'A') : c;
    }

    /** The byte at an offset. */
    final int at(int offset) {
        return bytes.get(start + offset);
    }

    /** The first offset of a character of ASCII; or {@code to}. */
    final int find(int character, int from, int to) {
        return Swar.find(bytes, start + from, start + to, character) - start;
    }

    /** Bytes as Latin-1. */
    final String text(int from, int to) {
        if (bytes.hasArray()) {
            return new String(
                    bytes.array(), bytes.arrayOffset() + start + from, to - from, StandardCharsets.ISO_8859_1);
        }
        byte[] taken = new byte[to - from];
        bytes.get(start + from, taken);
        return new String(taken, StandardCharsets.ISO_8859_1);
    }

    /** Up to the first line's end, of a head that may be malformed. */
    final String firstLine(int limit) {
        int end = Math.min(limit, Math.min(length, bytes.limit() - start));
        for (int i = 0; i < end; i++) {
            int c = bytes.get(start + i);
            if (c == '\r' || c == '\n') {
                return text(0, i);
            }
        }
        return text(0, Math.max(0, end));
    }
}
