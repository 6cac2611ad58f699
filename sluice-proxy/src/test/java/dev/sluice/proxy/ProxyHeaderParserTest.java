package dev.sluice.proxy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.Random;
import java.util.stream.Stream;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Vectors after HAProxy's proxy-protocol.txt, whole, cut off at each byte, and with what intermediaries don't write. */
@Timeout(60)
class ProxyHeaderParserTest {
    private static final String SIGNATURE = "0d0a0d0a000d0a515549540a";
    private static final String V4 = "c0000201" + "c6336407" + "dc04" + "01bb";
    private static final String V6 =
            "20010db8000000000000000000000001" + "20010db8000000000000000000000002" + "0001" + "ffff";

    /** ALPN "h2", and an unknown one that is empty. */
    private static final String TLVS = "0100026832" + "ee0000";

    private static byte[] hex(String text) {
        return HexFormat.of().parseHex(SIGNATURE + text);
    }

    private static byte[] text(String text) {
        return text.getBytes(StandardCharsets.ISO_8859_1);
    }

    /** The same header with a right checksum of CRC-32C, which stands last. */
    private static byte[] summed(String text) {
        byte[] header = hex(text + "030004" + "00000000");
        CRC32C sum = new CRC32C();
        sum.update(header);
        ByteBuffer.wrap(header).putInt(header.length - 4, (int) sum.getValue());
        return header;
    }

    private static Arguments vector(String name, byte[] header, @Nullable SocketAddress source) {
        return Arguments.of(name, header, source);
    }

    static Stream<Arguments> headers() {
        InetSocketAddress v4 = new InetSocketAddress("192.0.2.1", 56324);
        InetSocketAddress v6 = new InetSocketAddress("2001:db8::1", 1);
        UnixDomainSocketAddress unix = UnixDomainSocketAddress.of("");
        return Stream.of(
                vector("v1 TCP4", text("PROXY TCP4 192.0.2.1 198.51.100.7 56324 443\r\n"), v4),
                vector("v1 TCP6", text("PROXY TCP6 2001:db8::1 2001:db8::2 1 65535\r\n"), v6),
                vector("v1 UNKNOWN", text("PROXY UNKNOWN\r\n"), null),
                vector("v1 UNKNOWN with more", text("PROXY UNKNOWN ffff::1 ffff::2 65535 65535\r\n"), null),
                vector("v2 TCP4", hex("2111000c" + V4), v4),
                vector("v2 UDP4", hex("2112000c" + V4), v4),
                vector("v2 TCP6", hex("21210024" + V6), v6),
                vector("v2 TCP4, TLVs", hex("21110014" + V4 + TLVS), v4),
                vector("v2 TCP6, TLVs and a checksum", summed("21210033" + V6 + TLVS), v6),
                vector("v2 UNIX", hex("213100d8" + "2f".repeat(216)), unix),
                vector("v2 UNSPEC", hex("21000000"), null),
                vector("v2 UNSPEC with what nobody knows", hex("21000003" + "010203"), null),
                vector("v2 LOCAL", hex("20000000"), null),
                vector("v2 LOCAL with addresses, which don't count", hex("2011000c" + V4), null));
    }

