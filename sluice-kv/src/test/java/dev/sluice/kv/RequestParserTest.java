package dev.sluice.kv;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Requests, whole and in pieces, and what is none. */
class RequestParserTest {
    private static final int MOST = 512 << 20;

    private static List<List<String>> parse(RequestParser parser, String text, boolean stranger)
            throws ProtocolException {
        parser.fill(ByteBuffer.wrap(text.getBytes(StandardCharsets.ISO_8859_1)));
        List<List<String>> all = new ArrayList<>();
        while (parser.next(MOST, stranger)) {
            List<String> one = new ArrayList<>();
            for (int i = 0; i < parser.arguments.count(); i++) {
                one.add(parser.arguments.text(i));
            }
            all.add(one);
        }
        return all;
    }

    private static List<List<String>> parse(String text) throws ProtocolException {
        return parse(new RequestParser(16), text, false);
    }

    private static final String MIXED =
            "*2\r\n$3\r\nGET\r\n$1\r\nk\r\nPING\r\n*0\r\n*-1\r\n\r\n*3\r\n$3\r\nSET\r\n$0\r\n\r\n$4\r\na\r\nb\r\n"
                    + "SET \"a b\\n\\x41\" 'it\\'s'\n   \r\n*1\r\n$4\r\nPING\r\n";

    private static final List<List<String>> MIXED_REQUESTS = List.of(
            List.of("GET", "k"),
            List.of("PING"),
            List.of("SET", "", "a\r\nb"),
            List.of("SET", "a b\nA", "it's"),
            List.of("PING"));

    @Test
    void pipelinedArraysAndLines() throws Exception {
        assertThat(parse(MIXED)).isEqualTo(MIXED_REQUESTS);
    }

    @Test
    void splitAtEveryByte() throws Exception {
        for (int split = 0; split <= MIXED.length(); split++) {
            RequestParser parser = new RequestParser(4);
            List<List<String>> all = new ArrayList<>(parse(parser, MIXED.substring(0, split), false));
            all.addAll(parse(parser, MIXED.substring(split), false));
            assertThat(all).as("split at " + split).isEqualTo(MIXED_REQUESTS);
            assertThat(parser.pending()).isZero();
        }
    }

    @Test
    void oneByteAtATimeAndHandedOver() throws Exception {
        RequestParser parser = new RequestParser(4);
        List<List<String>> all = new ArrayList<>();
        for (int i = 0; i < MIXED.length(); i++) {
            all.addAll(parse(parser, MIXED.substring(i, i + 1), false));
            RequestParser next = new RequestParser(4);
            next.take(parser);
            parser = next;
        }
        assertThat(all).isEqualTo(MIXED_REQUESTS);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "*x~|invalid multibulk length",
                "*1048577~|invalid multibulk length",
                "*99999999999999999999~|invalid multibulk length",
                "*1~+3~|expected '$', got '+'",
                "*1~$-1~|invalid bulk length",
                "*1~$x~|invalid bulk length",
                "*1~$536870913~|invalid bulk length",
                "*1~$99999999999999~|invalid bulk length",
                "SET \"a~|unbalanced quotes in request",
                "SET \"a\"b~|unbalanced quotes in request",
                "SET 'a~|unbalanced quotes in request",
            })
    void whatIsNoRequest(String text, String error) {
        assertThatThrownBy(() -> parse(text.replace("~", "\r\n"))).hasMessage(error);
    }

    @ParameterizedTest
    @ValueSource(strings = {"*", "*1\r\n$", "GET "})
    void endlessLines(String begin) {
        assertThatThrownBy(() -> parse(begin + "1".repeat(RequestParser.LINE_BYTES + 1)))
                .isInstanceOf(ProtocolException.class)
                .hasMessageStartingWith("too big ");
    }

    @Test
    void strangersSayLittle() throws Exception {
        assertThat(parse(new RequestParser(16), "*10\r\n$1\r\na\r\n", true)).isEmpty();
        assertThatThrownBy(() -> parse(new RequestParser(16), "*11\r\n", true))
                .hasMessage("unauthenticated multibulk length");
        assertThatThrownBy(() -> parse(new RequestParser(16), "*1\r\n$16385\r\n", true))
                .hasMessage("unauthenticated bulk length");
    }

    @Test
    void whatIsAnnouncedReservesNothing() throws Exception {
        RequestParser parser = new RequestParser(64);
        assertThat(parse(parser, "*1048576\r\n$536870912\r\nabc", false)).isEmpty();
        assertThat(parser.capacity()).isLessThan(256);
    }

    @Test
    void manyArgumentsInManyPiecesTakeLinearTime() throws Exception {
        RequestParser parser = new RequestParser(64);
        String element = "$1\r\nx\r\n";
        parse(parser, "*1000000\r\n", false);
        String piece = element.repeat(1000);
        int commands = 0;
        long begun = System.nanoTime();
        for (int i = 0; i < 1000; i++) {
            commands += parse(parser, piece, false).size();
        }
        assertThat(commands).isOne();
        assertThat(System.nanoTime() - begun).isLessThan(10_000_000_000L); // quadratic: minutes
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3})
    void garbageEndsInAnErrorOrWaits(long seed) {
        Random random = new Random(seed);
        String alphabet = "*$0123456789\r\n\"'\\x ab\u0000\u00ff-+";
        for (int round = 0; round < 20_000; round++) {
            StringBuilder text = new StringBuilder();
            for (int i = random.nextInt(60); i > 0; i--) {
                text.append(alphabet.charAt(random.nextInt(alphabet.length())));
            }
            assertThat(outcome(text.toString(), random)).isEqualTo(outcome(text.toString(), null));
        }
    }

    /** What comes of it: in pieces the same as at once. */
    private static String outcome(String text, @Nullable Random pieces) {
        RequestParser parser = new RequestParser(8);
        List<List<String>> all = new ArrayList<>();
        try {
            int at = 0;
            while (at < text.length()) {
                int to = pieces == null ? text.length() : at + 1 + pieces.nextInt(text.length() - at);
                parser.fill(ByteBuffer.wrap(text.substring(at, to).getBytes(StandardCharsets.ISO_8859_1)));
                while (parser.next(MOST, false)) {
                    List<String> one = new ArrayList<>();
                    for (int i = 0; i < parser.arguments.count(); i++) {
                        one.add(parser.arguments.text(i));
                    }
                    all.add(one);
                }
                at = to;
            }
            return all.toString();
        } catch (ProtocolException e) {
            return all + " then " + e.getMessage();
        }
    }
}
