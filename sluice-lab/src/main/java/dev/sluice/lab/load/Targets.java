package dev.sluice.lab.load;

import java.net.URI;
import java.net.URISyntaxException;

/** Reads the URL of a load. */
final class Targets {
    private static final int HTTP_PORT = 80;

    private Targets() {}

    /** A URL that names a known scheme, a host, and for tcp a port. */
    static URI parse(String url) {
        URI target;
        try {
            target = new URI(url);
        } catch (URISyntaxException e) {
            throw wrong(url, e.getReason());
        }
        if (target.getScheme() == null || !target.getScheme().matches("(?i)http|tcp")) {
            throw wrong(url, "it must begin with http:// or tcp://");
        }
        if (target.getHost() == null || target.getRawUserInfo() != null) {
            throw wrong(url, "it names no host");
        }
        if (target.getPort() == 0 || target.getPort() > 65_535 || target.getPort() < 0 && isTcp(target)) {
            throw wrong(url, "it names no port from 1 to 65535");
        }
        return target;
    }

    private static IllegalArgumentException wrong(String url, String why) {
        return new IllegalArgumentException(
                "'" + url + "' is no URL to load: " + why + "; as in http://127.0.0.1:8080/ or tcp://127.0.0.1:7000");
    }

    static boolean isTcp(URI url) {
        return url.getScheme().equalsIgnoreCase("tcp");
    }

    static int port(URI url) {
        return url.getPort() < 0 ? HTTP_PORT : url.getPort();
    }

    /** The one kind of request that a URL itself means. */
    static RequestKind own(URI url, String method, Body body) {
        if (isTcp(url)) {
            if (!method.isEmpty()) {
                throw new IllegalArgumentException("an echo has no method: leave method out");
            }
            return new RequestKind(1, "", "", body.size() == 0 ? Body.ofSize(64) : body);
        }
        String path = url.getRawPath() == null || url.getRawPath().isEmpty() ? "/" : url.getRawPath();
        String target = url.getRawQuery() == null ? path : path + "?" + url.getRawQuery();
        String asked = method.isEmpty() ? (body.size() == 0 ? "GET" : "POST") : method;
        return new RequestKind(1, asked, target, body);
    }
}
