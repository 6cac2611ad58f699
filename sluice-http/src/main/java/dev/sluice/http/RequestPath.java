package dev.sluice.http;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * What a target's path names below a root of files: decoded exactly once, segment by segment (RFC 3986 section 2.4), and
 * refused where it could mean another thing to another reader. That an opened file lies below the root is the kernel's to
 * check ({@link dev.sluice.Directory}); this is about names.
 */
sealed interface RequestPath {
    /**
     * A name to look up.
     *
     * @param relative segments joined by slashes, none of them empty, {@code .} or {@code ..}, nor starting with a dot;
     *     empty for the root
     * @param directory whether the path ended with a slash
     */
    record Inside(String relative, boolean directory) implements RequestPath {}

    /**
     * A path that is not looked up.
     *
     * @param status 400 for what no client means to send, 404 for what may exist and is not shown
     * @param reason for the client and the log
     */
    record Refused(int status, String reason) implements RequestPath {}

    Refused NO_PATH = new Refused(400, "the path does not start with a slash");
    Refused BAD_ESCAPE = new Refused(400, "the path holds a percent sign without two hexadecimal digits");
    Refused BAD_ENCODING = new Refused(400, "the path is not in UTF-8");
    Refused BAD_CHARACTER = new Refused(400, "the path holds a NUL, a control character or a backslash");
    Refused NOT_SHOWN = new Refused(404, "no such file");

    /** Reads a path as it was sent, a byte each char. */
    static RequestPath parse(String raw) {
        if (raw.isEmpty() || raw.charAt(0) != '/') {
            return NO_PATH;
        }
        if (isPlain(raw)) {
            return raw.endsWith("/")
                    ? new Inside(raw.substring(1, Math.max(1, raw.length() - 1)), true)
                    : new Inside(raw.substring(1), false);
        }
        StringBuilder relative = new StringBuilder(raw.length());
        int at = 1;
        while (true) {
            int slash = raw.indexOf('/', at);
            int end = slash < 0 ? raw.length() : slash;
            if (at == end && slash < 0) {
                return new Inside(relative.toString(), true);
            }
            Segment segment = Segment.decode(raw, at, end);
            Refused refused = segment.refused != null ? segment.refused : check(segment.name);
            if (refused != null) {
                return refused;
            }
            relative.append(relative.isEmpty() ? "" : "/").append(segment.name);
            if (slash < 0) {
                return new Inside(relative.toString(), false);
            }
            at = end + 1;
        }
    }

    /** Whether a directory's entry can be asked for by name, and so is worth listing. */
    static boolean isShown(String name) {
        return check(name) == null;
    }

    /** Escapes a name for a path: all but the unreserved characters of RFC 3986 section 2.3. */
    static String escape(String name) {
        StringBuilder escaped = new StringBuilder(name.length() + 8);
        for (byte b : name.getBytes(StandardCharsets.UTF_8)) {
            int c = b & 0xFF;
            boolean letterOrDigit = c >= '0' && c <= '9' || c >= 'A' && c <= 'Z' || c >= 'a' && c <= 'z';
            if (letterOrDigit || c == '-' || c == '.' || c == '_' || c == '~') {
                escaped.append((char) c);
            } else {
                escaped.append('%').append(hex(c >> 4)).append(hex(c & 15));
            }
        }
        return escaped.toString();
    }

    private static char hex(int nibble) {
        return (char) (nibble < 10 ? '0' + nibble : 'A' + nibble - 10);
    }

    /** Whether a path needs no second look: letters, digits, and marks that mean nothing, in segments that show. */
    private static boolean isPlain(String raw) {
        char before = 0;
        for (int i = 0; i < raw.length(); i++) {
            char c = raw.charAt(i);
            boolean letterOrDigit = c >= '0' && c <= '9' || c >= 'A' && c <= 'Z' || c >= 'a' && c <= 'z';
            boolean plain =
                    letterOrDigit || c == '-' || c == '_' || (c == '.' && before != '/') || (c == '/' && before != '/');
            if (!plain) {
                return false;
            }
            before = c;
        }
        return true;
    }

    /** Why a decoded name is not looked up, or null. */
    private static @Nullable Refused check(String name) {
        // An empty segment is "//", a slash inside came as %2F; a first dot covers ".", ".." and what is hidden.
        if (name.isEmpty() || name.charAt(0) == '.' || name.indexOf('/') >= 0) {
            return NOT_SHOWN;
        }
        for (int i = 0; i < name.length(); i++) {
            char c = name.charAt(i);
            if (Character.isISOControl(c) || c == '\\') {
                return BAD_CHARACTER;
            }
        }
        boolean drive = name.length() == 2 && name.charAt(1) == ':' && Character.isLetter(name.charAt(0));
        return drive ? NOT_SHOWN : null;
    }

    /**
     * A segment, decoded once.
     *
     * @param refused why it can't be decoded, else null
     */
    record Segment(String name, @Nullable Refused refused) {
        static Segment decode(String raw, int from, int to) {
            byte[] bytes = new byte[to - from];
            int length = 0;
            boolean ascii = true;
            for (int i = from; i < to; i++) {
                int c = raw.charAt(i);
                if (c == '%') {
                    int high = i + 2 < to ? digit(raw.charAt(i + 1)) : -1;
                    int low = i + 2 < to ? digit(raw.charAt(i + 2)) : -1;
                    if (high < 0 || low < 0) {
                        return new Segment("", BAD_ESCAPE);
                    }
                    c = high << 4 | low;
                    i += 2;
                }
                ascii &= c < 0x80;
                bytes[length++] = (byte) c;
            }
            if (ascii) {
                return new Segment(new String(bytes, 0, length, StandardCharsets.US_ASCII), null);
            }
            try {
                ByteBuffer encoded = ByteBuffer.wrap(bytes, 0, length);
                // A new decoder reports what is malformed: overlong forms, surrogates, cut sequences.
                return new Segment(
                        StandardCharsets.UTF_8.newDecoder().decode(encoded).toString(), null);
            } catch (CharacterCodingException malformed) {
                return new Segment("", BAD_ENCODING);
            }
        }

        /** Not {@link Character#digit}, to which digits of other scripts are digits too. */
        private static int digit(char c) {
            if (c >= '0' && c <= '9') {
                return c - '0';
            }
            int lower = c | 0x20;
            return lower >= 'a' && lower <= 'f' && c < 0x80 ? lower - 'a' + 10 : -1;
        }
    }
}
