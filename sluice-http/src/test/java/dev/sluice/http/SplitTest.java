package dev.sluice.http;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** However input is cut into pieces, it is parsed to the same. */
@Timeout(value = 60, unit = TimeUnit.SECONDS)
final class SplitTest {
    private static final byte[] LINE_ENDS = "\r\n\r\n".getBytes(StandardCharsets.ISO_8859_1);

    /** Bytes with a short name. */
    record Input(byte[] bytes) {
        @Override
        public String toString() {
            return Chars.quote(new String(bytes, StandardCharsets.ISO_8859_1));
        }
    }

    /**
     * Every input that the other tests know, with lines' ends behind it: a line that will never end may be refused
     * early or late, depending on how it came.
     */
    static Stream<Input> inputs() {
        List<byte[]> inputs = new ArrayList<>();
        LlhttpTest.vectors().forEach(vector -> inputs.add(vector.input()));
        Http11Case.load().forEach(probe -> inputs.add(probe.requestTo("localhost")));
        RequestParserTest.accepted().forEach(text -> inputs.add(text.getBytes(StandardCharsets.ISO_8859_1)));
        RequestParserTest.refused().forEach(refused -> inputs.add(refused.bytes()));
        return inputs.stream().map(input -> new Input(ended(input)));
    }

    private static byte[] ended(byte[] input) {
        byte[] ended = Arrays.copyOf(input, input.length + LINE_ENDS.length);
        System.arraycopy(LINE_ENDS, 0, ended, input.length, LINE_ENDS.length);
        return ended;
    }

    @ParameterizedTest
    @MethodSource("inputs")
    void inTwo(Input given) {
        byte[] input = given.bytes();
        String whole = Wire.of(input).toString();
        int step = Math.max(1, input.length / 2_000);
        for (int cut = 1; cut < input.length; cut += step) {
            Wire wire = new Wire();
            wire.feed(Arrays.copyOf(input, cut));
            wire.feed(Arrays.copyOfRange(input, cut, input.length));
            assertThat(wire.toString()).as("cut at " + cut).isEqualTo(whole);
        }
    }

    @ParameterizedTest
    @MethodSource("inputs")
    void byteByByte(Input given) {
        byte[] input = given.bytes();
        String whole = Wire.of(input).toString();
        Wire wire = new Wire();
        for (int at = 0; at < input.length && wire.status() == 0; at++) {
            wire.feed(new byte[] {input[at]});
        }
        assertThat(wire.toString()).isEqualTo(whole);
    }

    @Test
    void whatWasSearchedIsNotReadAgain() {
        String head = "GET /" + "a".repeat(500) + " HTTP/1.1\r\nHost: a\r\nX-Long: " + "v".repeat(500) + "\r\n\r\n";
        byte[] bytes = head.getBytes(StandardCharsets.ISO_8859_1);
        RequestParser parser = new RequestParser(HttpLimits.standard());
        RequestHead found = new RequestHead();
        int lineStart = 0;
        for (int length = 1; length <= bytes.length; length++) {
            boolean lineEnds = bytes[length - 1] == '\n';
            // Where a line is not complete yet, only its last two bytes may be looked at; complete lines never again.
            // The method is looked at until there are more bytes than a method has.
            byte[] offered = Arrays.copyOf(bytes, length);
            if (length > 34) {
                Arrays.fill(offered, 0, lineEnds ? lineStart : length - 2, (byte) 0);
            }
            int verdict = parser.parse(ByteBuffer.wrap(offered), found);
            assertThat(verdict)
                    .as("%s bytes: %s", length, parser.problem())
                    .isEqualTo(length == bytes.length ? RequestParser.DONE : RequestParser.NEED_MORE);
            lineStart = lineEnds ? length : lineStart;
        }
        assertThat(found.fieldCount()).isEqualTo(2);
    }
}
