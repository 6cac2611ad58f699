package dev.sluice.proxy;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.UnixDomainSocketAddress;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.regex.Pattern;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/**
 * Reads the header of the PROXY protocol, of version 1 or 2, from the beginning of what a client sent; as HAProxy's proxy-protocol.txt
 * has it. It is strict: what an intermediary doesn't write is malformed, and a byte that can't belong to a header is
 * told as soon as it is there.
 *
 * <pre>
 *   version 2: signature (12) │ version, command (1) │ family, transport (1) │ length (2) │ addresses │ TLVs: type (1), length (2), value
 * </pre>
 */
final class ProxyHeaderParser {
    static final int NEED_MORE = 0;
    static final int MALFORMED = -1;

    /** The longest header that is taken: two paths of Unix-domain sockets, and room for what TLVs tell of a TLS client. */
    static final int LONGEST = 4096;

    private static final byte[] TEXT = "PROXY ".getBytes(StandardCharsets.US_ASCII);
    /** The longest line of version 1, its end included (section 2.1). */
    private static final int TEXT_LONGEST = 107;

    private static final Pattern PORT = Pattern.compile("0|[1-9]\\d{0,4}");

    private static final int FIXED_BYTES = 16;
    private static final int VERSION_2 = 2;
    private static final int PROXY = 1;
    private static final int UNSPECIFIED = 0;
    private static final int INET = 1;
    private static final int INET6 = 2;
    private static final int UNIX = 3;
    private static final int TRANSPORT_MOST = 2;
    private static final int UNIX_BYTES = 216;
    private static final int TLV_BYTES = 3;
    private static final int TLV_CRC32C = 3;

    private @Nullable SocketAddress source;
    private String problem = "";

    /** The client's address; null where the header tells none, so that the connection's own holds. */
    @Nullable
    SocketAddress source() {
        return source;
    }

    /** Why the header is malformed. */
    String problem() {
        return problem;
    }

    /**
     * Looks at what has arrived, from its beginning.
     *
     * @param input read from position to limit, which stay as they are
     * @return the header's length, {@link #NEED_MORE} or {@link #MALFORMED}
     */
    int parse(ByteBuffer input) {
        if (!input.hasRemaining()) {
            return NEED_MORE;
        }
        return input.get(input.position()) == TEXT[0] ? text(input) : bytes(input);
    }

    private int malformed(String why) {
        problem = why;
        return MALFORMED;
    }

    /** Whether what is there of a beginning is as it must be. */
    private static boolean begins(ByteBuffer input, byte[] with) {
        int there = Math.min(input.remaining(), with.length);
        for (int i = 0; i < there; i++) {
            if (input.get(input.position() + i) != with[i]) {
                return false;
            }
        }
        return true;
    }

    // ---- version 1

    private int text(ByteBuffer input) {
        if (!begins(input, TEXT)) {
            return malformed("it begins like neither version");
        }
        int most = Math.min(input.remaining(), TEXT_LONGEST);
        int length = 0;
        while (length < most && input.get(input.position() + length) != '\n') {
            length++;
        }
        if (length == most) {
            return most < TEXT_LONGEST ? NEED_MORE : malformed("its line is longer than " + TEXT_LONGEST + " bytes");
        }
        byte[] line = new byte[length];
        input.get(input.position(), line);
        String text = new String(line, StandardCharsets.ISO_8859_1);
        if (!text.endsWith("\r")) {
            return malformed("its line does not end with CR LF");
        }
        String[] words = text.substring(0, length - 1).split(" ", -1);
        if (words[1].equals("UNKNOWN")) {
            return length + 1;
        }
        source = words.length == 6 ? source(words) : null;
        return source == null ? malformed("its line has no two addresses and ports of a family") : length + 1;
    }

    private static @Nullable SocketAddress source(String[] words) {
        InetAddress from = address(words[1], words[2]);
        InetAddress to = address(words[1], words[3]);
        return from != null && to != null && isPort(words[4]) && isPort(words[5])
                ? new InetSocketAddress(from, Integer.parseInt(words[4]))
                : null;
    }

