package dev.sluice.kv;

/**
 * Redis's patterns: {@code *}, {@code ?}, {@code [a-z]}, {@code [^a]} and {@code \} before what is meant as it stands.
 *
 * <p>A star that fails is tried one byte further on, and only the last one is: an earlier one that took more could not help.
 * So the time is bounded by the product of both lengths, where a recursive matcher's is exponential (CVE-2022-36021).
 */
final class Glob {
    private Glob() {}

    static boolean matches(byte[] pattern, byte[] text) {
        return matches(pattern, text, 0, text.length);
    }

    static boolean matches(byte[] pattern, byte[] text, int offset, int length) {
        int p = 0;
        int t = offset;
        int end = offset + length;
        int starNext = -1;
        int starText = 0;
        while (true) {
            if (p < pattern.length && pattern[p] == '*') {
                starNext = ++p;
                starText = t;
                if (p == pattern.length) {
                    return true;
                }
                continue;
            }
            if (t == end) {
                return p == pattern.length;
            }
            int next = p < pattern.length ? one(pattern, p, text[t]) : -1;
            if (next >= 0) {
                p = next;
                t++;
            } else if (starNext >= 0) {
                p = starNext;
                t = ++starText;
            } else {
                return false;
            }
        }
    }

    /** Where the pattern goes on behind the element at hand, if that matches a byte; -1 if it doesn't. */
    private static int one(byte[] pattern, int at, byte b) {
        return switch (pattern[at]) {
            case '?' -> at + 1;
            case '[' -> oneOf(pattern, at + 1, b & 0xff);
            case '\\' -> {
                int literal = at + 1 < pattern.length ? at + 1 : at;
                yield pattern[literal] == b ? literal + 1 : -1;
            }
            default -> pattern[at] == b ? at + 1 : -1;
        };
    }

    private static int oneOf(byte[] pattern, int from, int b) {
        int at = from;
        boolean not = at < pattern.length && pattern[at] == '^';
        if (not) {
            at++;
        }
        boolean found = false;
        while (at < pattern.length && pattern[at] != ']') {
            if (pattern[at] == '\\' && at + 1 < pattern.length) {
                at++;
                found |= (pattern[at] & 0xff) == b;
                at++;
            } else if (at + 2 < pattern.length && pattern[at + 1] == '-') {
                int first = pattern[at] & 0xff;
                int last = pattern[at + 2] & 0xff;
                found |= b >= Math.min(first, last) && b <= Math.max(first, last);
                at += 3;
            } else {
                found |= (pattern[at] & 0xff) == b;
                at++;
            }
        }
        return found == not ? -1 : Math.min(at + 1, pattern.length);
    }
}
