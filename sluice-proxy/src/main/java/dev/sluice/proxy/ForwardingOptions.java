package dev.sluice.proxy;

import org.jspecify.annotations.Nullable;

/**
 * How heads are passed on; immutable.
 *
 * @param host the Host that back ends are sent; null keeps the client's
 * @param pseudonym what the proxy calls itself in Via (RFC 9110 section 7.6.3)
 * @param xForwarded X-Forwarded-For, -Proto and -Host
 * @param forwarded the Forwarded field of RFC 7239
 */
public record ForwardingOptions(
        @Nullable String host, String pseudonym, ForwardedMode xForwarded, ForwardedMode forwarded) {
    /** Checks that the texts can stand in a field. */
    public ForwardingOptions {
        plain("host", host == null ? "" : host);
        plain("pseudonym", pseudonym);
    }

    private static void plain(String what, String text) {
        if (!text.chars().allMatch(c -> c > ' ' && c < 0x7F)) {
            throw new IllegalArgumentException(what + " must be visible ASCII, without spaces");
        }
    }

    public static ForwardingOptions standard() {
        return new ForwardingOptions(null, "sluice", ForwardedMode.REPLACE, ForwardedMode.DROP);
    }

    public ForwardingOptions withHost(@Nullable String name) {
        return new ForwardingOptions(name, pseudonym, xForwarded, forwarded);
    }

    public ForwardingOptions withXForwarded(ForwardedMode mode) {
        return new ForwardingOptions(host, pseudonym, mode, forwarded);
    }

    public ForwardingOptions withForwarded(ForwardedMode mode) {
        return new ForwardingOptions(host, pseudonym, xForwarded, mode);
    }
}
