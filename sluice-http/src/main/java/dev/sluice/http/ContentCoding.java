package dev.sluice.http;

import java.util.List;

/** The codings in which a file may stand ready, and which of them a client takes (RFC 9110 section 12.5.3). */
enum ContentCoding {
    BR("br", ".br"),
    GZIP("gzip", ".gz");

    /** The weight of what is not acceptable; weights count in thousandths. */
    private static final int REFUSED = 0;

    private static final int FULL = 1000;
    /** A weight has five characters; what is longer, blanks and all, is none. */
    private static final int QUALITY_MOST = 32;

    final String token;
    /** What is appended to the name of the file itself. */
    final String suffix;

    ContentCoding(String token, String suffix) {
        this.token = token;
        this.suffix = suffix;
    }

    /**
     * The codings that a client prefers to the file as it is, best first; at equal weight the denser one.
     *
     * @param accept the values of the Accept-Encoding fields; without any, nothing is preferred
     */
    static List<ContentCoding> preferred(List<String> accept) {
        if (accept.isEmpty()) {
            return List.of();
        }
        Weights weights = new Weights();
        accept.forEach(weights::read);
        return weights.preferred();
    }

    /** What the fields say of each coding that matters: in one pass, since a client chooses how long they are. */
    private static final class Weights {
        private static final int UNNAMED = -1;

        private int br = UNNAMED;
        private int gzip = UNNAMED;
        private int oldGzip = UNNAMED;
        private int identity = UNNAMED;
        private int any = UNNAMED;

        void read(String field) {
            for (int at = 0; at <= field.length(); ) {
                int comma = field.indexOf(',', at);
                int end = comma < 0 ? field.length() : comma;
                member(field, at, end);
                at = end + 1;
            }
        }

        /** Of a coding that is named twice, the first counts. */
        private void member(String field, int from, int end) {
            int semicolon = field.indexOf(';', from, end);
            int nameEnd = semicolon < 0 ? end : semicolon;
            int name = skipBlanks(field, from, nameEnd);
            switch (name == nameEnd ? 0 : field.charAt(name) | 0x20) {
                case 'b' -> br = first(br, "br", field, name, nameEnd, end);
                case 'g' -> gzip = first(gzip, "gzip", field, name, nameEnd, end);
                case 'x' -> oldGzip = first(oldGzip, "x-gzip", field, name, nameEnd, end);
                case 'i' -> identity = first(identity, "identity", field, name, nameEnd, end);
                case '*' -> any = first(any, "*", field, name, nameEnd, end);
                default -> {}
            }
        }

        private static int first(int known, String token, String field, int name, int nameEnd, int end) {
            boolean named = field.regionMatches(true, name, token, 0, token.length())
                    && skipBlanks(field, name + token.length(), nameEnd) == nameEnd;
            return known == UNNAMED && named ? quality(field, nameEnd, end) : known;
        }

        List<ContentCoding> preferred() {
            int others = Math.max(any, REFUSED);
            int brotli = br == UNNAMED ? others : br;
            // RFC 9110 section 8.4.1.3: a recipient should take x-gzip to be gzip.
            int zipped = gzip == UNNAMED ? (oldGzip == UNNAMED ? others : oldGzip) : gzip;
            int least = Math.max(identity, 1);
            if (brotli >= least) {
                return zipped < least ? List.of(BR) : zipped > brotli ? List.of(GZIP, BR) : List.of(BR, GZIP);
            }
            return zipped < least ? List.of() : List.of(GZIP);
        }
    }

    private static int skipBlanks(String field, int from, int end) {
        int at = from;
        while (at < end && (field.charAt(at) == ' ' || field.charAt(at) == '\t')) {
            at++;
        }
        return at;
    }

    /** The weight among a member's parameters, in thousandths; a malformed one refuses. */
    private static int quality(String field, int from, int end) {
        for (int at = from; at < end; ) {
            int semicolon = field.indexOf(';', at + 1, end);
            int next = semicolon < 0 ? end : semicolon;
            int parameter = skipBlanks(field, at + 1, next);
            if (field.regionMatches(true, parameter, "q=", 0, 2) && parameter + 2 <= next) {
                return thousandths(field.substring(parameter + 2, Math.min(next, parameter + 2 + QUALITY_MOST))
                        .strip());
            }
            at = next;
        }
        return FULL;
    }

    private static int thousandths(String value) {
        if (value.matches("0(\\.[0-9]{0,3})?")) {
            return Integer.parseInt((value + (value.length() == 1 ? "." : "") + "000").substring(2, 5));
        }
        return value.matches("1(\\.0{0,3})?") ? FULL : REFUSED;
    }
}
