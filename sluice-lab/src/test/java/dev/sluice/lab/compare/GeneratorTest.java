package dev.sluice.lab.compare;

import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A generator that fails, played by a shell. */
@Timeout(60)
@EnabledOnOs({OS.LINUX, OS.MAC}) // sh
class GeneratorTest {
    private static final Duration LONG = Duration.ofMinutes(1);

    @TempDir
    Path folder;

    private Process shell(String script) throws Exception {
        return new ProcessBuilder("sh", "-c", script)
                .redirectError(errors().toFile())
                .start();
    }

    private Path errors() {
        return folder.resolve("generator.txt");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "echo 'taskset: failed to set affinity: Invalid argument' >&2; exit 1 | taskset: failed to set affinity: Invalid argument",
                "printf 'Invalid heap size\\nError: no JVM\\nError: exit.\\n' >&2; exit 1 | Invalid heap size; Error: no JVM; Error: exit.",
                "printf 'WARN x\\nsluice generate: no\\n\\tat a.B\\n' >&2; exit 1 | sluice generate: no",
                "printf 'java.lang.Error: no\\n\\tat a.B\\n' >&2; exit 1 | java.lang.Error: no",
                "echo hello; exit 1 | it printed 'hello'",
                "exit 3 | it ended with status 3",
            })
    void itsFailureIsToldInItsLastWords(String script, String words) throws Exception {
        try (Generator generator = new Generator(shell(script), errors(), LONG)) {
            assertThatExceptionOfType(ServerException.class)
                    .isThrownBy(generator::awaitMeasuring)
                    .withMessage("the generator failed: " + words);
        }
    }

    @Test
    void itsTimeLimitIsTold() throws Exception {
        try (Generator generator = new Generator(shell("read line"), errors(), Duration.ofSeconds(1))) {
            assertThatExceptionOfType(ServerException.class)
                    .isThrownBy(generator::awaitMeasuring)
                    .withMessage("the generator took longer than 1 s and was ended");
        }
    }

    @Test
    void oneThatDiesBeforeItsEndIsAFailureOfThatMeasurement() throws Exception {
        Process process = shell("echo measuring; echo measured; exit 3");
        try (Generator generator = new Generator(process, errors(), LONG)) {
            generator.awaitMeasuring();
            generator.awaitMeasured();
            process.waitFor();
            assertThatExceptionOfType(ServerException.class)
                    .isThrownBy(generator::finish)
                    .withMessage("the generator failed: it ended with status 3");
        }
    }

    @Test
    void aWorkloadThatItDoesNotTakeIsTheUsersMistake() throws Exception {
        try (Generator generator =
                new Generator(shell("echo 'sluice generate: no such option' >&2; exit 2"), errors(), LONG)) {
            assertThatIllegalArgumentException()
                    .isThrownBy(generator::awaitMeasuring)
                    .withMessage("the workload can't be offered: sluice generate: no such option");
        }
    }
}
