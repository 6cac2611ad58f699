package dev.sluice.http;

import java.util.ArrayList;
import java.util.List;

/** The Range field for byte ranges (RFC 9110 section 14). */
sealed interface ByteRanges {
    /** The field is to be ignored, and the whole file sent: malformed, another unit, too many, or overlapping. */
    record Whole() implements ByteRanges {}

    /** No range meets the file: 416. */
    record Unsatisfiable() implements ByteRanges {}

    /** The ranges that meet the file, cut to it, in the order asked for. */
    record Some(List<Range> ranges) implements ByteRanges {}

    /**
     * Bytes of a file.
     *
     * @param first position of the first byte
     * @param length at least 1
     */
    record Range(long first, long length) {
        /** The Content-Range field's value. */
        String of(long size) {
            return "bytes " + first + "-" + (first + length - 1) + "/" + size;
        }
    }

    /** More ranges than any honest client asks for; each costs a part's head and a system call. */
    int LIMIT = 32;

    Whole WHOLE = new Whole();
    Unsatisfiable UNSATISFIABLE = new Unsatisfiable();

    /**
     * Reads the field.
     *
     * @param size of the file, in bytes
     */
    static ByteRanges parse(String field, long size) {
        if (!field.regionMatches(true, 0, "bytes=", 0, 6)) {
            return WHOLE;
        }
        List<Range> ranges = new ArrayList<>();
        int seen = 0;
        for (String member : field.substring(6).split(",", -1)) {
            String spec = member.strip();
            if (spec.isEmpty()) {
                continue; // RFC 9110 section 5.6.1.2: empty elements of a list are ignored
            }
            int dash = spec.indexOf('-');
            if (dash < 0 || ++seen > LIMIT || spec.length() == 1) {
                return WHOLE;
            }
            long first = number(spec, 0, dash);
            long last = number(spec, dash + 1, spec.length());
            if (first == MALFORMED || last == MALFORMED || (first >= 0 && last >= 0 && last < first)) {
                return WHOLE;
            }
            if (first == ABSENT) { // a suffix: the last so many bytes
                first = Math.max(0, size - last);
                last = last == 0 ? ABSENT : Long.MAX_VALUE;
                if (size == 0 && last != ABSENT) {
                    return WHOLE; // satisfiable, yet no Content-Range can say so
                }
            } else if (last == ABSENT) {
                last = Long.MAX_VALUE;
            }
            if (first < size && last >= first) {
                ranges.add(new Range(first, Math.min(last, size - 1) - first + 1));
            }
        }
        if (seen == 0 || overlap(ranges)) {
            return WHOLE;
        }
        return ranges.isEmpty() ? UNSATISFIABLE : new Some(List.copyOf(ranges));
    }

    long ABSENT = -1;
    long MALFORMED = -2;

    /** A number of digits only, at most {@link Long#MAX_VALUE}; larger ones lie behind the end of any file. */
    private static long number(String text, int from, int to) {
        if (from == to) {
            return ABSENT;
        }
        long number = 0;
        for (int i = from; i < to; i++) {
            int digit = text.charAt(i) - '0';
            if (digit < 0 || digit > 9) {
                return MALFORMED;
            }
            number = number > (Long.MAX_VALUE - digit) / 10 ? Long.MAX_VALUE : number * 10 + digit;
        }
        return number;
    }

    private static boolean overlap(List<Range> ranges) {
        for (int i = 0; i < ranges.size(); i++) {
            for (int j = 0; j < i; j++) {
                Range a = ranges.get(i);
                Range b = ranges.get(j);
                if (a.first < b.first + b.length && b.first < a.first + a.length) {
                    return true;
                }
            }
        }
        return false;
    }
}
