package dev.sluice.kv;

import java.nio.ByteBuffer;
import java.util.Arrays;

/**
 * Parses requests of RESP (arrays of bulk strings, or inline commands) out of an array that it owns. One parser serves all
 * connections of a store, as most requests come whole; a connection whose last request is unfinished has one of its own.
 *
 * <p>Goes on where it stopped: a byte is looked at once, however many pieces a request comes in, except for the line that it ends in.
 * What is reserved grows with what has arrived, never with what was announced. Errors and limits are those of Redis 7, except
 * that an array has 1,048,576 elements at most, where Redis takes 2^31.
 */
final class RequestParser {
    static final int LINE_BYTES = 64 * 1024;
    static final int ARGUMENTS_MOST = 1024 * 1024;

    /** For who has not said the password yet (Redis 7.0: CVE-2021-32675). */
    static final int STRANGER_ARGUMENTS = 10;

    static final int STRANGER_BULK_BYTES = 16 * 1024;

    /** Of a request: what its array, or its data, is waited for. */
    private static final int NONE = -1;

    final Arguments arguments;
    private byte[] data;
    private int end;
    private int position;
    /** Where the request begins that is parsed now. */
    private int start;
    /** Elements of the array that are still to come, or NONE between requests. */
    private int missing = NONE;
    /** Bytes of the bulk string that comes next, or NONE before its length is known. */
    private int bulkBytes = NONE;

    RequestParser(int capacity) {
        data = new byte[capacity];
        arguments = new Arguments(data);
    }

    /** Copies input behind what is there. */
    void fill(ByteBuffer input) {
        int count = input.remaining();
        reserve(count);
        input.get(data, end, count);
        end += count;
    }

    /** What was filled in and belongs to no request that was brought. */
    int pending() {
        return end - start;
    }

    /** What was filled in behind the last request that was brought, and not even looked at. */
    int unread() {
        return end - position;
    }

    int capacity() {
        return data.length;
    }

    /** Forgets all that is there. */
    void clear() {
        end = 0;
        position = 0;
        start = 0;
        missing = NONE;
        bulkBytes = NONE;
        arguments.clear();
    }

    /** Takes over the unfinished request of another parser. */
    void take(RequestParser other) {
        clear();
        reserve(other.pending());
        System.arraycopy(other.data, other.start, data, 0, other.pending());
        end = other.pending();
        position = other.position - other.start;
        missing = other.missing;
        bulkBytes = other.bulkBytes;
        arguments.take(other.arguments, other.start);
    }

    private void reserve(int count) {
        if (data.length - end >= count) {
            return;
        }
        int pending = end - start;
        long needed = (long) pending + count;
        if (needed > Integer.MAX_VALUE - 8) {
            throw new IllegalStateException("a request of more than 2 GiB");
        }
        byte[] larger = data;
        if (needed > data.length) {
            larger = new byte[(int) Math.min(Math.max(needed, 2L * data.length), Integer.MAX_VALUE - 8)];
        }
        System.arraycopy(data, start, larger, 0, pending);
        data = larger;
        arguments.data = larger;
        arguments.shift(start);
        end = pending;
        position -= start;
        start = 0;
    }

    /**
     * Brings the next request's {@link #arguments}.
     *
     * @param bulkMost bytes of a bulk string
     * @param stranger whether the client still has to say who it is
     * @return false where it has not wholly arrived
     */
    boolean next(int bulkMost, boolean stranger) throws ProtocolException {
        while (true) {
            if (missing == NONE) {
                start = position;
                arguments.clear();
                if (position == end) {
                    return false;
                }
                if (data[position] != '*') {
                    if (!inline()) {
                        return false;
                    }
                    if (arguments.count() > 0) {
                        return true;
                    }
                    continue;
                }
                if (!header(stranger)) {
                    return false;
                }
            }
            if (missing > 0 && !bulks(bulkMost, stranger)) {
                return false;
            }
            missing = NONE;
            if (arguments.count() > 0) {
                return true;
            }
        }
    }

    private boolean header(boolean stranger) throws ProtocolException {
        int lineEnd = lineEnd("too big mbulk count string");
        if (lineEnd < 0) {
            return false;
        }
        int from = position + 1;
        int length = lineEnd - from;
        if (!Numbers.isLong(data, from, length)) {
            throw new ProtocolException("invalid multibulk length");
        }
        long count = Numbers.parseLong(data, from, length);
        if (count > ARGUMENTS_MOST) {
            throw new ProtocolException("invalid multibulk length");
        }
        if (stranger && count > STRANGER_ARGUMENTS) {
            throw new ProtocolException("unauthenticated multibulk length");
        }
        missing = (int) Math.max(count, 0);
        position = lineEnd + 2;
        return true;
    }

