package dev.sluice.http;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What the parser accepts, and what it refuses with which status. */
@Timeout(value = 60, unit = TimeUnit.SECONDS)
final class RequestParserTest {
    record Refused(int status, String text) {
        byte[] bytes() {
            return text.getBytes(StandardCharsets.ISO_8859_1);
        }

        @Override
        public String toString() {
            return status + " " + Chars.quote(text);
        }
    }

    private static String get(String fields) {
        return "GET / HTTP/1.1\r\nHost: a\r\n" + fields + "\r\n";
    }

    private static String post(String fields, String body) {
        return "POST / HTTP/1.1\r\nHost: a\r\n" + fields + "\r\n" + body;
    }

    private static String chunked(String body) {
        return post("Transfer-Encoding: chunked\r\n", body);
    }

    static List<String> accepted() {
        return List.of(
                get(""),
                "\r\n" + get(""),
                "GET / HTTP/1.0\r\n\r\n",
                "GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n",
                "OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n",
                "GET http://a/ HTTP/1.1\r\nHost: b\r\n\r\n",
                "GET HTTPS://a:443?x HTTP/1.1\r\nHost: b\r\n\r\n",
                "CONNECT a:443 HTTP/1.1\r\nHost: a:443\r\n\r\n",
                "GET /a?b?c/d%20;e=f,g:@!$&'()*+~_-.[]|{}\"<>^`\\ HTTP/1.1\r\nHost: a\r\n\r\n",
                "GET / HTTP/1.1\r\nHOST: [::1]:8080\r\n\r\n",
                "GET / HTTP/1.1\r\nhost:a.example\r\n\r\n",
                "x!#$%&'*+-.^_`|~9 / HTTP/1.1\r\nHost: a\r\n\r\n",
                get("Empty:\r\nBlank:   \r\nTabbed:\tx\ty\t\r\nLatin: caf\u00e9\r\n"),
                get("Connection: close\r\n"),
                get("Connection: Upgrade, Keep-Alive ,close\r\n"),
                get("Expect: 100-Continue\r\n"),
                post("Content-Length: 5\r\n", "hello") + get(""),
                post("Content-Length: 0\r\n", "") + get(""),
                post("Content-Length: 000000000000000005\r\n", "hello"),
                chunked("0\r\n\r\n") + get(""),
                chunked("5\r\nhello\r\n00A\r\n0123456789\r\n0\r\n\r\n") + get(""),
                chunked("5;a;b=c;d=\"e\\\"f;g\" ; h = i\r\nhello\r\n0;x\r\nTrailer: y\r\n\r\n") + get(""),
                post("Transfer-Encoding: CHUNKED\r\n", "1\r\na\r\n0\r\nContent-Length: 99\r\n\r\n") + get(""),
                get("").repeat(20));
    }

