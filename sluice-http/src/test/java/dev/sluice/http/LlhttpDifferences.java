package dev.sluice.http;

import java.util.Map;

/** Where we differ from llhttp, and why. */
final class LlhttpDifferences {
    private static final String FRAGMENT = "RFC 9112 section 3.2: a target has no fragment, so '#' is refused";
    private static final String USER = "RFC 9110 section 4.2.4: an authority with user information is refused";
    private static final String ZONE =
            "RFC 6874 zones are for the client's own links; RFC 9844 withdrew them from URIs";
    private static final String OTHER_PROTOCOL = "llhttp also speaks RTSP and ICE; this is a server of HTTP";

    private static final String EMPTY_LINE =
            "RFC 9112 section 2.2 lets a server ignore an empty line; in front of a response it was not asked for";
    private static final String OTHER_CLIENT = "llhttp also speaks RTSP and ICE; this is a client of HTTP";
    private static final String CODING =
            "RFC 9112 section 6.3 would read to the connection's end; a coding that we did not ask for, and can't tell a"
                    + " client of, is refused";

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

    /** For the vectors of responses. */
    static final Map<String, String> RESPONSE_REASONS = Map.ofEntries(
            Map.entry("response/connection / HTTP 304 with Content-Length", EMPTY_LINE),
            Map.entry("response/connection / HTTP 100 first, then 400", EMPTY_LINE),
            Map.entry("response/pipelining / Should parse multiple events", EMPTY_LINE),
            Map.entry("response/sample / Response starting with CRLF", EMPTY_LINE),
            Map.entry(
                    "response/content-length / Content-Length reset when no body is received",
                    "the case tells llhttp to skip the body, which we never do"),
            Map.entry("response/sample / RTSP response", OTHER_CLIENT),
            Map.entry("response/sample / ICE response", OTHER_CLIENT),
            Map.entry("response/sample / HTTP version 0.9", "HTTP/0.9 is not spoken, and has no status line"),
            Map.entry("response/transfer-encoding / `chunked` before other transfer-encoding", CODING),
            Map.entry(
                    "response/transfer-encoding / multiple transfer-encoding where chunked is not the last one",
                    CODING),
            Map.entry(
                    "response/transfer-encoding / `chunkedchunked` transfer-encoding does not enable chunked enconding",
                    CODING));

    private LlhttpDifferences() {}
}