    /** Whatever follows, and wherever it is cut off. */
    @ParameterizedTest(name = "{0}")
    @MethodSource("headers")
    void eachIsReadOnceItIsWhole(String name, byte[] header, @Nullable SocketAddress source) {
        ByteBuffer input = ByteBuffer.allocate(3 + header.length + 2).position(3);
        input.put(header).put((byte) 'G').put((byte) '\n').flip().position(3);
        for (int length = 0; length < header.length; length++) {
            ProxyHeaderParser parser = new ProxyHeaderParser();
            assertThat(parser.parse(input.duplicate().limit(3 + length)))
                    .as("%d bytes", length)
                    .isEqualTo(ProxyHeaderParser.NEED_MORE);
        }
        ProxyHeaderParser bit = new ProxyHeaderParser();
        for (int length = 0; length < header.length; length++) {
            assertThat(bit.parse(input.duplicate().limit(3 + length))).isEqualTo(ProxyHeaderParser.NEED_MORE);
        }
        assertThat(bit.parse(input)).isEqualTo(header.length);
        assertThat(input.position()).isEqualTo(3);
        assertThat(bit.source()).isEqualTo(source);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "G",
                "PROXX",
                "PROXY \r\n",
                "PROXY TCP4\r\n",
                "PROXY TCP4 192.0.2.1 198.51.100.7 56324\r\n",
                "PROXY TCP4 192.0.2.1 198.51.100.7 56324 443 \r\n",
                "PROXY TCP4  192.0.2.1 198.51.100.7 56324 443\r\n",
                "PROXY TCP4 192.0.2.1 198.51.100.7 56324 443\n",
                "PROXY TCP4 192.0.2.01 198.51.100.7 56324 443\r\n",
                "PROXY TCP4 192.0.2.256 198.51.100.7 56324 443\r\n",
                "PROXY TCP4 192.0.513 198.51.100.7 56324 443\r\n",
                "PROXY TCP4 ::1 ::2 56324 443\r\n",
                "PROXY TCP4 192.0.2.1 198.51.100.7 65536 443\r\n",
                "PROXY TCP4 192.0.2.1 198.51.100.7 +1 443\r\n",
                "PROXY TCP4 192.0.2.1 198.51.100.7 1 00\r\n",
                "PROXY TCP6 192.0.2.1 198.51.100.7 1 2\r\n",
                "PROXY TCP6 ::1%lo ::2 1 2\r\n",
                "PROXY TCP6 ::1::2 ::2 1 2\r\n",
                "PROXY TCP6 localhost ::2 1 2\r\n",
                "PROXY UDP4 192.0.2.1 198.51.100.7 1 2\r\n",
            })
    void whatIsNoLineOfVersion1IsMalformed(String line) {
        ProxyHeaderParser parser = new ProxyHeaderParser();
        assertThat(parser.parse(ByteBuffer.wrap(text(line)))).isEqualTo(ProxyHeaderParser.MALFORMED);
        assertThat(parser.problem()).isNotEmpty();
        assertThat(parser.source()).isNull();
    }

    @Test
    void aLineWithoutAnEndIsMalformedAtItsBound() {
        String line = "PROXY UNKNOWN " + "x".repeat(200);
        for (int length = 1; length < 107; length++) {
            assertThat(new ProxyHeaderParser().parse(ByteBuffer.wrap(text(line), 0, length)))
                    .isEqualTo(ProxyHeaderParser.NEED_MORE);
        }
        assertThat(new ProxyHeaderParser().parse(ByteBuffer.wrap(text(line), 0, 107)))
                .isEqualTo(ProxyHeaderParser.MALFORMED);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "1111000c" + V4, // version 1 in bytes
                "3111000c" + V4,
                "2211000c" + V4, // a command that isn't there
                "2141000c" + V4, // a family
                "2113000c" + V4, // a transport
                "2111000b" + "c0000201c6336407dc0401", // too short for its addresses
                "21210023" + "0000000000" + "0000000000" + "0000000000" + "0000000000" + "0000000000" + "0000000000"
                        + "0000000000",
                "2111000e" + V4 + "0100", // a TLV that is cut off
                "21110011" + V4 + "0100036832", // one that is longer than the header
                "21110013" + V4 + "03000400000000", // a wrong checksum
                "21110012" + V4 + "030003000000", // one of another length
                "21111000", // more than is taken, told before it comes
                "2111ffff",
            })
    void whatIsNoHeaderOfVersion2IsMalformed(String bytes) {
        ProxyHeaderParser parser = new ProxyHeaderParser();
        assertThat(parser.parse(ByteBuffer.wrap(hex(bytes)))).isEqualTo(ProxyHeaderParser.MALFORMED);
        assertThat(parser.problem()).isNotEmpty();
    }

    @Test
    void pathsThatAreCutOffAreMalformed() {
        byte[] header = hex("213100d7" + "00".repeat(215));
        assertThat(new ProxyHeaderParser().parse(ByteBuffer.wrap(header))).isEqualTo(ProxyHeaderParser.MALFORMED);
    }

    @Test
    void aSignatureIsWrongAtItsFirstWrongByte() {
        byte[] right = hex("2111000c" + V4);
        for (int i = 1; i < 12; i++) {
            byte[] wrong = right.clone();
            wrong[i] ^= 1;
            assertThat(new ProxyHeaderParser().parse(ByteBuffer.wrap(wrong, 0, i + 1)))
                    .isEqualTo(ProxyHeaderParser.MALFORMED);
        }
    }

    /** Nothing that a peer sends is an exception. */
    @Test
    void noiseIsReadOrMalformed() {
        Random dice = new Random(7);
        Object[][] vectors = headers().map(Arguments::get).toArray(Object[][]::new);
        for (int i = 0; i < 50_000; i++) {
            byte[] header = ((byte[]) vectors[i % vectors.length][1]).clone();
            for (int k = dice.nextInt(4); k >= 0; k--) {
                header[dice.nextInt(header.length)] = (byte) dice.nextInt(256);
            }
            int length = new ProxyHeaderParser().parse(ByteBuffer.wrap(header));
            assertThat(length).isBetween(ProxyHeaderParser.MALFORMED, header.length);
        }
    }

    // ---- who may send one

    @Test
    void aNetworkHoldsWhatBeginsAsItDoes() {
        Network eight = Network.parse("10.0.0.0/8");
        assertThat(eight.contains(new InetSocketAddress("10.255.0.1", 1))).isTrue();
        assertThat(eight.contains(new InetSocketAddress("11.0.0.1", 1))).isFalse();
        assertThat(eight.contains(new InetSocketAddress("::a00:1", 1))).isFalse();
        Network odd = Network.parse("192.0.2.128/25");
        assertThat(odd.contains(new InetSocketAddress("192.0.2.129", 1))).isTrue();
        assertThat(odd.contains(new InetSocketAddress("192.0.2.127", 1))).isFalse();
        assertThat(Network.parse("::1").contains(new InetSocketAddress("::1", 1)))
                .isTrue();
        assertThat(Network.parse("0.0.0.0/0").contains(new InetSocketAddress("203.0.113.9", 1)))
                .isTrue();
        assertThat(Network.parse("unix").contains(UnixDomainSocketAddress.of("")))
                .isTrue();
        assertThat(eight.contains(UnixDomainSocketAddress.of(""))).isFalse();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "10.0.0.0/33",
                "::/129",
                "localhost",
                "10.0.0.0/8/8",
                "10.0.0.0/-1",
                "UNIX",
                "1::2::3",
                "10/8",
                "192.168/16",
                "010.0.0.0/8"
            })
    void whatIsNoNetworkIsRefused(String text) {
        assertThatThrownBy(() -> Network.parse(text))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("write one as in 10.0.0.0/8");
    }
}
