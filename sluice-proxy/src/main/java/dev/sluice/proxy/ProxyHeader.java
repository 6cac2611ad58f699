package dev.sluice.proxy;

import dev.sluice.Connection;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.function.Function;

/**
 * What tells a back end who the client is, ahead of the client's first byte: the header of HAProxy's PROXY protocol, in its version of
 * text (1) or of bytes (2).
 */
public enum ProxyHeader implements Function<Connection, byte[]> {
    V1 {
        @Override
        byte[] of(InetSocketAddress from, InetSocketAddress to) {
            String family = from.getAddress() instanceof Inet4Address ? "TCP4" : "TCP6";
            return ascii("PROXY " + family + " " + text(from.getAddress()) + " " + text(to.getAddress()) + " "
                    + from.getPort() + " " + to.getPort() + "\r\n");
        }

        @Override
        byte[] unknown() {
            return ascii("PROXY UNKNOWN\r\n");
        }
    },
    V2 {
        @Override
        byte[] of(InetSocketAddress from, InetSocketAddress to) {
            byte[] source = from.getAddress().getAddress();
            ByteBuffer header = ByteBuffer.allocate(SIGNATURE.length + 4 + 2 * source.length + 4);
            header.put(SIGNATURE).put(PROXY).put(source.length == 4 ? TCP4 : TCP6);
            header.putShort((short) (2 * source.length + 4));
            header.put(source).put(to.getAddress().getAddress());
            return header.putShort((short) from.getPort())
                    .putShort((short) to.getPort())
                    .array();
        }

        @Override
        byte[] unknown() {
            return ByteBuffer.allocate(SIGNATURE.length + 4)
                    .put(SIGNATURE)
                    .put(PROXY)
                    .array();
        }
    };

    private static final byte[] SIGNATURE = ascii("\r\n\r\n\0\r\nQUIT\n");
    private static final byte PROXY = 0x21;
    private static final byte TCP4 = 0x11;
    private static final byte TCP6 = 0x21;

    abstract byte[] of(InetSocketAddress from, InetSocketAddress to);

    /** For a client whose address is of no family that both ends share, such as that of a Unix-domain socket. */
    abstract byte[] unknown();

    /** The header for a client's connection. */
    @Override
    public byte[] apply(Connection client) {
        return of(client.remoteAddress(), client.localAddress());
    }

    byte[] of(SocketAddress from, SocketAddress to) {
        boolean known = from instanceof InetSocketAddress source
                && to instanceof InetSocketAddress target
                && source.getAddress() != null
                && target.getAddress() != null
                && source.getAddress().getClass() == target.getAddress().getClass();
        return known ? of((InetSocketAddress) from, (InetSocketAddress) to) : unknown();
    }

    /** What a header of version 2 begins with. */
    static byte[] signature() {
        return SIGNATURE;
    }

    private static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }

    private static String text(InetAddress address) {
        String text = address.getHostAddress();
        int zone = text.indexOf('%');
        return zone < 0 ? text : text.substring(0, zone);
    }
}
