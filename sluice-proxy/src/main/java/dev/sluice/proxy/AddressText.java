package dev.sluice.proxy;

import java.net.InetAddress;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Addresses as text, in the one form that nobody reads in another way: four decimal numbers, or groups of IPv6 without a zone. The JDK
 * takes 10.1 for 10.0.0.1 besides, as inet_aton(3) does.
 */
final class AddressText {
    private static final Pattern V4 = Pattern.compile("(0|[1-9]\\d{0,2})(\\.(0|[1-9]\\d{0,2})){3}");
    private static final Pattern V6 = Pattern.compile("[0-9A-Fa-f:.]*:[0-9A-Fa-f:.]*");

    private AddressText() {}

    /** An address of IPv4; null where it is none. */
    static @Nullable InetAddress v4(String text) {
        return parse(text, V4);
    }

    /** An address of IPv6; null where it is none. */
    static @Nullable InetAddress v6(String text) {
        return parse(text, V6);
    }

    private static @Nullable InetAddress parse(String text, Pattern form) {
        try {
            return form.matcher(text).matches() ? InetAddress.ofLiteral(text) : null;
        } catch (IllegalArgumentException e) {
            return null;
        }
    }
}
