package dev.sluice.lab.load;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * The head of an HTTP/1.1 answer, and how long the body behind it is. Keeps the bytes that it was read from: the next head
 * is mostly the same, and then needs no reading.
 */
final class HttpHead {
    /** A body's length where it is sent in chunks. */
    static final long CHUNKED = -1;
    /** A body's length where the connection's end is its end. */
    static final long UNTIL_CLOSE = -2;

    private static final byte[] CONTENT_LENGTH = "content-length".getBytes(StandardCharsets.US_ASCII);
    private static final byte[] TRANSFER_ENCODING = "transfer-encoding".getBytes(StandardCharsets.US_ASCII);
    private static final byte[] CONNECTION = "connection".getBytes(StandardCharsets.US_ASCII);

    private byte[] bytes = {};
    private int status;
    private long bodyBytes;
    private boolean last;

    private long contentLength;
    private boolean chunked;
    private boolean close;
    private boolean keepAlive;

    int length() {
        return bytes.length;
    }

    /** Whether this head was read from exactly these bytes. */
    boolean is(byte[] other, int length) {
        return Arrays.equals(bytes, 0, bytes.length, other, 0, length);
    }

    int status() {
        return status;
    }

    /** Length of the body, or {@link #CHUNKED} or {@link #UNTIL_CLOSE}. */
    long bodyBytes() {
        return bodyBytes;
    }

    /** Whether no answer follows on this connection. */
    boolean last() {
        return last;
    }

    /**
     * Reads a whole head, its empty line included.
     *
     * @return what is wrong with it, or an empty text
     */
    String read(byte[] head, int length) {
        bytes = Arrays.copyOf(head, length);
        contentLength = -1;
        chunked = false;
        close = false;
        keepAlive = false;
        int at = lineEnd(0);
        String problem = readStatusLine(0, at);
        for (int start = next(at); problem.isEmpty() && start < length; start = next(at)) {
            at = lineEnd(start);
            if (at > start) {
                problem = readField(start, at);
            }
        }
        if (!problem.isEmpty()) {
            bytes = new byte[0]; // never taken for a head that was read well
            return problem;
        }
        return frame();
    }

    private String frame() {
        if (chunked && contentLength >= 0) {
            return "both a length and chunks";
        }
        boolean bodyless = status < 200 || status == 204 || status == 304;
        bodyBytes = bodyless ? 0 : chunked ? CHUNKED : contentLength >= 0 ? contentLength : UNTIL_CLOSE;
        boolean old = bytes[7] == '0';
        last = close || old && !keepAlive || bodyBytes == UNTIL_CLOSE;
        return "";
    }

    /** Index of the line's end: its CR, or its LF where there is no CR. */
    private int lineEnd(int start) {
        int at = start;
        while (bytes[at] != '\n') {
            at++;
        }
        return at > start && bytes[at - 1] == '\r' ? at - 1 : at;
    }

    private int next(int lineEnd) {
        return lineEnd + (bytes[lineEnd] == '\r' ? 2 : 1);
    }

    private String readStatusLine(int start, int end) {
        boolean version = end - start >= 12
                && matches("HTTP/1.", start)
                && (bytes[7] == '1' || bytes[7] == '0')
                && bytes[8] == ' '
                && (end == 12 || bytes[12] == ' ');
        status = 0;
        for (int i = 9; version && i < 12; i++) {
            version = bytes[i] >= '0' && bytes[i] <= '9';
            status = status * 10 + bytes[i] - '0';
        }
        if (!version || status < 100 || status > 599) {
            return "no HTTP/1.1 answer: it begins with '" + printable(start, end) + "'";
        }
        return status == 101 ? "it switches to another protocol" : "";
    }

    private boolean matches(String text, int at) {
        for (int i = 0; i < text.length(); i++) {
            if (bytes[at + i] != text.charAt(i)) {
                return false;
            }
        }
        return true;
    }

    private String readField(int start, int end) {
        int colon = start;
        while (colon < end && bytes[colon] != ':') {
            if (bytes[colon] <= ' ') {
                return "a bad header field '" + printable(start, end) + "'";
            }
            colon++;
        }
        if (colon == end || colon == start) {
            return "a bad header field '" + printable(start, end) + "'";
        }
        int from = colon + 1;
        int to = end;
        while (from < to && isBlank(bytes[from])) {
            from++;
        }
        while (to > from && isBlank(bytes[to - 1])) {
            to--;
        }
        if (isNamed(CONTENT_LENGTH, start, colon)) {
            return readLength(from, to);
        } else if (isNamed(TRANSFER_ENCODING, start, colon)) {
            chunked = value(from, to).equalsIgnoreCase("chunked");
            return chunked ? "" : "the transfer encoding '" + printable(from, to) + "' is unknown";
        } else if (isNamed(CONNECTION, start, colon)) {
            for (String token : value(from, to).split(",")) {
                close |= token.strip().equalsIgnoreCase("close");
                keepAlive |= token.strip().equalsIgnoreCase("keep-alive");
            }
        }
        return "";
    }

    private String readLength(int from, int to) {
        long value = 0;
        boolean good = to > from && to - from <= 18;
        for (int i = from; good && i < to; i++) {
            good = bytes[i] >= '0' && bytes[i] <= '9';
            value = value * 10 + bytes[i] - '0';
        }
        if (!good || contentLength >= 0 && contentLength != value) {
            return "a bad content length '" + printable(from, to) + "'";
        }
        contentLength = value;
        return "";
    }

    private boolean isNamed(byte[] lowerCase, int start, int end) {
        if (end - start != lowerCase.length) {
            return false;
        }
        for (int i = 0; i < lowerCase.length; i++) {
            int b = bytes[start + i];
            if ((b >= 'A' && b <= 'Z' ? b + 32 : b) != lowerCase[i]) {
                return false;
            }
        }
        return true;
    }

    private static boolean isBlank(byte b) {
        return b == ' ' || b == '\t';
    }

    private String value(int from, int to) {
        return new String(bytes, from, to - from, StandardCharsets.ISO_8859_1);
    }

    /** For a message: short, and without what a terminal would obey. */
    private String printable(int from, int to) {
        return value(from, Math.min(to, from + 40)).replaceAll("[^\\x20-\\x7e]", ".");
    }
}
