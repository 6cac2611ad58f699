package dev.sluice.http;

import java.util.Map;

/** Where we differ from llhttp, and why. */
final class LlhttpDifferences {
    private static final String FRAGMENT = "RFC 9112 section 3.2: a target has no fragment, so '#' is refused";
    private static final String USER = "RFC 9110 section 4.2.4: an authority with user information is refused";
    private static final String ZONE =
            "RFC 6874 zones are for the client's own links; RFC 9844 withdrew them from URIs";
    private static final String OTHER_PROTOCOL = "llhttp also speaks RTSP and ICE; this is a server of HTTP";

    static final Map<String, String> REASONS = Map.ofEntries(
            Map.entry(
                    "connection / `keep-alive` / CRLF between requests, implicit `keep-alive`",
                    "RFC 9112 section 2.2: one empty line in front of a request is ignored, not two"),
            Map.entry(
                    "content-length / Content-Length reset when no body is received",
                    "the case tells llhttp to skip the body, which we never do"),
            Map.entry(
                    "method / CONNECT with body", "no tunnel: CONNECT is answered with 501 and the connection closed"),
            Map.entry("method / M-SEARCH request", "RFC 9112 section 3.2.4: '*' is for OPTIONS alone"),
            Map.entry("method / SOURCE request with ICE", OTHER_PROTOCOL),
            Map.entry("method / OPTIONS request with RTSP", OTHER_PROTOCOL),
            Map.entry("method / ANNOUNCE request with RTSP", OTHER_PROTOCOL),
            Map.entry("sample / No HTTP version", "HTTP/0.9 is not spoken"),
            Map.entry("transfer-encoding / POST with `chunked` as last transfer-encoding", FRAGMENT),
            Map.entry("transfer-encoding / POST with `chunked` as last transfer-encoding (multiple headers)", FRAGMENT),
            Map.entry("uri / Fragment in URI", FRAGMENT),
            Map.entry("uri / `host:port` and basic auth", USER));

    /** For the vectors of targets. */
    static final Map<String, String> URL_REASONS = Map.ofEntries(
            Map.entry("url / Absolute URL", FRAGMENT),
            Map.entry("url / Relative URL", FRAGMENT),
            Map.entry("url / URL fragment", FRAGMENT),
            Map.entry("url / Complex URL fragment", FRAGMENT),
            Map.entry("url / Complex URL from node.js url parser doc", FRAGMENT),
            Map.entry("url / Complex URL with basic auth from node.js url parser doc", FRAGMENT),
            Map.entry("url / Proxy basic auth with url encoded space", USER),
            Map.entry("url / Proxy basic auth with unreserved chars", USER),
            Map.entry("url / IPv6 address with Zone ID", ZONE),
            Map.entry("url / IPv6 address with Zone ID, but `%` is not percent-encoded", ZONE));

    private LlhttpDifferences() {}
}
