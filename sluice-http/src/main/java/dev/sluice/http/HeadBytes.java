package dev.sluice.http;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Locale;
import java.util.function.Predicate;

/** The head of a message in the making: bytes that grow, used again and again. Not safe for use from several threads. */
public final class HeadBytes {
    private byte[] bytes = new byte[512];
    private int length;

    public HeadBytes() {}

    /** Empties it. */
    public HeadBytes clear() {
        length = 0;
        return this;
    }

    public int length() {
        return length;
    }

    byte[] array() {
        return bytes;
    }

    private void room(int more) {
        if (length + more > bytes.length) {
            bytes = Arrays.copyOf(bytes, Math.max(bytes.length * 2, length + more));
        }
    }

    /** Adds Latin-1 text as it is; for text of the program's own. */
    @SuppressWarnings("deprecation") // String.getBytes(int, int, byte[], int): Latin-1 without a copy in between
    public HeadBytes text(String text) {
        room(text.length());
        text.getBytes(0, text.length(), bytes, length);
        length += text.length();
        return this;
    }

    public HeadBytes number(long value) {
        if (value >= 0 && value < 10) {
            room(1);
            bytes[length++] = (byte) ('0' + value);
            return this;
        }
        return text(Long.toString(value));
    }

    /**
     * Adds a field's line.
     *
     * @throws IllegalArgumentException for a name or value that could end the line and start another
     */
    public HeadBytes field(String name, String value) {
        if (!Chars.isToken(name)) {
            throw new IllegalArgumentException("not a field name: " + Chars.quote(name));
        }
        if (!Chars.isFieldValue(value)) {
            throw new IllegalArgumentException("not a value for " + name + ": " + Chars.quote(value));
        }
        return text(name).text(": ").text(value).text("\r\n");
    }

    /** Adds a field of another head, as it was received. */
    public HeadBytes field(MessageHead head, int index) {
        head.copyField(index, this);
        return this;
    }

    /** Adds all that is in another one. */
    public HeadBytes bytes(HeadBytes other) {
        room(other.length);
        System.arraycopy(other.bytes, 0, bytes, length, other.length);
        length += other.length;
        return this;
    }

    void copy(ByteBuffer from, int at, int count) {
        room(count);
        from.get(at, bytes, length, count);
        length += count;
    }

    void add(int b) {
        room(1);
        bytes[length++] = (byte) b;
    }

    /** Field lines without those whose name, in lower case, a test refuses. */
    public HeadBytes without(Predicate<String> refused) {
        HeadBytes kept = new HeadBytes();
        for (String line : toString().split("\r\n")) {
            int colon = line.indexOf(':');
            if (colon > 0 && !refused.test(line.substring(0, colon).toLowerCase(Locale.ROOT))) {
                kept.text(line).text("\r\n");
            }
        }
        return kept;
    }

    /**
     * Whether this is one whole head and no more: its lines end in CR LF, nothing else in it could be taken for a line's end, and
     * the only empty line is the last. Holds of whatever our parsers and {@link #field(String, String)} let through; looked
     * at all the same before it goes to a server, where a second request in it would be another user's.
     */
    public boolean isWhole() {
        int lineStart = 0;
        for (int at = 0; at < length; at++) {
            int b = bytes[at];
            if (b == '\r') {
                if (at + 1 == length || bytes[at + 1] != '\n') {
                    return false;
                }
                if (at == lineStart) {
                    return at > 0 && at + 2 == length;
                }
                lineStart = at + 2;
                at++;
            } else if (b == '\n' || b == 0) {
                return false;
            }
        }
        return false;
    }

    @Override
    public String toString() {
        return new String(bytes, 0, length, StandardCharsets.ISO_8859_1);
    }
}
