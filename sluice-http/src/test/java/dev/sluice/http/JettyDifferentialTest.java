package dev.sluice.http;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Fuzzes our parser against jetty-http's. Where both accept, they must find the same requests. Where we refuse and
 * jetty doesn't, the reason must be one of the listed kinds of strictness; where jetty refuses and we don't, one of the
 * listed kinds of its own. {@code -Dsluice.fuzz.seed} repeats a run.
 */
@Timeout(value = 300, unit = TimeUnit.SECONDS)
final class JettyDifferentialTest {
    private static final byte[] LINE_ENDS = "\r\n\r\n".getBytes(StandardCharsets.ISO_8859_1);
    private static final String[] SNIPPETS = {
        "\r\n",
        "\n",
        "\r",
        " ",
        "\t",
        ":",
        ",",
        ";",
        "\0",
        "\u007f",
        "\u00e9",
        "#",
        "?",
        "*",
        "//",
        "%",
        "\"",
        "\\",
        "Content-Length: 3\r\n",
        "Content-Length: 0\r\n",
        "content-length:5\r\n",
        "Content-Length: +3\r\n",
        "Transfer-Encoding: chunked\r\n",
        "transfer-encoding:\tchunked \r\n",
        "Transfer-Encoding: gzip, chunked\r\n",
        "Host: a\r\n",
        "Host: b:80\r\n",
        "Host: [::1]\r\n",
        "Connection: close\r\n",
        "Connection: keep-alive\r\n",
        "Expect: 100-continue\r\n",
        "X: y\r\n z\r\n",
        "X : y\r\n",
        "3\r\nabc\r\n",
        "0\r\n\r\n",
        "3;a=b\r\nabc\r\n",
        "GET / HTTP/1.1\r\n",
        "POST /x HTTP/1.1\r\n",
        "GET / HTTP/1.0\r\n",
        "HTTP/1.1",
        "HTTP/1.0",
        "HTTP/2.0",
        "0",
        "5",
        "A",
        "f",
    };

    private static final int ITERATIONS =
            System.getProperty("sluice.tier", "plain").equals("full") ? 1_000_000 : 60_000;

    /** How often a refusal of ours was met. */
    private final Map<String, Integer> stricter = new TreeMap<>();

    private static List<byte[]> corpus() {
        List<byte[]> corpus = new ArrayList<>();
        LlhttpTest.vectors().forEach(vector -> corpus.add(vector.input()));
        Http11Case.load().forEach(probe -> corpus.add(probe.requestTo("localhost")));
        RequestParserTest.accepted().forEach(text -> corpus.add(text.getBytes(StandardCharsets.ISO_8859_1)));
        RequestParserTest.refused().forEach(refused -> corpus.add(refused.bytes()));
        corpus.removeIf(input -> input.length > 1_000);
        return corpus;
    }

    private static byte[] mutate(byte[] input, List<byte[]> corpus, Random random) {
        String text = new String(input, StandardCharsets.ISO_8859_1);
        for (int i = 1 + random.nextInt(3); i > 0; i--) {
            int at = random.nextInt(text.length() + 1);
            int to = Math.min(text.length(), at + 1 + random.nextInt(8));
            text = switch (random.nextInt(6)) {
                case 0 -> text.substring(0, at) + SNIPPETS[random.nextInt(SNIPPETS.length)] + text.substring(at);
                case 1 -> text.substring(0, at) + text.substring(to);
                case 2 -> text.substring(0, at) + (char) random.nextInt(256) + text.substring(to);
                case 3 -> text.substring(0, at) + text.substring(at, to) + text.substring(at);
                case 4 -> {
                    int line = Math.min(text.length(), text.indexOf("\r\n") + 2);
                    yield text.substring(0, line) + SNIPPETS[random.nextInt(SNIPPETS.length)] + text.substring(line);
                }
                default -> {
                    String other = new String(corpus.get(random.nextInt(corpus.size())), StandardCharsets.ISO_8859_1);
                    yield text.substring(0, at) + other.substring(random.nextInt(other.length() + 1));
                }
            };
        }
        byte[] mutated = text.getBytes(StandardCharsets.ISO_8859_1);
        byte[] ended = Arrays.copyOf(mutated, mutated.length + LINE_ENDS.length);
        System.arraycopy(LINE_ENDS, 0, ended, mutated.length, LINE_ENDS.length);
        return ended;
    }

    @Test
    void parsesAsJettyDoesOrForAReason() {
        long seed = Long.getLong("sluice.fuzz.seed", 20_260_614L);
        Random random = new Random(seed);
        List<byte[]> corpus = corpus();
        List<String> unexplained = new ArrayList<>();
        for (int i = 0; i < ITERATIONS && unexplained.size() < 20; i++) {
            byte[] input = mutate(corpus.get(random.nextInt(corpus.size())), corpus, random);
            String difference = difference(input);
            if (!difference.isEmpty()) {
                unexplained.add(difference + "\n    in " + quoted(input));
            }
        }
        assertThat(unexplained).as("seed " + seed).isEmpty();
        // The lists stay true: what no run meets any more is not listed.
        assertThat(stricter.keySet()).containsAll(JettyDifferences.USUAL);
    }

    private static String quoted(byte[] input) {
        return new String(input, StandardCharsets.ISO_8859_1)
                .replace("\r", "\\r")
                .replace("\n", "\\n")
                .replace("\0", "\\0");
    }

    /** What is unexplained about an input, or an empty text. */
    private String difference(byte[] input) {
        Wire ours = Wire.of(input);
        JettyOracle jetty = JettyOracle.of(input);
        long oursComplete =
                ours.messages().stream().filter(message -> message.complete).count();
        long jettyComplete =
                jetty.messages().stream().filter(message -> message.complete).count();
        for (int i = 0; i < Math.min(oursComplete, jettyComplete); i++) {
            String unlike = unlike(ours.messages().get(i), jetty.messages().get(i));
            if (!unlike.isEmpty()) {
                return unlike;
            }
        }
        if (jettyComplete > oursComplete && !ours.isClosed()) {
            if (ours.status() == 0) {
                return "jetty found more: " + jetty + "; we found " + ours;
            }
            stricter.merge(ours.problem(), 1, Integer::sum);
            return JettyDifferences.isOurStrictness(ours.problem())
                    ? ""
                    : "we refuse: " + ours.problem() + "; jetty found " + jetty;
        }
        if (oursComplete > jettyComplete) {
            return JettyDifferences.isJettysOwn(jetty.refusal(), ours.messages().get((int) jettyComplete))
                    ? ""
                    : "jetty refuses: " + jetty.refusal() + " behind " + jettyComplete + "; we found " + ours;
        }
        return "";
    }

    private static String unlike(Wire.Message ours, JettyOracle.Message jetty) {
        boolean same = ours.method.equals(jetty.method)
                && ours.target.equals(jetty.target)
                && Arrays.equals(ours.body.toByteArray(), jetty.body.toByteArray())
                && fields(ours.fields).equals(fields(jetty.fields));
        return same ? "" : "we found " + ours + "; jetty found " + jetty;
    }

    private static List<String> fields(List<Headers.Field> fields) {
        return fields.stream()
                .map(field -> field.name().toLowerCase(Locale.ROOT) + ": " + JettyDifferences.comparable(field))
                .toList();
    }
}
