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
    private static final Pattern TEXT = Pattern.compile("([^/]*)(?:/(\\d{1,3}))?");

    /**
     * Such addresses.
     *
     * @throws IllegalArgumentException where an address has not so many bits
     */
    public Network {
        int all = address == null ? 0 : address.getAddress().length * Byte.SIZE;
        if (bits < 0 || bits > all) {
            throw new IllegalArgumentException("the address has " + all + " bits, so not " + bits + " to begin with");
        }
    }

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
        if (parts.matches()) {
            String begin = parts.group(1);
            InetAddress address = begin.indexOf(':') < 0 ? AddressText.v4(begin) : AddressText.v6(begin);
            int all = address == null ? -1 : address.getAddress().length * Byte.SIZE;
            int bits = parts.group(2) == null ? all : Integer.parseInt(parts.group(2));
            if (address != null && bits <= all) {
                return new Network(address, bits);
            }
        }
        throw new IllegalArgumentException("'" + text + "' is no network: write one as in 10.0.0.0/8, ::1 or 'unix'");
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
