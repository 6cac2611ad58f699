package dev.sluice.http;

import java.util.Locale;
import java.util.Map;
import java.util.Set;

/** Where we differ from jetty-http, and why. */
final class JettyDifferences {
    private static final String LIMIT = "our limits are lower than the ones that jetty's parser is given here";

    /** Why we refuse what jetty accepts, by what we say of it. */
    private static final Map<String, String> OUR_STRICTNESS = Map.ofEntries(
            Map.entry(
                    "the target holds what no target may hold, or there is no version",
                    "RFC 9112 section 3.2: no fragment, and no byte beyond ASCII; jetty leaves both to its URI parser"),
            Map.entry(
                    "the target is neither a path nor a URI of http",
                    "RFC 9112 section 3.2: the four forms; jetty leaves them to its URI parser"),
            Map.entry("the target's authority is malformed", "as above"),
            Map.entry("CONNECT without an authority", "as above"),
            Map.entry("not an authority", "as above"),
            Map.entry("a target of * is for OPTIONS alone", "as above"),
            Map.entry("only HTTP/1.1 and HTTP/1.0 are spoken here", "jetty's parser hands HTTP/2.0 and others on"),
            Map.entry(
                    "not a version of HTTP, or more behind it",
                    "RFC 9112 section 2.3: the version's case counts, and one space is in front of it"),
            Map.entry("more than one space in the request line", "RFC 9112 section 3: exactly one"),
            Map.entry("not a method", "jetty's look-up of methods takes some bytes beyond a token"),
            Map.entry("the method is too long", LIMIT),
            Map.entry("a malformed Host", "an empty Host is refused: an http URI has a host (RFC 9110 section 4.2.1)"),
            Map.entry("a malformed Content-Length", "more than 18 digits, be they zeros"),
            Map.entry("a chunk's size is out of range", "more than 15 digits, be they zeros"),
            Map.entry("a chunk extension is too long", LIMIT),
            Map.entry("too many header fields", LIMIT),
            Map.entry("too many trailers", LIMIT),
            Map.entry("the header is too large", LIMIT),
            Map.entry("the request line is too long", LIMIT),
            Map.entry("a malformed chunk extension", "jetty skips extensions without reading them"),
            Map.entry("Transfer-Encoding in HTTP/1.0", "RFC 9112 section 6.1: its framing is to be taken as faulty"),
            Map.entry(
                    "a Transfer-Encoding that does not end in chunked",
                    "in a field of its own as well: jetty joins the fields, or ignores the first"),
            Map.entry("more than one Transfer-Encoding", "one field is enough for a server that knows only chunked"),
            Map.entry("a malformed Transfer-Encoding", "as above"),
            Map.entry("a transfer coding other than chunked", "RFC 9112 section 6.1: 501"));

    /** Kinds of strictness that every run meets. */
    static final Set<String> USUAL = Set.of(
            "the target holds what no target may hold, or there is no version",
            "the target is neither a path nor a URI of http",
            "only HTTP/1.1 and HTTP/1.0 are spoken here",
            "more than one space in the request line",
            "a malformed Host",
            "a chunk extension is too long",
            "too many header fields");

    private JettyDifferences() {}

    /** Whether a refusal of ours is one where we mean to be stricter. */
    static boolean isOurStrictness(String problem) {
        return OUR_STRICTNESS.containsKey(problem);
    }

    /** Whether a refusal of jetty's is one of what HTTP allows: a host with an empty port (RFC 3986 section 3.2.3). */
    static boolean isJettysOwn(String refusal, Wire.Message ours) {
        return refusal.equals("400 Bad HostPort") && ours.fields.stream().anyMatch(JettyDifferences::hasEmptyPort);
    }

    private static boolean hasEmptyPort(Headers.Field field) {
        return field.name().equalsIgnoreCase("Host") && field.value().endsWith(":");
    }

    /** A field's value, as far as the two must agree: jetty hands out common values from a cache, in its own case. */
    static String comparable(Headers.Field field) {
        return field.value().toLowerCase(Locale.ROOT);
    }
}
