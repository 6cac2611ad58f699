package dev.sluice.lab.report;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.sluice.lab.compare.Results;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The page as a browser shows it: read, hovered, toggled, sorted, printed, without a complaint or a request. */
@Tag("slow")
@Timeout(120)
class ReportPageTest {
    private static final String NAMES = "[...document.querySelectorAll('.ranking .name')].map(e => e.textContent)";

    @TempDir
    private static Path profile;

    @TempDir
    private Path folder;

    private static Browser browser;

    @BeforeAll
    static void start() throws Exception {
        browser = Browser.start(profile);
    }

    @AfterAll
    static void end() throws Exception {
        if (browser != null) {
            browser.close();
        }
    }

    private Path open(Results... runs) throws Exception {
        Path file = folder.resolve("report.html");
        Report.write(List.of(runs), file);
        browser.prefersDark(false);
        browser.width(1400);
        browser.open(file);
        return file;
    }

    private static List<String> texts(String expression) throws Exception {
        return StreamSupport.stream(browser.value(expression).spliterator(), false)
                .map(JsonNode::asText)
                .toList();
    }

    /** What must hold of every page, whatever was done with it. */
    private static void isQuiet(Path file) {
        assertThat(browser.complaints()).isEmpty();
        assertThat(browser.requests())
                .filteredOn(url -> !url.startsWith("data:"))
                .containsExactly(file.toUri().toString());
    }

    private static String background() throws Exception {
        return browser.text("getComputedStyle(document.body).backgroundColor");
    }

    @Test
    void rankingReadsAsTheResultsDo() throws Exception {
        Results results = SampleResults.plaintext(1);
        Path file = open(results);
        Ranking ranking = Ranking.of(results, 0);

        assertThat(texts(NAMES))
                .isEqualTo(ranking.rows().stream().map(Ranking.Row::name).toList());
        assertThat(browser.text("document.querySelector('.hero').textContent"))
                .isEqualTo(Findings.of(ranking).getFirst());
        assertThat(browser.text("document.querySelector('#ranking').textContent"))
                .contains("kqueue (libkqueue.so.0 is not");
        assertThat(browser.text("document.title")).isEqualTo("plaintext \u2013 Sluice report");
        assertThat(browser.value("document.querySelectorAll('canvas').length").asInt())
                .isEqualTo(3);
        assertThat(browser.text("document.querySelector('#table').textContent")).contains("unknown", "io_uring");
        assertThat(browser.text("document.querySelector('#setup').textContent"))
                .contains("6.1.0-28-amd64", "Temurin 25.0.1+8", "seed", "sluice compare --preset plaintext --seed 42");
        isQuiet(file);
    }

    @Test
    void themeTogglesAndIsKept() throws Exception {
        Path file = open(SampleResults.plaintext(1));
        String light = background();
        browser.value("document.getElementById('theme').click()");
        String dark = background();

        assertThat(dark).isNotEqualTo(light);
        assertThat(browser.text("document.getElementById('theme').textContent")).isEqualTo("Light theme");
        isQuiet(file);
        browser.open(file);
        assertThat(background()).isEqualTo(dark);
        browser.value("localStorage.clear()");
        browser.open(file);
        assertThat(background()).isEqualTo(light);
        browser.prefersDark(true);
        assertThat(background()).isEqualTo(dark);
        isQuiet(file);
    }

    @Test
    void chartsAnswerToTheMouse() throws Exception {
        Path file = open(SampleResults.plaintext(1));
        hoverMiddle("#latency .u-over");
        browser.awaitTrue(
                "[...document.querySelectorAll('#latency .value')].every(e => /[µm]?s$/.test(e.textContent))");
        assertThat(browser.text("document.querySelector('#latency .readout').textContent"))
                .startsWith("at percentile 9");
        hoverMiddle("#throughput .u-over");
        browser.awaitTrue(
                "/^[\\w-]+: [\\d,]+\\/s, rounds from /.test(document.querySelector('#throughput .readout').textContent)");
        isQuiet(file);
    }

    private static void hoverMiddle(String selector) throws Exception {
        JsonNode at = browser.value("(() => { const e = document.querySelector('" + selector + "');"
                + "e.scrollIntoView({block: 'center', behavior: 'instant'}); const r = e.getBoundingClientRect();"
                + "return [r.x + r.width / 2, r.y + r.height / 2]; })()");
        browser.hover(at.get(0).asDouble(), at.get(1).asDouble());
        browser.hover(at.get(0).asDouble() + 2, at.get(1).asDouble());
    }

    @Test
    void keyboardReachesAndReadsAll() throws Exception {
        Path file = open(SampleResults.plaintext(1));
        browser.press("Tab", 9, "");
        assertThat(browser.text("document.activeElement.className")).isEqualTo("skip");
        assertThat(browser.text("getComputedStyle(document.activeElement).outlineStyle"))
                .isNotEqualTo("none");
        browser.press("Enter", 13, "\r");
        browser.awaitTrue("location.hash === '#ranking'");

        browser.value("document.querySelector('#throughput .chart').focus()");
        browser.press("ArrowDown", 40, "");
        browser.awaitTrue("document.querySelector('#throughput .readout').textContent.startsWith('io_uring: ')");
        browser.press("End", 35, "");
        browser.awaitTrue("document.querySelector('#throughput .readout').textContent.startsWith('sleep-poll: ')");

        browser.value("document.querySelectorAll('#table thead button')[1].focus()");
        browser.press("Enter", 13, "\r");
        String servers = "[...document.querySelectorAll('#table tbody th')].map(e => e.textContent)";
        assertThat(texts(servers)).startsWith("aio", "busy-poll", "epoll").hasSize(13);
        browser.press("Enter", 13, "\r");
        assertThat(texts(servers)).startsWith("virtual", "threads", "sleep-poll");
        assertThat(browser.text("document.querySelectorAll('#table thead th')[1].getAttribute('aria-sort')"))
                .isEqualTo("descending");
        isQuiet(file);
    }