    static List<Refused> refused() {
        String long9000 = "a".repeat(9_000);
        return List.of(
                // The request line.
                new Refused(400, "GET  / HTTP/1.1\r\nHost: a\r\n\r\n"),
                new Refused(400, "GET /  HTTP/1.1\r\nHost: a\r\n\r\n"),
                new Refused(400, "GET / HTTP/1.1 \r\nHost: a\r\n\r\n"),
                new Refused(400, " GET / HTTP/1.1\r\nHost: a\r\n\r\n"),
                new Refused(400, "GET\t/ HTTP/1.1\r\nHost: a\r\n\r\n"),
                new Refused(400, "GET / HTTP/1.1\nHost: a\r\n\r\n"),
                new Refused(400, "GET / HTTP/1.1\rHost: a\r\n\r\n"),
                new Refused(400, "\nGET / HTTP/1.1\r\nHost: a\r\n\r\n"),
                new Refused(400, "\r\n\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n"),
                new Refused(400, "\rGET / HTTP/1.1\r\nHost: a\r\n\r\n"),
                new Refused(400, "GET /\r\n\r\n"),
                new Refused(400, "GET HTTP/1.1\r\nHost: a\r\n\r\n"),
                new Refused(400, "GET / http/1.1\r\nHost: a\r\n\r\n"),
                new Refused(400, "GET / HTTP/1\r\nHost: a\r\n\r\n"),
                new Refused(400, "GET / HTTP/1.10\r\nHost: a\r\n\r\n"),
                new Refused(505, "GET / HTTP/2.0\r\nHost: a\r\n\r\n"),
                new Refused(505, "GET / HTTP/1.2\r\nHost: a\r\n\r\n"),
                new Refused(505, "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"),
                new Refused(400, "GET /#a HTTP/1.1\r\nHost: a\r\n\r\n"),
                new Refused(400, "GET /\u00e9 HTTP/1.1\r\nHost: a\r\n\r\n"),
                new Refused(400, "GET /\0 HTTP/1.1\r\nHost: a\r\n\r\n"),
                new Refused(400, "GET /\u007f HTTP/1.1\r\nHost: a\r\n\r\n"),
                new Refused(400, "GET a HTTP/1.1\r\nHost: a\r\n\r\n"),
                new Refused(400, "GET * HTTP/1.1\r\nHost: a\r\n\r\n"),
                new Refused(400, "GET a:80 HTTP/1.1\r\nHost: a\r\n\r\n"),
                new Refused(400, "GET ftp://a/ HTTP/1.1\r\nHost: a\r\n\r\n"),
                new Refused(400, "GET http:///a HTTP/1.1\r\nHost: a\r\n\r\n"),
                new Refused(400, "GET http://u@a/ HTTP/1.1\r\nHost: a\r\n\r\n"),
                new Refused(400, "CONNECT / HTTP/1.1\r\nHost: a\r\n\r\n"),
                new Refused(400, "G\u00c9T / HTTP/1.1\r\nHost: a\r\n\r\n"),
                new Refused(400, "G(T / HTTP/1.1\r\nHost: a\r\n\r\n"),
                new Refused(400, "A".repeat(33) + " / HTTP/1.1\r\nHost: a\r\n\r\n"),
                new Refused(414, "GET /" + long9000 + " HTTP/1.1\r\nHost: a\r\n\r\n"),
                // The fields.
                new Refused(400, "GET / HTTP/1.1\r\n\r\n"),
                new Refused(400, "GET / HTTP/1.1\r\nHost:\r\n\r\n"),
                new Refused(400, "GET / HTTP/1.1\r\nHost: a\r\nHost: a\r\n\r\n"),
                new Refused(400, "GET / HTTP/1.0\r\nHost: a\r\nHost: b\r\n\r\n"),
                new Refused(400, "GET / HTTP/1.1\r\nHost: a,b\r\n\r\n"),
                new Refused(400, "GET / HTTP/1.1\r\nHost: a/b\r\n\r\n"),
                new Refused(400, "GET / HTTP/1.1\r\nHost: a:b\r\n\r\n"),
                new Refused(400, "GET / HTTP/1.1\r\nHost: [::1\r\n\r\n"),
                new Refused(400, "GET / HTTP/1.1\r\nHost: [::g]\r\n\r\n"),
                new Refused(400, "GET / HTTP/1.1\r\n Host: a\r\n\r\n"),
                new Refused(400, get("X : y\r\n")),
                new Refused(400, get("X\t: y\r\n")),
                new Refused(400, get("X: y\r\n z\r\n")),
                new Refused(400, get("X: y\r\n\tz\r\n")),
                new Refused(400, get(": y\r\n")),
                new Refused(400, get("X\r\n")),
                new Refused(400, get("X\u00e9: y\r\n")),
                new Refused(400, get("X(: y\r\n")),
                new Refused(400, get("X: y\nZ: z\r\n")),
                new Refused(400, get("X: y\rZ: z\r\n")),
                new Refused(400, get("X: y\r\r\n")),
                new Refused(400, get("X: y\0\r\n")),
                new Refused(400, get("X: y\u0007\r\n")),
                new Refused(400, get("X: y\u007f\r\n")),
                new Refused(400, "GET / HTTP/1.1\r\nHost: a\r\n\rX"),
                new Refused(431, get("X: " + long9000 + "\r\nY: " + long9000 + "\r\n")),
                new Refused(431, get("X: y\r\n".repeat(100))),
                // The framing.
                new Refused(400, post("Content-Length: +5\r\n", "hello")),
                new Refused(400, post("Content-Length: -5\r\n", "hello")),
                new Refused(400, post("Content-Length: 0x5\r\n", "hello")),
                new Refused(400, post("Content-Length: 5 5\r\n", "hello")),
                new Refused(400, post("Content-Length: 5, 5\r\n", "hello")),
                new Refused(400, post("Content-Length:\r\n", "hello")),
                new Refused(400, post("Content-Length: 5.0\r\n", "hello")),
                new Refused(400, post("Content-Length: \u0665\r\n".replace('\u0665', '\u00b2'), "hello")),
                new Refused(400, post("Content-Length: 9999999999999999999\r\n", "hello")),
                new Refused(400, post("Content-Length: 5\r\nContent-Length: 5\r\n", "hello")),
                new Refused(400, post("Content-Length: 5\r\nContent-Length: 6\r\n", "hello")),
                new Refused(400, post("Content-Length: 5\r\nTransfer-Encoding: chunked\r\n", "0\r\n\r\n")),
                new Refused(400, post("Transfer-Encoding: chunked\r\nContent-Length: 5\r\n", "0\r\n\r\n")),
                new Refused(400, post("Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n", "0\r\n\r\n")),
                new Refused(400, post("Transfer-Encoding: identity\r\n", "hello")),
                new Refused(400, post("Transfer-Encoding: xchunked\r\n", "0\r\n\r\n")),
                new Refused(400, post("Transfer-Encoding: chunked, identity\r\n", "0\r\n\r\n")),
                new Refused(400, post("Transfer-Encoding: \"chunked\"\r\n", "0\r\n\r\n")),
                new Refused(400, post("Transfer-Encoding:\r\n", "0\r\n\r\n")),
                new Refused(400, post("Transfer-Encoding: \u000bchunked\r\n", "0\r\n\r\n")),
                new Refused(501, post("Transfer-Encoding: gzip, chunked\r\n", "0\r\n\r\n")),
                new Refused(400, "POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"),
                // The chunks.
                new Refused(400, chunked("\r\n\r\n")),
                new Refused(400, chunked("0x5\r\nhello\r\n0\r\n\r\n")),
                new Refused(400, chunked("+5\r\nhello\r\n0\r\n\r\n")),
                new Refused(400, chunked("5_0\r\nhello\r\n0\r\n\r\n")),
                new Refused(400, chunked(" 5\r\nhello\r\n0\r\n\r\n")),
                new Refused(400, chunked("5 \r\nhello\r\n0\r\n\r\n")),
                new Refused(400, chunked("5\nhello\r\n0\r\n\r\n")),
                new Refused(400, chunked("5\rhello\r\n0\r\n\r\n")),
                new Refused(400, chunked("5\r\nhello0\r\n\r\n")),
                new Refused(400, chunked("5\r\nhello\n0\r\n\r\n")),
                new Refused(400, chunked("5\r\nhello\r0\r\n\r\n")),
                new Refused(400, chunked("FFFFFFFFFFFFFFFF\r\n")),
                new Refused(400, chunked("0000000000000005\r\nhello\r\n0\r\n\r\n")),
                new Refused(413, chunked("40000001\r\n")),
                new Refused(400, chunked("5;\nhello\r\n0\r\n\r\n")),
                new Refused(400, chunked("5;a=\"b\nc\"\r\nhello\r\n0\r\n\r\n")),
                new Refused(400, chunked("5;a=\"b\r\nhello\r\n0\r\n\r\n")),
                new Refused(400, chunked("5;a=\r\nhello\r\n0\r\n\r\n")),
                new Refused(400, chunked("5;\r\nhello\r\n0\r\n\r\n")),
                new Refused(400, chunked("5;a=b c\r\nhello\r\n0\r\n\r\n")),
                new Refused(400, chunked("5;" + "a".repeat(300) + "\r\nhello\r\n0\r\n\r\n")),
                new Refused(400, chunked(("1;" + "a".repeat(200) + "\r\nx\r\n").repeat(100) + "0\r\n\r\n")),
                new Refused(400, chunked("0\r\nX : y\r\n\r\n")),
                new Refused(400, chunked("0\r\n X: y\r\n\r\n")),
                new Refused(400, chunked("0\r\nX: y\n\r\n")),
                new Refused(400, chunked("0\r\nX: \0\r\n\r\n")),
                new Refused(400, chunked("0\r\n\rX")),
                new Refused(431, chunked("0\r\nX: " + long9000 + long9000 + "\r\n\r\n")),
                new Refused(431, chunked("0\r\n" + "X: y\r\n".repeat(101) + "\r\n")));
    }

