package dev.sluice.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.PrintWriter;
import java.io.StringReader;
import java.io.StringWriter;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** {@code sluice advise}: its rules, its questions, and one run with real servers. */
@Timeout(120)
@EnabledOnOs(OS.LINUX)
@Tag("slow")
class AdviseCommandTest {
    private record Outcome(int status, String out, String err) {}

    private static Outcome run(String... arguments) {
        StringWriter out = new StringWriter();
        StringWriter err = new StringWriter();
        int status = Main.commandLine()
                .setOut(new PrintWriter(out))
                .setErr(new PrintWriter(err))
                .execute(arguments);
        return new Outcome(status, out.toString(), err.toString());
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '"', // there are apostrophes in the words
            value = {
                "--connections=200 --block-per-request=10ms --rate=2000|Take virtual:",
                "--connections=50 --sequential|Take virtual:",
                "--connections=4|Take busy-poll:",
                "--connections=4 --rate=100|Take io_uring:",
                "--connections=5000 --active=2% --systems=linux,windows|Take nio:",
                "--connections=5000 --active=2%|rule: not poll: each of its waits looks at all 4900 silent connections",
                "--connections=5000|rule: not select: can't hold 5,000 connections",
                "--connections=5000|rule: not prefork: can't hold 5,000 connections",
                "--connections=900 --memory=16m|rule: not threads: a thread for each of 900 connections takes more",
                "--connections=100|rule: not busy-poll: it asks every connection again and again",
                "--connections=64 --systems=windows|rule: not epoll: it does not run on Windows",
            })
    void rulesAreShownAndLabelled(String options, String said) {
        Outcome outcome = run(("advise --no-run " + options).split(" "));
        assertThat(outcome.status()).as(outcome.err()).isZero();
        assertThat(outcome.out())
                .contains("By rule, not measured:")
                .contains(said)
                .contains("./sluice serve DIR --model=");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '"', // there are apostrophes in the messages
            value = {
                "--connections=0|connections are 0",
                "--active=0|active share",
                "--active=some|--active is 'some'",
                "--active=200%|active share",
                "--rate=-1|the rate is below 0",
                "--tail=soon|'soon' is no duration",
                "--systems=beos|no system is named 'beos'",
            })
    void aWrongNeedIsOneLine(String option, String message) {
        Outcome outcome = run("advise", "--no-run", option);
        assertThat(outcome.status()).isEqualTo(2);
        assertThat(outcome.err().lines()).singleElement().asString().contains(message);
    }

    @Test
    void theInterviewGivesOptionsAndAsksAgainForWhatIsNoAnswer() throws Exception {
        StringWriter asked = new StringWriter();
        String answers = "many\n1000\n5 %\n\n200us\n\n50ms\n\nyes\nlinux, macos\n";
        assertThat(Interview.ask(new PrintWriter(asked), new BufferedReader(new StringReader(answers))))
                .containsExactly(
                        "--connections=1000",
                        "--active=5%",
                        "--rate=0",
                        "--cpu-per-request=200us",
                        "--block-per-request=0",
                        "--tail=50ms",
                        "--sequential",
                        "--systems=linux,macos");
        assertThat(asked.toString()).contains("'many' is no answer");
    }

    @Test
    void anEndOfInputTakesWhatStandsInBrackets() throws Exception {
        StringWriter asked = new StringWriter();
        assertThat(Interview.ask(new PrintWriter(asked), new BufferedReader(new StringReader(""))))
                .contains("--connections=64", "--active=100%", "--systems=linux");
    }

    @Test
    void measurementsDecideAndAreShown() throws Exception {
        try (SluiceProcess sluice = SluiceProcess.start(
                "advise", "--connections=4", "--rate=200", "--systems=windows", "--tail=10s", "--duration=300ms")) {
            assertThat(sluice.status()).as(sluice.errors()).isZero();
            StringBuilder out = new StringBuilder();
            for (String line = sluice.line(); line != null; line = sluice.line()) {
                out.append(line).append('\n');
            }
            assertThat(out.toString())
                    .containsPattern("Take (nio|aio)")
                    .containsPattern("  \\./sluice serve DIR --model=(nio|aio)\n")
                    .containsPattern("Measured on this machine:\n.*nio: [0-9,]+/s, p99 [0-9,]+ us|.*aio: [0-9,]+/s")
                    .containsPattern("Next is (nio|aio)\\. It would win ")
                    .contains("Left out by rule, not measured:\n  rule: not threads: it does not run on Windows");
        }
    }
}
