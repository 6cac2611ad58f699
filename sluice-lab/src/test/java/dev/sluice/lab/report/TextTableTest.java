package dev.sluice.lab.report;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

/** The table for a terminal. */
class TextTableTest {
    @Test
    void ranksAlignsAndStaysWithinTheWidth() {
        List<String> lines = TextTable.of(SampleResults.plaintext(1)).lines().toList();

        assertThat(lines).allMatch(line -> line.length() <= TextTable.WIDTH_CHARS);
        assertThat(lines.getFirst()).contains("server", "requests/s", "spread", "p99.9", "CPU/req");
        assertThat(lines.get(1)).startsWith(" 1  io_uring  ").contains(">=");
        assertThat(lines.get(13)).startsWith("13  sleep-poll");
        int end = lines.getFirst().indexOf("requests/s") + "requests/s".length();
        assertThat(lines.subList(1, 14))
                .allMatch(line -> Character.isDigit(line.charAt(end - 1)) && line.charAt(end) == ' ');
        assertThat(lines.subList(1, 14))
                .filteredOn(line -> line.contains("nginx"))
                .allMatch(line -> line.contains(" ? "));
        assertThat(String.join(" ", lines)).contains("kqueue has no figures here", "? unknown", ">= the generator may");
        assertThat(lines).allMatch(line -> line.chars().allMatch(c -> c < 128));
    }

    @Test
    void whoIsLevelWithTheFirstIsMarked() {
        String text = TextTable.of(SampleResults.of(
                SampleResults.server("a", 100, 102),
                SampleResults.server("b", 99, 101),
                SampleResults.server("c", 50, 51)));

        assertThat(text.lines().filter(line -> line.endsWith(" ~1")))
                .singleElement()
                .asString()
                .contains(" b ");
        assertThat(text).contains("- ~1 within the noise of the first");
    }

    @Test
    void eachValueOfASweepHasItsTable() {
        String text = TextTable.of(SampleResults.sweep(1));

        assertThat(text.lines().filter(line -> line.matches("[0-9,]+ connections")))
                .containsExactly(
                        "1 connections",
                        "10 connections",
                        "100 connections",
                        "1,000 connections",
                        "10,000 connections");
        assertThat(text).contains("io_uring rises up to").contains("select has no figures here: it was not measured");
    }

    @Test
    void changesOfTwoRunsAreSentences() {
        assertThat(TextTable.changes(
                        SampleResults.of(SampleResults.server("a", 100, 101)),
                        SampleResults.of(SampleResults.server("a", 200, 202))))
                .startsWith("- a is better: Requests a second 100 % higher");
        assertThat(TextTable.changes(SampleResults.sweep(1), SampleResults.sweep(1)))
                .startsWith("1 connections\n- No difference is outside the noise.\n10 connections\n");
        assertThat(TextTable.changes(SampleResults.sweep(1), SampleResults.plaintext(1)))
                .startsWith("- The runs have no value in common.")
                .contains("sweep: connections in the first run, none in the second");
    }

    @Test
    void hostileNameSteersNoTerminal() {
        String name = "\u001b[2J\u001b]0;owned\u0007\u202eevil" + "x".repeat(500);
        String text = TextTable.of(SampleResults.of(
                SampleResults.server(name, 100, 101),
                SampleResults.skipped("gone", "\u001b[31mwhy\r\nnext line"),
                SampleResults.server("b", 50, 51)));

        assertThat(text.replace("\n", "")).doesNotContainPattern("[\\p{Cc}\\u202e]");
        assertThat(text.lines().toList().get(1))
                .hasSizeLessThanOrEqualTo(TextTable.WIDTH_CHARS)
                .contains("?[2J?]0;owned");
    }

    @Test
    void emptyAndEarlyRunsAreTablesToo() {
        assertThat(TextTable.of(SampleResults.of())).contains("No server was measured.");
        assertThat(TextTable.of(SampleResults.incomplete(SampleResults.of(SampleResults.server("a", 1)))))
                .contains("The run was ended early");
    }
}