    private static @Nullable InetAddress address(String family, String text) {
        return switch (family) {
            case "TCP4" -> AddressText.v4(text);
            case "TCP6" -> AddressText.v6(text);
            default -> null;
        };
    }

    private static boolean isPort(String word) {
        return PORT.matcher(word).matches() && Integer.parseInt(word) <= 65_535;
    }

    // ---- version 2

    private int bytes(ByteBuffer input) {
        if (!begins(input, ProxyHeader.signature())) {
            return malformed("it begins like neither version");
        }
        if (input.remaining() < FIXED_BYTES) {
            return NEED_MORE;
        }
        int at = input.position() + ProxyHeader.signature().length;
        int version = (input.get(at) & 0xFF) >> 4;
        int command = input.get(at) & 0xF;
        int family = (input.get(at + 1) & 0xFF) >> 4;
        int transport = input.get(at + 1) & 0xF;
        int length = FIXED_BYTES + (input.getShort(at + 2) & 0xFFFF);
        if (version != VERSION_2 || command > PROXY || family > UNIX || transport > TRANSPORT_MOST) {
            return malformed("its version, command, family or transport is not one that there is");
        }
        if (length > LONGEST) {
            return malformed("it is " + length + " bytes long, more than " + LONGEST);
        }
        if (input.remaining() < length) {
            return NEED_MORE;
        }
        if (command != PROXY || family == UNSPECIFIED) {
            return length; // what it holds is to be passed over, whatever it is
        }
        int addresses = addressBytes(family);
        if (FIXED_BYTES + addresses > length) {
            return malformed("it is too short for its addresses");
        }
        byte[] header = new byte[length];
        input.get(input.position(), header);
        source = source(header, family);
        return areTlvs(header, FIXED_BYTES + addresses) ? length : MALFORMED;
    }

    private static int addressBytes(int family) {
        return switch (family) {
            case INET -> 2 * 4 + 4;
            case INET6 -> 2 * 16 + 4;
            default -> UNIX_BYTES;
        };
    }

    private static SocketAddress source(byte[] header, int family) {
        if (family == UNIX) {
            return UnixDomainSocketAddress.of(""); // a path of another machine's, or of another root, says nothing here
        }
        int bytes = family == INET ? 4 : 16;
        int port = ByteBuffer.wrap(header).getShort(FIXED_BYTES + 2 * bytes) & 0xFFFF;
        try {
            byte[] address = Arrays.copyOfRange(header, FIXED_BYTES, FIXED_BYTES + bytes);
            return new InetSocketAddress(InetAddress.getByAddress(address), port);
        } catch (UnknownHostException e) {
            throw new IllegalStateException("4 and 16 bytes are addresses", e);
        }
    }

    /** Whether type, length and value follow each other up to the end; a checksum among them must be right. */
    private boolean areTlvs(byte[] header, int from) {
        ByteBuffer bytes = ByteBuffer.wrap(header);
        int at = from;
        while (at < header.length) {
            if (header.length - at < TLV_BYTES) {
                problem = "its last TLV is cut off";
                return false;
            }
            int length = bytes.getShort(at + 1) & 0xFFFF;
            int next = at + TLV_BYTES + length;
            if (next > header.length) {
                problem = "a TLV is longer than the header";
                return false;
            }
            if (header[at] == TLV_CRC32C && (length != Integer.BYTES || !isRight(header, at + TLV_BYTES))) {
                problem = "its checksum is wrong";
                return false;
            }
            at = next;
        }
        return true;
    }

    /** The checksum is of the whole header, with zeros in the checksum's place (section 2.2.3). */
    private static boolean isRight(byte[] header, int at) {
        CRC32C sum = new CRC32C();
        sum.update(header, 0, at);
        sum.update(new byte[Integer.BYTES]);
        sum.update(header, at + Integer.BYTES, header.length - at - Integer.BYTES);
        return ByteBuffer.wrap(header).getInt(at) == (int) sum.getValue();
    }
}
