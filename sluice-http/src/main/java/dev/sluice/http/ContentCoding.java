package dev.sluice.http;

import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;

/** The codings in which a file may stand ready, and which of them a client takes (RFC 9110 section 12.5.3). */
enum ContentCoding {
    BR("br", ".br"),
    GZIP("gzip", ".gz");

    /** The weight of what is not acceptable; weights count in thousandths. */
    private static final int REFUSED = 0;

    private static final int FULL = 1000;

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
        String list = String.join(",", accept);
        int identity = Math.max(weight(list, "identity", REFUSED), 1);
        int any = weight(list, "*", REFUSED);
        return Stream.of(values())
                .filter(coding -> coding.weight(list, any) >= identity)
                .sorted(Comparator.comparingInt((ContentCoding coding) -> -coding.weight(list, any)))
                .toList();
    }

    private int weight(String list, int any) {
        int weight = weight(list, token, -1);
        // RFC 9110 section 8.4.1.3: a recipient should take x-gzip to be gzip.
        return weight >= 0 || this != GZIP ? (weight >= 0 ? weight : any) : weight(list, "x-gzip", any);
    }

    /** What a list says of a coding, or {@code otherwise} where it doesn't name it. */
    private static int weight(String list, String token, int otherwise) {
        for (String member : list.split(",", -1)) {
            String[] parts = member.strip().toLowerCase(Locale.ROOT).split(";", -1);
            if (parts[0].strip().equals(token)) {
                return quality(parts);
            }
        }
        return otherwise;
    }

    /** The weight among a member's parameters, in thousandths; a malformed one refuses. */
    private static int quality(String[] parts) {
        for (int i = 1; i < parts.length; i++) {
            String parameter = parts[i].strip();
            if (parameter.startsWith("q=")) {
                String value = parameter.substring(2);
                if (value.matches("0(\\.[0-9]{0,3})?")) {
                    return Integer.parseInt((value + (value.length() == 1 ? "." : "") + "000").substring(2, 5));
                }
                return value.matches("1(\\.0{0,3})?") ? FULL : REFUSED;
            }
        }
        return FULL;
    }
}
