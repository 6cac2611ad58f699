package dev.sluice.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** The run that the start-up cache of {@code ./sluice} is made of. */
@Timeout(60)
@EnabledOnOs(OS.LINUX) // where all of its models are
class TrainingTest {
    @Test
    void endsByItselfWhenItsServersHaveAnswered(@TempDir Path folder) throws Exception {
        Path log = folder.resolve("log");
        Process training = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-Xmx128m",
                        "--enable-native-access=ALL-UNNAMED",
                        "--add-opens=java.base/java.lang=ALL-UNNAMED",
                        "-cp",
                        System.getProperty("java.class.path"),
                        Training.class.getName())
                .redirectErrorStream(true)
                .redirectOutput(log.toFile())
                .start();
        try {
            assertThat(training.waitFor(Duration.ofSeconds(50))).isTrue();
            assertThat(training.exitValue()).as(Files.readString(log)).isZero();
            // Two servers a model said so when they ended: "stopped: 20 connections accepted, 0 cut".
            assertThat(Files.readString(log).lines().filter(line -> line.contains("20 connections accepted")))
                    .hasSize(2 * Training.MODELS.size());
        } finally {
            training.destroyForcibly();
        }
    }
}
