package dev.sluice.http;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * llhttp's own vectors of responses. What it finds we must find, what it refuses we must refuse; {@link
 * LlhttpDifferences#RESPONSE_REASONS} lists the exceptions, and a listed case that agrees after all is a failure too.
 */
@Timeout(value = 60, unit = TimeUnit.SECONDS)
final class LlhttpResponseTest {
    private static final Map<String, String> DIFFERENT = LlhttpDifferences.RESPONSE_REASONS;

    private static final List<String> FILES = List.of(
            "response/connection.md",
            "response/content-length.md",
            "response/finish.md",
            "response/invalid.md",
            "response/pausing.md",
            "response/pipelining.md",
            "response/sample.md",
            "response/transfer-encoding.md");

    private static final Pattern BODY = Pattern.compile("off=(\\d+) len=(\\d+) span\\[body].*");
    private static final Pattern HEAD = Pattern.compile("off=\\d+ headers complete status=(\\d+).*");

    static Stream<LlhttpVector> vectors() {
        return LlhttpVector.strict(FILES);
    }

    /** Responses that were found: status, body, and whether the body's end was. */
    private record Found(List<String> messages, boolean refused, boolean paused, String why) {}

    private static Found expected(LlhttpVector vector) {
        List<String> messages = new ArrayList<>();
        String status = "";
        ByteArrayOutputStream body = new ByteArrayOutputStream();
        boolean refused = false;
        boolean paused = false;
        String why = "";
        for (String line : vector.log()) {
            Matcher span = BODY.matcher(line);
            Matcher head = HEAD.matcher(line);
            Matcher error = LlhttpVector.ERROR.matcher(line);
            if (span.matches()) {
                body.write(vector.input(), Integer.parseInt(span.group(1)), Integer.parseInt(span.group(2)));
            } else if (head.matches()) {
                status = head.group(1);
                body.reset();
            } else if (line.contains("message complete")) {
                messages.add(status + " " + body.toString(StandardCharsets.ISO_8859_1));
                status = "";
            } else if (error.matches()) {
                int code = Integer.parseInt(error.group(2));
                paused = LlhttpVector.PAUSES.contains(code);
                refused = !paused && code != LlhttpVector.CLOSED_CONNECTION;
                why = error.group(3);
            }
        }
        if (!status.isEmpty() && !refused) {
            messages.add(status + " " + body.toString(StandardCharsets.ISO_8859_1) + "…");
        }
        return new Found(messages, refused, paused, why);
    }

    /** Reads responses as a client does that asked for all of them with GET. */
    private static Found found(byte[] input) {
        ResponseParser parser = new ResponseParser(HttpLimits.standard());
        ResponseHead head = new ResponseHead();
        List<String> messages = new ArrayList<>();
        ByteBuffer in = ByteBuffer.wrap(input);
        while (true) {
            int verdict = parser.parse(in, head);
            if (verdict != HeadParser.DONE) {
                return new Found(messages, verdict < 0, false, parser.problem());
            }
            BodyDecoder decoder = BodyDecoder.of(head.contentLength, HttpLimits.standard());
            ByteArrayOutputStream body = new ByteArrayOutputStream();
            int there = decoder.available(in);
            while (there >= 0) {
                byte[] bytes = new byte[there];
                in.get(bytes);
                body.writeBytes(bytes);
                decoder.consumed(there);
                there = decoder.available(in);
            }
            if (there < BodyDecoder.END) {
                return new Found(messages, true, false, decoder.problem());
            }
            boolean ended = there == BodyDecoder.END;
            messages.add(head.status() + " " + body.toString(StandardCharsets.ISO_8859_1) + (ended ? "" : "…"));
            if (!ended || !head.keepAlive) {
                return new Found(messages, false, false, "");
            }
        }
    }

    private static String difference(LlhttpVector vector) {
        Found expected = expected(vector);
        Found found = found(vector.input());
        if (expected.refused != found.refused && !expected.paused) {
            return found.refused
                    ? "we refuse: " + found.why
                    : "llhttp refuses: " + expected.why + "; we found " + found.messages;
        }
        List<String> messages = found.messages;
        if (expected.paused && messages.size() > expected.messages.size()) {
            messages = messages.subList(0, expected.messages.size());
        }
        return messages.equals(expected.messages)
                ? ""
                : "llhttp found " + expected.messages + "; we found " + found.messages;
    }

    @ParameterizedTest
    @MethodSource("vectors")
    void agreesOrIsListed(LlhttpVector vector) {
        vector.assertAgreesOrIsListed(difference(vector), DIFFERENT);
    }

    @Test
    void findsEveryVector() {
        List<String> names = vectors().map(LlhttpVector::name).toList();
        assertThat(names).hasSizeGreaterThan(40).containsAll(DIFFERENT.keySet());
    }
}
