package dev.sluice.http;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
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
 * llhttp's own vectors. What it finds we must find, what it refuses we must refuse; {@link #DIFFERENT} lists the
 * exceptions with their reasons, and a listed case that agrees after all is a failure too.
 *
 * <p>llhttp checks no Host, so one is added to a request that has none.
 */
@Timeout(value = 60, unit = TimeUnit.SECONDS)
final class LlhttpTest {
    private static final Map<String, String> DIFFERENT = LlhttpDifferences.REASONS;

    private static final List<String> FILES = List.of(
            "request/connection.md",
            "request/content-length.md",
            "request/finish.md",
            "request/invalid.md",
            "request/method.md",
            "request/pausing.md",
            "request/pipelining.md",
            "request/sample.md",
            "request/transfer-encoding.md",
            "request/uri.md");

    private static final Pattern SPAN = Pattern.compile("off=(\\d+) len=(\\d+) span\\[(\\w+)].*");
    private static final Pattern URL_SPAN = Pattern.compile("off=(\\d+) len=(\\d+) span\\[url\\.(\\w+)].*");

    static Stream<LlhttpVector> vectors() {
        return LlhttpVector.strict(FILES);
    }

    /** What the log says that there is. */
    private record Expected(List<String> messages, int errorCode, String reason) {}

    private static Expected expected(LlhttpVector vector) {
        List<String> messages = new ArrayList<>();
        StringBuilder head = new StringBuilder();
        ByteArrayOutputStream body = new ByteArrayOutputStream();
        int code = 0;
        String reason = "";
        String previous = "";
        for (String line : vector.log()) {
            Matcher span = SPAN.matcher(line);
            Matcher error = LlhttpVector.ERROR.matcher(line);
            if (span.matches()) {
                int from = Integer.parseInt(span.group(1));
                int length = Integer.parseInt(span.group(2));
                String kind = span.group(3);
                String text = new String(vector.input(), from, length, StandardCharsets.ISO_8859_1);
                if (kind.equals("body")) {
                    body.writeBytes(text.getBytes(StandardCharsets.ISO_8859_1));
                } else if (kind.equals("method") || kind.equals("url")) {
                    head.append(kind.equals(previous) ? "" : kind.equals("url") ? " " : "")
                            .append(text);
                }
                previous = kind;
            } else if (line.contains("message begin")) {
                head.setLength(0);
                body.reset();
                previous = "";
            } else if (line.contains("message complete")) {
                messages.add(head + " " + body.toString(StandardCharsets.ISO_8859_1));
                head.setLength(0);
                body.reset();
            } else if (error.matches()) {
                code = Integer.parseInt(error.group(2));
                reason = error.group(3);
            }
        }
        return new Expected(messages, code, reason);
    }

    private static List<String> found(Wire wire) {
        return wire.messages().stream()
                .filter(message -> message.complete)
                .map(message -> message.method + " " + message.target + " "
                        + message.body.toString(StandardCharsets.ISO_8859_1))
                .toList();
    }

    /** Parses, adding a Host where none is. */
    private static Wire parse(byte[] input) {
        String text = new String(input, StandardCharsets.ISO_8859_1);
        while (true) {
            Wire wire = Wire.of(text);
            if (!wire.problem().equals("no Host")) {
                return wire;
            }
            int line = text.indexOf("\r\n", (int) wire.consumed() + (text.startsWith("\r\n") ? 2 : 0));
            text = text.substring(0, line) + "\r\nHost: added" + text.substring(line);
        }
    }

    /** What differs, or an empty text. */
    private static String difference(LlhttpVector vector) {
        Expected expected = expected(vector);
        Wire wire = parse(vector.input());
        boolean refused = wire.status() != 0;
        boolean unknownMethod = wire.messages().stream().anyMatch(message -> !message.implemented);
        boolean paused = LlhttpVector.PAUSES.contains(expected.errorCode);
        boolean mustRefuse = expected.errorCode != 0 && expected.errorCode != LlhttpVector.CLOSED_CONNECTION && !paused;
        if (mustRefuse && expected.reason.toLowerCase(Locale.ROOT).contains("method") && unknownMethod) {
            return "";
        }
        if (mustRefuse != refused && !paused) {
            return refused
                    ? "we refuse: " + wire.status() + " " + wire.problem()
                    : "llhttp refuses: " + expected.reason + "; we found " + wire;
        }
        List<String> found = found(wire);
        if (paused && found.size() > expected.messages.size()) {
            found = found.subList(0, expected.messages.size());
        }
        return found.equals(expected.messages) ? "" : "llhttp found " + expected.messages + "; we found " + found;
    }

    @ParameterizedTest
    @MethodSource("vectors")
    void agreesOrIsListed(LlhttpVector vector) {
        vector.assertAgreesOrIsListed(difference(vector), DIFFERENT);
    }

    static Stream<LlhttpVector> urls() {
        return LlhttpVector.load("url.md").stream();
    }

    /**
     * A target that llhttp takes apart must be parsed, its path and query where llhttp finds them; the others refused.
     */
    private static String urlDifference(LlhttpVector vector) {
        Map<String, String> parts = new HashMap<>();
        boolean mustRefuse = false;
        for (String line : vector.log()) {
            Matcher span = URL_SPAN.matcher(line);
            if (span.matches()) {
                int from = Integer.parseInt(span.group(1));
                parts.put(
                        span.group(3),
                        new String(vector.input(), from, Integer.parseInt(span.group(2)), StandardCharsets.ISO_8859_1));
            }
            mustRefuse |= line.contains("error code");
        }
        String url = new String(vector.input(), StandardCharsets.ISO_8859_1);
        String method = parts.isEmpty() || parts.containsKey("schema") || url.startsWith("/") ? "GET" : "CONNECT";
        Wire wire = Wire.of(method + " " + url + " HTTP/1.1\r\nHost: a\r\n\r\n");
        if (mustRefuse != (wire.status() != 0)) {
            return mustRefuse ? "llhttp refuses; we found " + wire : "we refuse: " + wire.problem();
        }
        if (mustRefuse || method.equals("CONNECT")) {
            return "";
        }
        Wire.Message message = wire.messages().getFirst();
        boolean same = message.path.equals(parts.getOrDefault("path", "/"))
                && message.query.equals(parts.getOrDefault("query", ""))
                && message.host.equals(parts.getOrDefault("host", "a"));
        return same ? "" : "llhttp found " + parts + "; we found " + message.host + message.path + "?" + message.query;
    }

    @ParameterizedTest
    @MethodSource("urls")
    void takesTargetsApartOrIsListed(LlhttpVector vector) {
        vector.assertAgreesOrIsListed(urlDifference(vector), LlhttpDifferences.URL_REASONS);
    }

    /** Counted in the files by hand: what is left out are llhttp's lenient modes, which nobody else has. */
    @Test
    void findsEveryVector() {
        List<String> names = vectors().map(LlhttpVector::name).toList();
        assertThat(names).hasSize(135).containsAll(DIFFERENT.keySet());
        List<LlhttpVector> all =
                FILES.stream().flatMap(file -> LlhttpVector.load(file).stream()).toList();
        assertThat(all).hasSize(156);
        assertThat(all.stream().map(LlhttpVector::type).filter(type -> !type.startsWith("request-lenient-")))
                .hasSize(135)
                .allMatch(type -> type.equals("request") || type.equals("request-finish"));
        assertThat(urls().map(LlhttpVector::name)).hasSize(21).containsAll(LlhttpDifferences.URL_REASONS.keySet());
    }
}
