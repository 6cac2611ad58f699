package dev.sluice.admin;

import org.jspecify.annotations.Nullable;

/**
 * Whether a Host field can be one of a client that means this machine. A page of a browser can have a name of its own resolve to
 * 127.0.0.1 and read what is there (DNS rebinding); its requests carry that name.
 */
final class Hosts {
    private Hosts() {}

    /** Whether it is an address, {@code localhost}, or missing as in HTTP/1.0. */
    static boolean isThisMachine(@Nullable String host) {
        if (host == null || host.isEmpty() || host.startsWith("[")) {
            return true;
        }
        int colon = host.indexOf(':');
        String name = colon < 0 ? host : host.substring(0, colon);
        return name.equalsIgnoreCase("localhost") || name.matches("[0-9]{1,3}(\\.[0-9]{1,3}){3}");
    }
}
