package dev.sluice.http;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class Ipv6Test {
    private static boolean isAddress(String text) {
        byte[] bytes = text.getBytes(StandardCharsets.ISO_8859_1);
        return Ipv6.isAddress(ByteBuffer.wrap(bytes), 0, bytes.length);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "::",
                "::1",
                "1::",
                "1::8",
                "1:2:3:4:5:6:7:8",
                "1:2:3:4:5:6:7::",
                "::2:3:4:5:6:7:8",
                "fe80::dead:BEEF",
                "::ffff:192.0.2.1",
                "1:2:3:4:5:6:192.0.2.255",
                "64:ff9b::0.0.0.0"
            })
    void accepts(String address) {
        assertThat(isAddress(address)).isTrue();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                ":",
                ":::",
                ":1",
                "1:",
                "1",
                "1:2:3:4:5:6:7",
                "1:2:3:4:5:6:7:8:9",
                "1::2::3",
                "12345::",
                "g::",
                "::1%1",
                "1:2:3:4:5:6:7:8::",
                "::1.2.3",
                "::1.2.3.4.5",
                "::256.1.1.1",
                "::1.2.3.04",
                "1.2.3.4",
                "1:2:3:4:5:6:7:1.2.3.4",
                "::1 ",
                "1:::2",
                "::1.2.3.",
                "::.1.2.3"
            })
    void refuses(String address) {
        assertThat(isAddress(address)).isFalse();
    }
}
