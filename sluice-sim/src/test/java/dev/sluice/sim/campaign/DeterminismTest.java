package dev.sluice.sim.campaign;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.sim.scenes.Scenes;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The same seed tells the same story in JVMs that differ in whatever a program might depend on without meaning to. */
@Tag("slow")
@Timeout(120)
class DeterminismTest {
    private static final int SEEDS = 50;

    private static List<String> hashes(String... flags) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(List.of(flags));
        command.addAll(List.of(
                "--enable-native-access=ALL-UNNAMED",
                "-cp",
                System.getProperty("java.class.path"),
                Hashes.class.getName(),
                "" + SEEDS));
        Process process = new ProcessBuilder(command)
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor()).isZero();
        return output.lines().toList();
    }

    /** Identity hashes are random by default (5), or from a counter (3); the collectors lay objects out differently. */
    @Test
    void inOtherJvmsTheSame() throws Exception {
        List<String> one = hashes(
                "-XX:+UnlockExperimentalVMOptions",
                "-XX:hashCode=5",
                "-XX:+UseSerialGC",
                "-Xmx256m",
                "-Duser.timezone=UTC",
                "-Duser.language=en");
        List<String> other = hashes(
                "-XX:+UnlockExperimentalVMOptions",
                "-XX:hashCode=3",
                "-XX:+UseParallelGC",
                "-XX:TieredStopAtLevel=1",
                "-Xmx512m",
                "-Duser.timezone=Asia/Kolkata",
                "-Duser.language=tr");
        List<String> third = hashes("-XX:+UseZGC", "-XX:+UseCompactObjectHeaders", "-Xmx512m");
        assertThat(one).hasSize(Scenes.names().size() * SEEDS).doesNotHaveDuplicates();
        assertThat(other).isEqualTo(one);
        assertThat(third).isEqualTo(one);
    }
}
