package dev.sluice.http;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * A parsed head: offsets into the bytes that it was parsed from, and what its framing fields say. A session keeps one and
 * fills it anew for each request, so that parsing allocates nothing; {@link #copy} makes one that owns its bytes.
 *
 * <p>Every offset counts from the head's first byte.
 */
final class RequestHead {
    /** The request has no body. */
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

    String method = "";
    int methodEnd;
    int targetStart;
    int targetEnd;
    int pathStart;
    /** Looked for when it is asked for; -1 until then. */
    private int pathEnd;

    /** The authority of a target in absolute form; both 0 for the other forms. */
    int authorityStart;

    int authorityEnd;
    /** Whether the method is one that handlers are asked about. */
    boolean implemented;

    int minorVersion;
    long contentLength;
    boolean keepAlive;
    boolean expectsContinue;
    boolean expectsOther;
    /** Index of the Host field, or -1. */
    int host;

    private int[] fields = new int[FIELDS_AT_FIRST * INTS_A_FIELD];
    private int count;

    void reset(ByteBuffer from, int at) {
        bytes = from;
        start = at;
        length = 0;
        method = "";
        methodEnd = 0;
        targetStart = 0;
        targetEnd = 0;
        pathStart = 0;
        pathEnd = -1;
        authorityStart = 0;
        authorityEnd = 0;
        implemented = false;
        minorVersion = 1;
        contentLength = NO_BODY;
        keepAlive = true;
        expectsContinue = false;
        expectsOther = false;
        host = -1;
        count = 0;
    }

    /** The same head was offered again, elsewhere and with more behind it. */
    void moved(ByteBuffer from, int at) {
        bytes = from;
        start = at;
    }

    /** Forgets the lent bytes; the offsets stay, for a head that is not complete. */
    void release() {
        bytes = NOTHING;
        start = 0;
    }

    /** A head of the first {@code take} bytes, that owns them. */
    RequestHead copy(int take) {
        RequestHead copy = new RequestHead();
        byte[] own = new byte[take];
        bytes.get(start, own);
        copy.reset(ByteBuffer.wrap(own), 0);
        copy.length = take;
        copy.method = method;
        copy.methodEnd = methodEnd;
        copy.targetStart = targetStart;
        copy.targetEnd = targetEnd;
        copy.pathStart = pathStart;
        copy.pathEnd = pathEnd;
        copy.authorityStart = authorityStart;
        copy.authorityEnd = authorityEnd;
        copy.implemented = implemented;
        copy.minorVersion = minorVersion;
        copy.contentLength = contentLength;
        copy.keepAlive = keepAlive;
        copy.expectsContinue = expectsContinue;
        copy.expectsOther = expectsOther;
        copy.host = host;
        copy.fields = Arrays.copyOf(fields, count * INTS_A_FIELD);
        copy.count = count;
        return copy;
    }

    void addField(int nameStart, int nameEnd, int valueStart, int valueEnd) {
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

    /** Where the target's path ends: at its first question mark, or its end. */
    int pathEnd() {
        if (pathEnd < 0) {
            pathEnd = pathStart;
            while (pathEnd < targetEnd && bytes.get(start + pathEnd) != '?') {
                pathEnd++;
            }
        }
        return pathEnd;
    }

    /** Whether the target is {@code *}: the server as a whole. */
    boolean isServerWide() {
        return targetEnd - targetStart == 1 && bytes.get(start + targetStart) == '*';
    }

    /** A byte of the head. */
    int at(int offset) {
        return bytes.get(start + offset);
    }

    int fieldCount() {
        return count;
    }

    String fieldName(int index) {
        return text(fields[index * INTS_A_FIELD], fields[index * INTS_A_FIELD + 1]);
    }

    String fieldValue(int index) {
        return text(fields[index * INTS_A_FIELD + 2], fields[index * INTS_A_FIELD + 3]);
    }

    /** The index of the first field of a name, from an index on, or -1. */
    int find(String name, int from) {
        int wanted = name.length();
        for (int i = from; i < count; i++) {
            int nameStart = fields[i * INTS_A_FIELD];
            if (fields[i * INTS_A_FIELD + 1] - nameStart == wanted && matches(nameStart, name)) {
                return i;
            }
        }
        return -1;
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

    /** Bytes as Latin-1. */
    String text(int from, int to) {
        if (bytes.hasArray()) {
            return new String(
                    bytes.array(), bytes.arrayOffset() + start + from, to - from, StandardCharsets.ISO_8859_1);
        }
        byte[] taken = new byte[to - from];
        bytes.get(start + from, taken);
        return new String(taken, StandardCharsets.ISO_8859_1);
    }

    /** Up to the first line's end, of a head that may be malformed. */
    String firstLine(int limit) {
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