    @Test
    void unknownFiguresSortLastEitherWay() throws Exception {
        open(SampleResults.plaintext(1));
        String calls =
                "[...document.querySelectorAll('#table thead button')].find(e => e.textContent === 'System calls')";
        String last = "[...document.querySelectorAll('#table tbody tr')].at(-1).textContent";
        browser.value(calls + ".click()");
        assertThat(browser.text(last)).contains("nginx");
        browser.value(calls + ".click()");
        assertThat(browser.text(last)).contains("nginx");
    }

    @Test
    void everyChartHasItsTableAndEveryControlItsName() throws Exception {
        Path file = open(SampleResults.sweep(1));

        assertThat(browser.value("[...document.querySelectorAll('.chart')].every(c => c.getAttribute('aria-label')"
                                + " && c.parentElement.querySelector('details table'))")
                        .asBoolean())
                .isTrue();
        assertThat(browser.value("[...document.querySelectorAll('button, [role=region], summary')].every(e =>"
                                + " e.textContent.trim() || e.getAttribute('aria-label'))")
                        .asBoolean())
                .isTrue();
        isQuiet(file);
    }

    @Test
    void valueOfTheSweepIsChosen() throws Exception {
        Path file = open(SampleResults.incomplete(SampleResults.sweep(1)));
        assertThat(browser.text("document.querySelector('.banner').textContent"))
                .contains("ended early");
        assertThat(texts(NAMES)).doesNotContain("select");
        browser.value("document.querySelectorAll('.values input')[0].click()");
        assertThat(texts(NAMES)).contains("select");
        assertThat(browser.value("document.querySelectorAll('#scaling canvas').length")
                        .asInt())
                .isEqualTo(2);
        assertThat(browser.text("document.querySelector('#scaling .words').textContent"))
                .contains("io_uring rises up to");
        isQuiet(file);
    }

    @Test
    void twoRunsMarkWhatIsBeyondTheNoise() throws Exception {
        Results before = SampleResults.of(SampleResults.server("up", 100, 101), SampleResults.server("same", 90, 95));
        Results after = SampleResults.of(SampleResults.server("up", 150, 151), SampleResults.server("same", 91, 96));
        Path file = open(before, after);
        String first = "document.querySelectorAll('#changes tbody tr')[%d].querySelector('td').textContent";

        assertThat(browser.text(first.formatted(0))).isEqualTo("101/s → 151/s▲ 50 % higher, better");
        assertThat(browser.text(first.formatted(1))).contains("≈ ", "within the noise");
        assertThat(browser.text("document.querySelector('#changes .words').textContent"))
                .startsWith("up is better: Requests a second 50 % higher");
        assertThat(texts("[...document.querySelectorAll('#ranking h3')].map(e => e.textContent)"))
                .containsExactly("First run", "Second run");
        isQuiet(file);
    }

    @Test
    void hostileNamesShowAsText() throws Exception {
        List<String> names = ReportTest.HOSTILE;
        Path file = open(SampleResults.of(names.stream()
                .map(name -> SampleResults.server(name, 100 + name.length(), 101 + name.length()))
                .toArray(Results.ServerResult[]::new)));

        assertThat(texts(NAMES)).containsExactlyInAnyOrderElementsOf(names);
        assertThat(browser.value("document.querySelectorAll('main img, main script').length")
                        .asInt())
                .isZero();
        isQuiet(file);
    }

    @Test
    void narrowPageScrollsNoSideways() throws Exception {
        Path file = open(SampleResults.sweep(1));
        for (int width : new int[] {1400, 768, 390, 360}) {
            browser.width(width);
            browser.awaitTrue("innerWidth === " + width);
            browser.awaitTrue("[...document.querySelectorAll('canvas')].every(e => e.clientWidth <= " + width + ")");
            assertThat(browser.value("document.documentElement.scrollWidth").asInt())
                    .isLessThanOrEqualTo(width);
        }
        isQuiet(file);
    }

    @Test
    void printsLightAndComesBack() throws Exception {
        Path file = open(SampleResults.plaintext(1));
        browser.prefersDark(true);
        String dark = background();
        byte[] pdf = browser.pdf();

        assertThat(new String(pdf, 0, 5, StandardCharsets.ISO_8859_1)).isEqualTo("%PDF-");
        assertThat(pdf).hasSizeGreaterThan(50_000);
        browser.awaitTrue("!document.documentElement.dataset.theme");
        assertThat(background()).isEqualTo(dark);
        isQuiet(file);
    }

    @Test
    void emptyRunIsAPageToo() throws Exception {
        Path file = open(SampleResults.of(SampleResults.skipped("kqueue", "not here")));

        assertThat(browser.text("document.querySelector('.hero').textContent")).isEqualTo("No server was measured.");
        isQuiet(file);
    }
}
