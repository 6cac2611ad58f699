package dev.sluice.lab.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.sluice.lab.compare.Results;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.Base64;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** The file that is written: whole, safe, with all that was measured in it. */
class ReportTest {
    static final List<String> HOSTILE = List.of(
            "<img src=x onerror=alert(1)>",
            "</script><script>alert(2)</script>",
            "<!--<script>",
            "\u2028alert(3)\u2029",
            "{{data}} $1 \\u003cb>",
            "\"]}'`${alert(4)}",
            "\ud800 lone");

    private static final Pattern DATA =
            Pattern.compile("<script type=\"application/json\" id=\"data\">(.*?)</script>", Pattern.DOTALL);

    private static Results hostile() {
        return SampleResults.of(HOSTILE.stream()
                .map(name -> SampleResults.server(name, 100 + name.length(), 101 + name.length()))
                .toArray(Results.ServerResult[]::new));
    }

    private static String data(String html) {
        return DATA.matcher(html)
                .results()
                .map(found -> found.group(1))
                .reduce((first, second) -> {
                    throw new AssertionError("two data elements");
                })
                .orElseThrow();
    }

    @Test
    void hostileNamesStayInTheirJson() throws IOException {
        String data = data(Report.html(List.of(hostile())));

        assertThat(data).doesNotContain("<", ">", "&", "\u2028", "\u2029").matches("\\p{ASCII}*");
        JsonNode places = new ObjectMapper().readTree(data).at("/runs/0/ranks/0/places");
        assertThat(places)
                .extracting(place -> place.get("name").textValue())
                .containsExactlyInAnyOrderElementsOf(HOSTILE);
    }

    @Test
    void policyAllowsItsOwnScriptsAndStylesOnly() throws Exception {
        String html = Report.html(List.of(SampleResults.plaintext(1)));
        String policy = Pattern.compile("Content-Security-Policy\" content=\"([^\"]*)\"")
                .matcher(html)
                .results()
                .map(found -> found.group(1))
                .findFirst()
                .orElseThrow();

        assertThat(policy).startsWith("default-src 'none'; ").doesNotContain("unsafe", "http", "*");
        List<String> blocks = Pattern.compile("<(script|style)>(.*?)</\\1>", Pattern.DOTALL)
                .matcher(html)
                .results()
                .map((MatchResult found) -> found.group(2))
                .toList();
        assertThat(blocks).hasSizeGreaterThan(4);
        for (String block : blocks) {
            byte[] digest = MessageDigest.getInstance("SHA-256").digest(block.getBytes(StandardCharsets.UTF_8));
            assertThat(policy).contains("'sha256-" + Base64.getEncoder().encodeToString(digest) + "'");
        }
    }

    @Test
    void nothingIsLoadedAndNoHandlerIsInline() {
        String html = Report.html(List.of(SampleResults.plaintext(1)));

        assertThat(html)
                .doesNotContainPattern("(src|href)=\"(?!#|data:,)")
                .doesNotContainPattern("(?i)<[^>]* on[a-z]+=")
                .doesNotContainPattern("@import|url\\(");
        assertThat(html).contains("uPlot (v1.6.32)", "MIT licence, \u00a9 2022 Leon Sorokin");
    }

    @Test
    void everyServerMachineAndSettingIsInIt() {
        Results results = SampleResults.plaintext(1);
        String data = data(Report.html(List.of(results)));

        results.servers().forEach(server -> assertThat(data).contains("\"" + server.name() + "\"", server.line()));
        assertThat(data)
                .contains(
                        results.machine().kernel(),
                        results.machine().jdk(),
                        results.machine().cpu(),
                        results.command())
                .contains("{\"name\":\"seed\",\"text\":\"42\"}")
                .contains("\"CALLS\":null")
                .contains("libkqueue.so.0 is not installed");
    }

    @Test
    void oneRunOrTwo() {
        Results run = SampleResults.of();

        assertThatThrownBy(() -> Report.html(List.of())).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> Report.html(List.of(run, run, run))).isInstanceOf(IllegalArgumentException.class);
    }
}