    private boolean bulks(int bulkMost, boolean stranger) throws ProtocolException {
        while (missing > 0) {
            if (bulkBytes == NONE) {
                int lineEnd = lineEnd("too big bulk count string");
                if (lineEnd < 0) {
                    return false;
                }
                if (data[position] != '$') {
                    throw new ProtocolException("expected '$', got '" + shown(data[position]) + "'");
                }
                bulkBytes = bulkLength(lineEnd, bulkMost, stranger);
                position = lineEnd + 2;
            }
            if (end - position < bulkBytes + 2) {
                return false;
            }
            arguments.add(position, bulkBytes);
            position += bulkBytes + 2;
            bulkBytes = NONE;
            missing--;
        }
        return true;
    }

    private int bulkLength(int lineEnd, int bulkMost, boolean stranger) throws ProtocolException {
        int from = position + 1;
        int length = lineEnd - from;
        if (length == 1) {
            int digit = data[from] - '0';
            if (digit >= 0 && digit <= 9 && digit <= bulkMost) {
                return digit;
            }
        }
        if (!Numbers.isLong(data, from, length)) {
            throw new ProtocolException("invalid bulk length");
        }
        long bytes = Numbers.parseLong(data, from, length);
        if (bytes < 0 || bytes > bulkMost) {
            throw new ProtocolException("invalid bulk length");
        }
        if (stranger && bytes > STRANGER_BULK_BYTES) {
            throw new ProtocolException("unauthenticated bulk length");
        }
        return (int) bytes;
    }

    /** Where the CR of the line at hand is, once the byte behind it has come too; -1 before. */
    private int lineEnd(String otherwise) throws ProtocolException {
        int most = Math.min(end, position + LINE_BYTES + 1);
        for (int i = position; i < most; i++) {
            if (data[i] == '\r') {
                return i + 1 < end ? i : -1;
            }
        }
        if (end - position > LINE_BYTES) {
            throw new ProtocolException(otherwise);
        }
        return -1;
    }

    private static String shown(byte b) {
        return b == '\r' || b == '\n' ? " " : String.valueOf((char) (b & 0xff));
    }

    // ---- inline commands

    private boolean inline() throws ProtocolException {
        int newline = position;
        int most = Math.min(end, position + LINE_BYTES + 1);
        while (newline < most && data[newline] != '\n') {
            newline++;
        }
        if (newline == most) {
            if (end - position > LINE_BYTES) {
                throw new ProtocolException("too big inline request");
            }
            return false;
        }
        int lineEnd = newline > position && data[newline - 1] == '\r' ? newline - 1 : newline;
        split(position, lineEnd);
        position = newline + 1;
        return true;
    }

    /** Splits a line into words as a shell would (Redis: sdssplitargs); escapes are resolved where they stand. */
    private void split(int from, int to) throws ProtocolException {
        int at = from;
        while (true) {
            while (at < to && isSpace(data[at])) {
                at++;
            }
            if (at == to) {
                return;
            }
            at = word(at, to);
        }
    }

    private int word(int from, int to) throws ProtocolException {
        int at = from;
        int out = from;
        while (at < to && !isSpace(data[at])) {
            byte b = data[at++];
            if (b == 0) {
                break;
            }
            if (b != '"' && b != '\'') {
                data[out++] = b;
                continue;
            }
            while (true) {
                if (at == to) {
                    throw new ProtocolException("unbalanced quotes in request");
                }
                byte c = data[at++];
                if (c == b) {
                    if (at < to && !isSpace(data[at])) {
                        throw new ProtocolException("unbalanced quotes in request");
                    }
                    break;
                }
                if (c == '\\'
                        && b == '"'
                        && at + 2 < to
                        && data[at] == 'x'
                        && hex(data[at + 1]) >= 0
                        && hex(data[at + 2]) >= 0) {
                    data[out++] = (byte) (hex(data[at + 1]) << 4 | hex(data[at + 2]));
                    at += 3;
                } else if (c == '\\' && at < to && (b == '"' || data[at] == '\'')) {
                    data[out++] = b == '"' ? escaped(data[at]) : data[at];
                    at++;
                } else {
                    data[out++] = c;
                }
            }
            break;
        }
        arguments.add(from, out - from);
        return at;
    }

    private static byte escaped(byte letter) {
        return switch (letter) {
            case 'n' -> '\n';
            case 'r' -> '\r';
            case 't' -> '\t';
            case 'b' -> '\b';
            case 'a' -> 7;
            default -> letter;
        };
    }

    private static int hex(byte b) {
        return Character.digit(b, 16);
    }

    private static boolean isSpace(byte b) {
        return b == ' ' || b >= '\t' && b <= '\r';
    }

    /** For tests: whether nothing is left of earlier requests. */
    @Override
    public String toString() {
        return "position " + position + " of " + Arrays.toString(new int[] {start, end});
    }
}
