package dev.sluice.proxy;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.UnixDomainSocketAddress;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Addresses that begin alike, as in 10.0.0.0/8, 2001:db8::/32 or 192.0.2.1; or those of Unix-domain sockets. Immutable.
 *
 * @param address null for Unix-domain sockets
 * @param bits so many of the address's first ones count
 */
public record Network(@Nullable InetAddress address, int bits) {
    private static final String UNIX = "unix";
    private static final Pattern TEXT = Pattern.compile("([0-9A-Fa-f:.]+)(?:/(\\d{1,3}))?");

    /**
     * Reads one.
     *
     * @throws IllegalArgumentException where it is none; no name is looked up
     */
    public static Network parse(String text) {
        if (text.equals(UNIX)) {
            return new Network(null, 0);
        }
        Matcher parts = TEXT.matcher(text);
        try {
            if (parts.matches()) {
                InetAddress address = InetAddress.ofLiteral(parts.group(1));
                int all = address.getAddress().length * Byte.SIZE;
                int bits = parts.group(2) == null ? all : Integer.parseInt(parts.group(2));
                if (bits <= all) {
                    return new Network(address, bits);
                }
            }
        } catch (IllegalArgumentException e) {
            throw wrong(text, e);
        }
        throw wrong(text, null);
    }

    private static IllegalArgumentException wrong(String text, @Nullable Throwable cause) {
        return new IllegalArgumentException(
                "'" + text + "' is no network: write one as in 10.0.0.0/8, ::1 or 'unix'", cause);
    }

    /** Whether a peer is one of them. */
    public boolean contains(SocketAddress peer) {
        if (address == null) {
            return peer instanceof UnixDomainSocketAddress;
        }
        if (!(peer instanceof InetSocketAddress inet) || inet.getAddress() == null) {
            return false;
        }
        byte[] wanted = address.getAddress();
        byte[] found = inet.getAddress().getAddress();
        if (wanted.length != found.length) {
            return false;
        }
        int whole = bits / Byte.SIZE;
        int mask = 0xFF00 >> bits % Byte.SIZE & 0xFF;
        for (int i = 0; i < whole; i++) {
            if (wanted[i] != found[i]) {
                return false;
            }
        }
        return mask == 0 || ((wanted[whole] ^ found[whole]) & mask) == 0;
    }

    @Override
    public String toString() {
        return address == null ? UNIX : address.getHostAddress() + "/" + bits;
    }
}
