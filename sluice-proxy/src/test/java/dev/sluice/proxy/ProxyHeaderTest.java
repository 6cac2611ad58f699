package dev.sluice.proxy;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.UnixDomainSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The headers of the PROXY protocol, byte by byte as its specification has them. */
@Timeout(60)
class ProxyHeaderTest {
    private static final String SIGNATURE = "0d0a0d0a000d0a515549540a";

    private static String text(InetSocketAddress from, InetSocketAddress to) {
        return new String(ProxyHeader.V1.of(from, (SocketAddress) to), StandardCharsets.US_ASCII);
    }

    private static String hex(SocketAddress from, SocketAddress to) {
        return HexFormat.of().formatHex(ProxyHeader.V2.of(from, to));
    }

    @Test
    void bothFamiliesInBothVersions() {
        InetSocketAddress from = new InetSocketAddress("192.0.2.1", 56324);
        InetSocketAddress to = new InetSocketAddress("198.51.100.7", 443);
        assertThat(text(from, to)).isEqualTo("PROXY TCP4 192.0.2.1 198.51.100.7 56324 443\r\n");
        assertThat(hex(from, to)).isEqualTo(SIGNATURE + "2111000c" + "c0000201" + "c6336407" + "dc04" + "01bb");
        InetSocketAddress from6 = new InetSocketAddress("2001:db8::1", 1);
        InetSocketAddress to6 = new InetSocketAddress("2001:db8::2", 65535);
        assertThat(text(from6, to6)).isEqualTo("PROXY TCP6 2001:db8:0:0:0:0:0:1 2001:db8:0:0:0:0:0:2 1 65535\r\n");
        assertThat(hex(from6, to6))
                .isEqualTo(SIGNATURE + "21210024" + "20010db8000000000000000000000001"
                        + "20010db8000000000000000000000002" + "0001" + "ffff");
    }

    @Test
    void whatHasNoAddressInCommonIsUnknown() {
        InetSocketAddress to = new InetSocketAddress("198.51.100.7", 443);
        UnixDomainSocketAddress unix = UnixDomainSocketAddress.of("/run/x");
        assertThat(hex(unix, to)).isEqualTo(SIGNATURE + "21000000");
        assertThat(ProxyHeader.V1.of(unix, to)).asString().isEqualTo("PROXY UNKNOWN\r\n");
        assertThat(text(new InetSocketAddress("2001:db8::1", 1), to)).isEqualTo("PROXY UNKNOWN\r\n");
    }

    @ParameterizedTest
    @MethodSource("dev.sluice.proxy.ProxyModels#all")
    void aBackEndHearsItFirstAndForEachClient(String model) throws IOException {
        ProxyOptions options = ProxyOptions.standard().withPreamble(ProxyHeader.V1);
        try (Scripted server = new Scripted((wire, self) -> {
                    String head = self.request(wire);
                    String line = head.substring(0, head.indexOf('\r'));
                    wire.send("HTTP/1.1 200 OK\r\nContent-Length: " + line.length() + "\r\n\r\n" + line);
                });
                Proxied proxy = Proxied.on(model, options, server.address())) {
            for (int i = 0; i < 2; i++) {
                assertThat(proxy.get().body())
                        .matches("PROXY TCP4 127\\.0\\.0\\.1 127\\.0\\.0\\.1 \\d+ " + proxy.port());
            }
        }
    }
}
