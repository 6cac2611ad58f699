package dev.sluice.http;

import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/** The forms of a request target (RFC 9112 section 3.2), and authorities (RFC 3986 section 3.2). */
final class Targets {
    /** What a host's name may hold: unreserved, sub-delims and the percent sign of RFC 3986. */
    private static final boolean[] NAME = new boolean[256];

    static {
        for (int c = 0; c < 128; c++) {
            NAME[c] = Character.isLetterOrDigit(c) || "-._~!$&'()*+;=%".indexOf(c) >= 0;
        }
    }

    private Targets() {}

    /**
     * Checks a target that does not start with a slash, and fills in where its parts are.
     *
     * @return what is wrong, or null
     */
    static @Nullable String otherForm(ByteBuffer in, int start, RequestHead head) {
        int from = start + head.targetStart;
        int to = start + head.targetEnd;
        if (head.method.equals("CONNECT")) {
            head.pathStart = head.targetStart;
            head.authorityStart = head.targetStart;
            head.authorityEnd = head.targetEnd;
            return isAuthority(in, from, to) ? null : "not an authority";
        }
        if (to - from == 1 && in.get(from) == '*') {
            head.pathStart = head.targetStart;
            return head.method.equals("OPTIONS") ? null : "a target of * is for OPTIONS alone";
        }
        int authority = behindScheme(in, from, to);
        if (authority < 0) {
            return "the target is neither a path nor a URI of http";
        }
        int path = authority;
        while (path < to && in.get(path) != '/' && in.get(path) != '?') {
            path++;
        }
        if (!isAuthority(in, authority, path)) {
            return "the target's authority is malformed";
        }
        head.authorityStart = authority - start;
        head.authorityEnd = path - start;
        head.pathStart = path - start;
        return null;
    }

    /** The index behind {@code http://} or {@code https://}, or -1. */
    private static int behindScheme(ByteBuffer in, int from, int to) {
        for (String scheme : new String[] {"http://", "https://"}) {
            int i = 0;
            while (i < scheme.length() && from + i < to && lower(in.get(from + i)) == scheme.charAt(i)) {
                i++;
            }
            if (i == scheme.length()) {
                return from + i;
            }
        }
        return -1;
    }

    private static int lower(int c) {
        return c >= 'A' && c <= 'Z' ? c + ('a' - 'A') : c;
    }

    /** Whether bytes are a host, not empty, with or without a port; no user information (RFC 9110 section 4.2.4). */
    static boolean isAuthority(ByteBuffer in, int from, int to) {
        int i = from;
        if (i < to && in.get(i) == '[') {
            i = behindLiteral(in, i + 1, to);
        } else {
            i = Math.min(Swar.hostEnd(in, i, in.limit()), to); // what stands behind it is none of a host's
            for (; i < to && NAME[in.get(i) & 0xFF]; i++) {
                if (in.get(i) == '%' && !isEscape(in, i, to)) {
                    return false;
                }
            }
        }
        if (i <= from) {
            return false;
        }
        return i == to || in.get(i) == ':' && isPort(in, i + 1, to);
    }

    /** Whether bytes are a port that exists, or nothing, which RFC 3986 section 3.2.3 allows. */
    private static boolean isPort(ByteBuffer in, int from, int to) {
        int port = 0;
        for (int i = from; i < to; i++) {
            int digit = in.get(i) - '0';
            if (digit < 0 || digit > 9) {
                return false;
            }
            port = port * 10 + digit;
            if (port > 65_535) {
                return false;
            }
        }
        return from == to || port > 0;
    }

    private static boolean isEscape(ByteBuffer in, int at, int to) {
        return at + 2 < to && Character.digit(in.get(at + 1), 16) >= 0 && Character.digit(in.get(at + 2), 16) >= 0;
    }

    /** The index behind an IPv6 address's closing bracket, or -1. */
    private static int behindLiteral(ByteBuffer in, int from, int to) {
        int end = from;
        while (end < to && in.get(end) != ']') {
            end++;
        }
        return end < to && Ipv6.isAddress(in, from, end) ? end + 1 : -1;
    }
}
