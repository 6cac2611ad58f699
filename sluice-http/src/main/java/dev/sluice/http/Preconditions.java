package dev.sluice.http;

import java.util.List;

/** Conditional requests for a representation that exists (RFC 9110 section 13). */
final class Preconditions {
    /** What the conditions come to. */
    enum Verdict {
        PROCEED,
        /** 304. */
        NOT_MODIFIED,
        /** 412. */
        FAILED
    }

    private Preconditions() {}

    /**
     * Evaluates the conditions of a GET or HEAD in the order of section 13.2.2, If-Range aside.
     *
     * @param etag the representation's entity tag, a strong one, with its quotes
     * @param modifiedMillis its Last-Modified, in whole seconds
     */
    static Verdict evaluate(Request request, String etag, long modifiedMillis) {
        List<String> match = request.headers("If-Match");
        if (!match.isEmpty()) {
            if (!matches(match, etag, false)) {
                return Verdict.FAILED;
            }
        } else {
            long unmodifiedSince = date(request, "If-Unmodified-Since");
            if (unmodifiedSince != HttpDate.NONE && modifiedMillis > unmodifiedSince) {
                return Verdict.FAILED;
            }
        }
        List<String> noneMatch = request.headers("If-None-Match");
        if (!noneMatch.isEmpty()) {
            return matches(noneMatch, etag, true) ? Verdict.NOT_MODIFIED : Verdict.PROCEED;
        }
        long modifiedSince = date(request, "If-Modified-Since");
        boolean current = modifiedSince != HttpDate.NONE && modifiedMillis <= modifiedSince;
        return current ? Verdict.NOT_MODIFIED : Verdict.PROCEED;
    }

    /** Whether a Range field counts: there is no If-Range, or it names this very representation (section 13.1.5). */
    static boolean rangeCounts(Request request, String etag, long modifiedMillis) {
        List<String> fields = request.headers("If-Range");
        if (fields.isEmpty()) {
            return true;
        }
        if (fields.size() > 1) {
            return false;
        }
        String value = fields.getFirst();
        if (value.startsWith("\"") || value.startsWith("W/")) {
            return value.equals(etag);
        }
        // A date is a strong validator only where the file can't have changed twice within its second.
        long now = request.receivedMillis();
        return HttpDate.parse(value, now) == modifiedMillis && now - modifiedMillis >= 1000;
    }

    /** A field's date, or {@link HttpDate#NONE} where it is absent, malformed or more than one, and so ignored. */
    private static long date(Request request, String name) {
        List<String> values = request.headers(name);
        return values.size() == 1 ? HttpDate.parse(values.getFirst(), request.receivedMillis()) : HttpDate.NONE;
    }

    /**
     * Whether a list of entity tags, or an asterisk, holds one.
     *
     * @param weak whether a weak tag may match (section 8.8.3.2)
     */
    private static boolean matches(List<String> fields, String etag, boolean weak) {
        if (fields.size() == 1 && fields.getFirst().strip().equals("*")) {
            return true;
        }
        for (String field : fields) {
            int at = 0;
            while (at < field.length()) {
                char c = field.charAt(at);
                if (c == ',' || c == ' ' || c == '\t') {
                    at++;
                    continue;
                }
                boolean isWeak = field.startsWith("W/", at);
                int open = isWeak ? at + 2 : at;
                // A tag may hold commas: it ends at its quote.
                int close = open < field.length() && field.charAt(open) == '"' ? field.indexOf('"', open + 1) : -1;
                if (close < 0) {
                    break; // malformed: nothing behind it can be told
                }
                if ((weak || !isWeak)
                        && field.regionMatches(open, etag, 0, etag.length())
                        && close - open + 1 == etag.length()) {
                    return true;
                }
                at = close + 1;
            }
        }
        return false;
    }
}
