package dev.sluice.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledIfEnvironmentVariable;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** {@code bench/kv_crash.py}: the store is killed in the midst of writes, and loses its power. */
@Timeout(1800)
@Tag("slow")
@EnabledOnOs(OS.LINUX)
@EnabledIfEnvironmentVariable(
        named = "SLUICE_BUILT",
        matches = "yes",
        disabledReason = "in ./check only, which builds what ./sluice starts")
class KvCrashTest {
    private static final boolean FULL =
            System.getProperty("sluice.tier", "quick").equals("full");

    /** The power cuts are left out, with a word, where no file can be mounted. */
    @ParameterizedTest
    @CsvSource({"epoll, '', 8, 200, 3, 300", "io_uring, io_uring, 2, 50, 0, 50", "threads, pool, 2, 50, 0, 0"})
    void nothingAcknowledgedIsMissing(String model, String disk, int kills, int fullKills, int cuts, int fullCuts)
            throws Exception {
        Path script = Path.of("").toAbsolutePath().resolveSibling("bench").resolve("kv_crash.py");
        Process process = new ProcessBuilder(List.of(
                        "python3",
                        script.toString(),
                        "--model=" + model,
                        "--disk=" + disk,
                        "--kills=" + (FULL ? fullKills : kills),
                        "--cuts=" + (FULL ? fullCuts : cuts)))
                .redirectErrorStream(true)
                .start();
        try {
            String told = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            assertThat(process.waitFor(10, TimeUnit.SECONDS)).isTrue();
            assertThat(process.exitValue()).as(told).isZero();
            assertThat(told)
                    .contains("kills: nothing missing of")
                    .containsAnyOf("power cuts", cuts == 0 ? "" : "no power cuts");
        } finally {
            process.descendants().forEach(ProcessHandle::destroyForcibly);
            process.destroyForcibly();
        }
    }
}