    @ParameterizedTest
    @MethodSource("accepted")
    void accepts(String text) {
        Wire wire = Wire.of(text);
        assertThat(wire.status()).as(wire.problem()).isZero();
        assertThat(wire.messages()).isNotEmpty().allMatch(message -> message.complete);
    }

    @ParameterizedTest
    @MethodSource("refused")
    void refuses(Refused refused) {
        Wire wire = new Wire();
        wire.feed(refused.bytes());
        assertThat(wire.status()).as(wire.toString()).isEqualTo(refused.status());
        assertThat(wire.problem()).isNotEmpty();
    }

    @Test
    void takesARequestApart() {
        Wire.Message message = Wire.of("PUT /a%20b?c=d&e HTTP/1.1\r\nHost: h:1\r\nX-A:  1 \r\nx-a: 2\r\n"
                        + "Content-Length: 3\r\n\r\nabcGET ")
                .messages()
                .getFirst();
        assertThat(message.method).isEqualTo("PUT");
        assertThat(message.target).isEqualTo("/a%20b?c=d&e");
        assertThat(message.path).isEqualTo("/a%20b");
        assertThat(message.query).isEqualTo("c=d&e");
        assertThat(message.host).isEqualTo("h:1");
        assertThat(message.fields)
                .containsExactly(
                        new Headers.Field("Host", "h:1"),
                        new Headers.Field("X-A", "1"),
                        new Headers.Field("x-a", "2"),
                        new Headers.Field("Content-Length", "3"));
        assertThat(message.body.toString(StandardCharsets.ISO_8859_1)).isEqualTo("abc");
        assertThat(message.keepAlive).isTrue();
    }

