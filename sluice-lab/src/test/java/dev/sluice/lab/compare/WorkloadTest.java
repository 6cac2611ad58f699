package dev.sluice.lab.compare;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.FieldSource;
import org.junit.jupiter.params.provider.ValueSource;

class WorkloadTest {
    static final java.util.List<String> presets = Workload.PRESETS;

    @ParameterizedTest
    @FieldSource("presets")
    void everyPresetReadsAndSaysWhatItIs(String name) {
        Workload preset = Workload.preset(name);
        assertThat(preset.words()).isNotEqualTo("a workload of its own");
        assertThat(preset.connections()).isPositive();
        assertThat(preset.serveOptions().isEmpty()).isEqualTo(preset.siteFiles() > 0);
    }

    @Test
    void anUnknownPresetNamesTheOthers() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Workload.preset("plain"))
                .withMessage("no preset is named 'plain'; there are " + String.join(", ", Workload.PRESETS));
    }

    @Test
    void settingsBecomeOptions(@TempDir Path folder) throws Exception {
        Path file = Files.writeString(folder.resolve("mine"), """
                # a comment
                serve.respond = two words
                load.connections = 10
                load.idle = 7
                load.slow-connections = 3
                load.churn = true
                """);
        Workload workload = Workload.read(file);
        assertThat(workload.name()).isEqualTo("custom");
        assertThat(workload.serveOptions()).containsExactly("--respond=two words");
        assertThat(workload.loadOptions())
                .containsExactly("--churn", "--connections=10", "--idle=7", "--slow-connections=3");
        assertThat(workload.held()).isEqualTo(20);
        assertThat(workload.few().held()).isEqualTo(10);
        assertThat(workload.path()).isEqualTo("/");
    }

    @Test
    void aFewConnectionsAreAtFullSpeedAndAThreadEachAtMost() {
        Workload plain = Workload.preset("slow-clients").with("load.threads", "24");
        assertThat(plain.few().loadOptions()).containsExactly("--connections=16", "--threads=16");
        assertThat(plain.with("load.threads", "2").few().loadOptions()).contains("--threads=2");
        assertThat(Workload.preset("plaintext").few().loadOptions()).contains("--threads=1");
    }

    @Test
    void connectionsAreThoseOfTheLoadCommandUnlessTold() {
        assertThat(new Workload("mine", Map.of("load.idle", "6")).held()).isEqualTo(70);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "connections = 5",
                "serve.port = 80",
                "serve.model = epoll",
                "load.json = true",
                "load.connections = 0",
                "load.connections = many",
                "load.idle = -1",
                "load.threads = 0",
                "serve.drain = 5",
                "serve.processes = 2:2",
                "serve.access-log = true",
                "serve.access-log = -",
                "serve.access-log = ",
                "site.bytes = 99999999999"
            })
    void whatIsNoSettingIsRefusedByName(String line, @TempDir Path folder) throws Exception {
        Path file = Files.writeString(folder.resolve("mine"), line);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Workload.read(file))
                .withMessageContaining("mine: ")
                .withMessageContaining(line.substring(0, line.indexOf(' ')));
    }

    @Test
    void aSweepVariesOneSetting() {
        Workload plain = Workload.preset("plaintext");
        Sweep sweep = Sweep.of(plain, Workload.CONNECTIONS, java.util.List.of("1", "1000"));
        assertThat(sweep.name()).isEqualTo("connections");
        assertThat(sweep.points()).extracting(Sweep.Point::value).containsExactly(1.0, 1000.0);
        assertThat(sweep.points())
                .extracting(point -> point.workload().connections())
                .containsExactly(1, 1000);
        Sweep sleeps = Sweep.of(plain, "serve.poll-sleep", java.util.List.of("100us", "1ms"));
        assertThat(sleeps.name()).isEqualTo("poll-sleep (µs)");
        assertThat(sleeps.points()).extracting(Sweep.Point::value).containsExactly(100.0, 1000.0);
        assertThat(Sweep.of(plain, Workload.CONNECTIONS, java.util.List.of("9")).name())
                .isEmpty();
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Sweep.of(plain, Workload.CONNECTIONS, java.util.List.of("1", "x")))
                .withMessageContaining("'x' of load.connections");
    }

    @Test
    void aNumberWithoutAUnitIsRefusedBesideDurations() {
        Workload plain = Workload.preset("plaintext");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Sweep.of(plain, "load.think", java.util.List.of("1", "500us")))
                .withMessageContaining("'1' of load.think has no unit");
        assertThat(Sweep.of(plain, "load.think", java.util.List.of("0", "500us"))
                        .points())
                .extracting(Sweep.Point::value)
                .containsExactly(0.0, 500.0);
    }

    @Test
    void wordsTellWhatItsUserChanged() {
        Workload changed =
                Workload.preset("plaintext").changed("load.rate", "5000").changed("load.connections", "4");
        assertThat(changed.words()).endsWith("; changed: load.rate=5000, load.connections=4");
        assertThat(changed.connections()).isEqualTo(4);
    }
}