    @Test
    void knowsWhetherTheConnectionLivesOn() {
        assertThat(keepsAlive("HTTP/1.1", "")).isTrue();
        assertThat(keepsAlive("HTTP/1.1", "Connection: close\r\n")).isFalse();
        assertThat(keepsAlive("HTTP/1.1", "Connection: a, CLOSE\r\n")).isFalse();
        assertThat(keepsAlive("HTTP/1.1", "Connection: closed\r\n")).isTrue();
        assertThat(keepsAlive("HTTP/1.0", "")).isFalse();
        assertThat(keepsAlive("HTTP/1.0", "Connection: Keep-Alive\r\n")).isTrue();
        assertThat(keepsAlive("HTTP/1.0", "Connection: keep-alive\r\nConnection: close\r\n"))
                .isFalse();
    }

    private static boolean keepsAlive(String version, String fields) {
        return Wire.of("GET / " + version + "\r\nHost: a\r\n" + fields + "\r\n")
                .messages()
                .getFirst()
                .keepAlive;
    }

    @Test
    void anAbsoluteTargetSaysWhatTheHostIs() {
        Wire.Message message = Wire.of("GET http://real:8080/p?q HTTP/1.1\r\nHost: other\r\n\r\n")
                .messages()
                .getFirst();
        assertThat(message.host).isEqualTo("real:8080");
        assertThat(message.path).isEqualTo("/p");
        assertThat(message.query).isEqualTo("q");
    }

    /** In every place of a text of each length, at the buffer's end and before it. */
    @Test
    void aKnownTextIsToldFromAllOthers() {
        String text = "abcdefgh-10-ijklmnopqrst";
        for (int length = 1; length <= text.length(); length++) {
            String known = text.substring(0, length);
            Literal literal = Literal.of(known);
            for (int at = 0; at < length; at++) {
                for (int c = ' '; c < 256; c++) {
                    byte[] bytes = (known + "12345678").getBytes(StandardCharsets.ISO_8859_1);
                    bytes[at] = (byte) c;
                    boolean same = new String(bytes, 0, length, StandardCharsets.ISO_8859_1).equalsIgnoreCase(known);
                    assertThat(literal.is(ByteBuffer.wrap(bytes), 0, length)).isEqualTo(same);
                    assertThat(literal.is(ByteBuffer.wrap(bytes, 0, length), 0, length))
                            .isEqualTo(same);
                }
            }
            ByteBuffer in = ByteBuffer.wrap((known + "x").getBytes(StandardCharsets.ISO_8859_1));
            assertThat(literal.is(in, 0, length + 1)).isFalse();
            assertThat(literal.is(in, 0, length - 1)).isFalse();
            assertThat(literal.is(in, 0)).isTrue();
        }
    }

    @Test
    void wordsAndBytesAgreeOnWhereThingsEnd() {
        for (int c = 0; c < 256; c++) {
            for (int at = 0; at < 20; at++) {
                byte[] bytes = "abcdefghijklmnopqrst".getBytes(StandardCharsets.ISO_8859_1);
                bytes[at] = (byte) c;
                ByteBuffer in = ByteBuffer.wrap(bytes);
                boolean ofTarget = c > ' ' && c < 0x7f && c != '#';
                boolean ofValue = c >= ' ' && c != 0x7f || c == '\t';
                assertThat(Swar.targetEnd(in, 0, 20)).isEqualTo(ofTarget ? 20 : at);
                assertThat(Swar.control(in, 0, 20)).isEqualTo(ofValue ? 20 : at);
                assertThat(Swar.tokenEnd(in, 0, 20)).isEqualTo(Chars.TOKEN[c] ? 20 : at);
                boolean ofHost = c < 0x80 && Character.isLetterOrDigit(c) || c == '-' || c == '.';
                assertThat(Swar.hostEnd(in, 0, 20)).isEqualTo(ofHost ? 16 : Math.min(at, 16));
                assertThat(Swar.find(in, 0, 20, '?')).isEqualTo(c == '?' ? at : 20);
            }
        }
    }
}
